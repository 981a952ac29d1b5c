"""Random bytes in blocks: each byte goes to one who asks, in one process."""

import hmac
import subprocess
import sys
import threading
from hashlib import sha256
from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto import nfc15
from ledger.crypto.encoding import LEDGER_BYTES_MAX, keyed, ledger_prefix
from ledger.crypto.names import folded_name
from ledger.crypto.nfc15 import nfc
from ledger.crypto.normal_forms import WHITE_SPACE, email_1, exact_1, phone_e164_1
from ledger.crypto.random import Pool
from ledger.format.header import ACTOR_LENGTH_MAX
from ledger.format.types import ATTACHED_MAX, HEADER_BYTES_MAX, KEYS_MAX, TYPES, EventType
from tests.matrix import every


@every("size", [0, 1, 12, 16, 32, 4_096, 4_097, 10_000])
def test_as_many_bytes_come_as_were_asked_for(size: int) -> None:
    pool = Pool()
    assert [len(pool(size)) for _ in range(5)] == [size] * 5


def test_no_bytes_are_given_twice() -> None:
    pool = Pool()
    given = [pool(12) for _ in range(5_000)]
    assert len(set(given)) == len(given)


def test_threads_share_no_bytes() -> None:
    pool = Pool()
    found: list[list[bytes]] = [[] for _ in range(8)]

    def draw(mine: list[bytes]) -> None:
        mine.extend(pool(16) for _ in range(5_000))

    threads = [threading.Thread(target=draw, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [one for mine in found for one in mine]
    assert len(set(given)) == len(given) == 40_000
    assert {len(one) for one in given} == {16}


FORKING = """
import os
from ledger.crypto.random import drawn
drawn(1)  # a block is begun
child = os.fork()
os.write(1, drawn(32).hex().encode() + b"\\n")  # in one write: both have the same pipe
if child:
    os.waitpid(child, 0)
"""


def test_a_forked_process_gets_other_bytes_than_its_parent() -> None:
    # In a program of its own: this one may have threads, and forks badly.
    done = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, text=True, check=True
    )
    its, other = done.stdout.split()
    assert its != other


# -- the keyed hash of the formulas: RFC 2104, as the library has it and as its vectors say --------

# RFC 4231, test cases 1, 2, 3, 6 and 7: short keys, and keys longer than a block.
VECTORS = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data."
            b" The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)


@every("key, message, digest", VECTORS)
def test_the_vectors_of_the_standard_come_out(key: bytes, message: bytes, digest: str) -> None:
    assert keyed(key, message).hex() == digest


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_it_is_the_hmac_of_the_library_for_any_key_and_message(key: bytes, message: bytes) -> None:
    assert keyed(key, message) == hmac.digest(key, message, "sha256")


# -- what a header may say has a bound for each type, and the bounds add up to a header's bound ----

NUMBER = len(str(2**53 - 1))
HASH = 64 + 2


def member(name: str, value: int) -> int:
    """Quotes, colon and comma of a member besides its value."""
    return len(name) + 4 + value


def values(name: str, spec: EventType) -> dict[str, int]:
    """The most bytes of each member's value."""
    facts = 2 + sum(member(fact, kind.bytes_max) for fact, kind in spec.facts.items())
    document = 2 + member("sha256", HASH) + member("size", NUMBER)
    return {
        "actor": ACTOR_LENGTH_MAX + 2,
        "at": len('"2026-11-24T00:03:02.120Z"'),
        "attached": 2 + ATTACHED_MAX * (document + 1),
        "blind": 32 + 2,
        "command": 36 + 2,
        "copies": 2 + member("position", NUMBER) + member("version", NUMBER),
        "facts": facts,
        "judged_at": NUMBER,
        "keys": 2 + KEYS_MAX * (HASH + 1),
        "ledger": LEDGER_BYTES_MAX + 2,
        "lines": 2 + member("count", 4) + member("first", NUMBER) + member("root", HASH),
        "parts": 2 + member("count", NUMBER) + member("lines", NUMBER) + member("root", HASH),
        "sealed": 2 + member("key", HASH) + member("sha256", HASH) + member("size", NUMBER),
        "statement": HASH,
        "stream": 36 + 2,
        "type": len(name) + 2,
        "v": 1,
        "version": NUMBER,
    }


@every("name", TYPES)
def test_no_header_can_be_longer_than_its_bound(name: str) -> None:
    spec = TYPES[name]
    sizes = values(name, spec)
    assert 2 + sum(member(key, sizes[key]) for key in spec.allowed) <= HEADER_BYTES_MAX


def test_a_ledgers_name_is_written_without_escapes() -> None:
    for good in ("demo", "ledger-1", "台帳", "x" * 100):
        assert ledger_prefix(good)[4:].decode() == good
    for bad in ("", "x" * 101, "a b", 'a"b', "a+b", "a/b", "a\\b", "a\nb", "a\x7f", "台" * 34):
        with pytest.raises(ValueError, match="1 to 100 bytes"):
            ledger_prefix(bad)


# -- normal forms: the same on every Python, and only as much folding as their name says -----------

# SHA-256 over "CODE CLASS DECOMPOSITION\n" of all characters with a combining class or a canonical
# decomposition in Unicode 15.0, Hangul left out.
TABLES_OF_15_0 = "5294a9b42e4175e189a4cde6b13d3a544584a49db9f60c54f16c39feecb38265"


def test_the_tables_are_those_of_unicode_15_0_whatever_python_this_is() -> None:
    later = {n for first, last in nfc15.LATER for n in range(first, last + 1)}
    digest = sha256()
    for code in range(0x110000):
        char = chr(code)
        if code in later or 0xAC00 <= code <= 0xD7A3:
            continue
        own_class = nfc15.class_of(char)
        canonical = decomposition(char)
        if canonical.startswith("<"):
            canonical = ""
        if own_class or canonical:
            digest.update(f"{code:X} {own_class} {canonical}\n".encode())
    assert digest.hexdigest() == TABLES_OF_15_0


@every(
    "text, form",
    [
        ("が", "が"),
        ("Å", "Å"),
        ("각", "각"),
        # Marks of 15.0: U+1E4EE (220) goes before U+1E4EF (230), and neither composes.
        ("a\U0001e4ef\U0001e4ee", "a\U0001e4ee\U0001e4ef"),
        # A mark of 15.0 with a lower class lets an accent reach its letter; an equal one does not.
        ("e\U0001e4ee\u0301", "é\U0001e4ee"),
        ("e\U0001e4ef\u0301", "e\U0001e4ef\u0301"),
        # Characters that came later stay as they are: no composition (16.0), no reordering (16.0).
        ("\U000105d2\u0307", "\U000105d2\u0307"),
        ("\U000105c9", "\U000105c9"),
        ("a\u0301\u0897\u0323", "á\u0897\u0323"),
        ("か\U000105c9\u3099が", "か\U000105c9\u3099が"),
    ],
)
def test_nfc_is_that_of_unicode_15_0(text: str, form: str) -> None:
    assert nfc(text) == form
    assert nfc(form) == form


@given(st.text(st.sampled_from("aeがかẹ́é각ᄀ\u0301\u0323\u3099\u0345ǖ")))
def test_the_slow_path_is_the_librarys_where_both_can_go(text: str) -> None:
    marked = text + "\U0001e4ee"
    ordered = nfc15.composed(nfc15.ordered_marks(normalize("NFD", text)))
    assert ordered == normalize("NFC", text) == nfc(text)
    assert nfc(marked).replace("\U0001e4ee", "") == normalize("NFC", text) or combining(text[-1])


def test_white_space_comes_off_at_both_ends_only() -> None:
    assert exact_1(f"{WHITE_SPACE}M 1{WHITE_SPACE}") == "M 1"
    assert exact_1("\x1cM\x1f\u200b") == "\x1cM\x1f\u200b"
    assert len(WHITE_SPACE) == len(set(WHITE_SPACE)) == 25
    assert exact_1("Abc") != exact_1("abc")


def test_an_address_differs_neither_by_case_nor_by_width() -> None:
    assert email_1(" Hanako@Example.JP\n") == email_1("Hanako@EXAMPLE.jp") == "hanako@example.jp"
    assert email_1("h.a+b@example.jp") != email_1("ha@example.jp")


@every(
    "text, form",
    [
        ("03-0000-0000", "+81300000000"),
        ("090 0000 0000", "+819000000000"),
        ("(03)0000-0000", "+81300000000"),
        ("+81 (0)3-0000-0000", "+81300000000"),
        ("+81-3-0000-0000", "+81300000000"),
        ("０３ー００００ー００００", "+81300000000"),
        ("010 81 3 0000 0000", "+81300000000"),
        ("0081300000000", "+81300000000"),
        ("+1 (202) 555-0100", "+12025550100"),
        ("extension 12", "extension 12"),
        ("110", "110"),
        ("+12", "+12"),
    ],
)
def test_a_telephone_number_is_one_however_it_is_written(text: str, form: str) -> None:
    assert phone_e164_1(text) == form


def test_names_are_folded_to_candidates() -> None:
    assert folded_name("髙橋 はなこ") == folded_name("高橋　ハナコ") == folded_name("高橋ﾊﾅｺ")
    assert folded_name("渡邊\U000e0101") == folded_name("渡邉") == folded_name("渡辺")
    assert folded_name("きょうこ") == folded_name("キヨウコ")
    assert folded_name("高橋") != folded_name("高梁")
