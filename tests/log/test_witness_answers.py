"""Whatever a witness answers: what it says is verified, kept when it is right, and told if not."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.errors import CorruptRecordError
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from projections.log.witness_requests import WitnessRefusedError, WitnessSilentError, request
from tests.log.signing import Place
from tests.log.witnesses import SIGNER, Shown, SigsumWitness, Told

PLAIN: dict[str, str] = {}


def cosignature(
    shown: Shown, key: SeedSigner, text: str | None = None, seconds: int = 1_700_000_000
) -> Signature:
    """As the witness of that key makes it."""
    signed = text or shown.signed[0].text
    value = key.sign(f"cosignature/v1\ntime {seconds}\n{signed}".encode())
    return Signature(key.name, witness(key).id, seconds.to_bytes(8, "big") + value)


def witness(key: SeedSigner) -> Verifier:
    return Verifier(key.name, key.verifier.public, KeyType.COSIGNATURE)


W1 = SeedSigner("w1.example", b"1" * 32)
W2 = SeedSigner("w2.example", b"2" * 32)
STRANGER = "— somebody.example AAAAAAAA"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[Told, Shown]]:
    with Told([(200, PLAIN, b"")]).running() as server:
        lines = (
            f"witness one {witness(W1).text} {server.url}/prefix/\n"
            f"witness two {witness(W2).text}\n"
            "group both all one two\nquorum both\n"
        )
        shown = Shown(Place(tmp_path), Policy.read(lines.encode()))
        shown.grow(300)
        yield server, shown


def test_what_is_sent_is_what_the_standard_says(told: tuple[Told, Shown]) -> None:
    server, shown = told
    made = cosignature(shown, W1)
    server.answers = [(409, PLAIN, b"256\n"), (200, PLAIN, f"{STRANGER}\n{made.line}\n".encode())]
    assert shown.asking(name="one").cosigned(*shown.signed) == made
    assert [path for path, _ in server.asked] == ["/prefix/add-checkpoint"] * 2
    note = shown.signed[0]
    assert server.asked[0][1] == f"old 0\n\n{note.full_text}".encode()
    head, _, rest = server.asked[1][1].decode().partition("\n\n")
    assert rest == note.full_text
    assert head.startswith("old 256\n")
    assert request(7, [bytes(32)], note).startswith(b"old 7\nAAAAAAAAAAAAAAAA")


ANSWERS: dict[str, tuple[tuple[int, dict[str, str], bytes], type[Exception], str]] = {
    "another key": ((200, PLAIN, f"{STRANGER}\n".encode()), WitnessRefusedError, "another key"),
    "nothing": ((200, PLAIN, b""), WitnessRefusedError, "something else than signatures"),
    "no text": ((200, PLAIN, b"\xff\xfe\n"), WitnessRefusedError, "something else"),
    "a page": ((200, PLAIN, b"<html>hello</html>"), WitnessRefusedError, "something else"),
    "many lines": (
        (200, PLAIN, f"{STRANGER}\n".encode() * 17),
        WitnessRefusedError,
        "more lines",
    ),
    "too much": ((200, PLAIN, b"x" * 70_000), WitnessSilentError, "more than 65536 bytes"),
    "less than it says": (
        (200, {"Content-Length": "99"}, b"short"),
        WitnessSilentError,
        "ends too early|in time",
    ),
    "409 without a size": ((409, PLAIN, b"conflict"), WitnessRefusedError, "without a size"),
    "409 with a size below zero": ((409, PLAIN, b"-1\n"), WitnessRefusedError, "without a size"),
    "409 with the size asked with": ((409, PLAIN, b"0\n"), WitnessRefusedError, "another history"),
    "409 with a size beyond": ((409, PLAIN, b"301\n"), WitnessRefusedError, "seen 301 events"),
    "403": ((403, PLAIN, b""), WitnessRefusedError, "does not know the key"),
    "404": ((404, PLAIN, b""), WitnessRefusedError, "does not know this log"),
    "400": ((400, PLAIN, b""), WitnessRefusedError, "status 400"),
    "422": ((422, PLAIN, b""), WitnessRefusedError, "another history"),
    "429": ((429, PLAIN, b""), WitnessSilentError, "status 429"),
    "503": ((503, PLAIN, b""), WitnessSilentError, "status 503"),
    "a redirect": (
        (307, {"Location": "http://127.0.0.1:9/"}, b""),
        WitnessRefusedError,
        "status 307",
    ),
}


@pytest.mark.parametrize(("answer", "error", "said"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_no_cosignature_is_told(
    told: tuple[Told, Shown],
    answer: tuple[int, dict[str, str], bytes],
    error: type[Exception],
    said: str,
) -> None:
    server, shown = told
    server.answers = [answer]
    with pytest.raises(error, match=said):
        shown.asking(name="one").cosigned(*shown.signed)


def test_a_witness_that_names_other_sizes_again_and_again_is_left_alone(
    told: tuple[Told, Shown],
) -> None:
    server, shown = told
    server.answers = [(409, PLAIN, b"%d\n" % n) for n in (5, 6, 7, 8)]
    with pytest.raises(WitnessSilentError, match="another size each time"):
        shown.asking(name="one").cosigned(*shown.signed)
    assert len(server.asked) == 3


def test_a_cosignature_with_any_bit_changed_is_refused(told: tuple[Told, Shown]) -> None:
    server, shown = told
    made = cosignature(shown, W1)
    for at in range(len(made.value)):
        value = bytearray(made.value)
        value[at] ^= 0x80
        spoilt = Signature(made.name, made.key_id, bytes(value))
        server.answers = [(200, PLAIN, f"{spoilt.line}\n".encode())]
        with pytest.raises(WitnessRefusedError, match="cosignature is wrong"):
            shown.asking(name="one").cosigned(*shown.signed)


def test_a_cosignature_of_a_time_to_come_is_refused(told: tuple[Told, Shown]) -> None:
    server, shown = told
    for ahead, is_taken in ((3_000, True), (4_000, False)):
        made = cosignature(shown, W1, seconds=int(time.time()) + ahead)
        server.answers = [(200, PLAIN, f"{made.line}\n".encode())]
        if is_taken:
            assert shown.asking(name="one").cosigned(*shown.signed) == made
            continue
        with pytest.raises(WitnessRefusedError, match="clock"):
            shown.asking(name="one").cosigned(*shown.signed)


def test_only_enough_cosignatures_make_a_cosigned_checkpoint(told: tuple[Told, Shown]) -> None:
    _, shown = told
    note, _ = shown.signed
    [by_log] = note.signatures
    one, two = (shown.policy.witnesses[name] for name in ("one", "two"))
    first = cosignature(shown, W1)
    assert not shown.cosigned.add(note.text, by_log, one, first)
    assert shown.cosigned.newest() is None
    value = W2.sign(f"cosignature/v1\ntime 5\n{note.text}".encode())
    second = Signature("w2.example", two.key.id, (5).to_bytes(8, "big") + value)
    assert shown.cosigned.add(note.text, by_log, two, second)
    seen = shown.cosigned.newest()
    assert seen is not None
    assert list(seen.note.signatures) == [by_log, first, second]
    assert seen.seconds == first.seconds
    # A second cosignature of the same witness changes nothing that is kept.
    later = W1.sign(f"cosignature/v1\ntime 9\n{note.text}".encode())
    again = Signature("w1.example", one.key.id, (9).to_bytes(8, "big") + later)
    assert shown.cosigned.add(note.text, by_log, one, again)
    assert shown.cosigned.newest() == seen


def test_two_checkpoints_of_one_size_are_not_kept_both(told: tuple[Told, Shown]) -> None:
    _, shown = told
    note, _ = shown.signed
    [by_log] = note.signatures
    one = shown.policy.witnesses["one"]
    shown.cosigned.add(note.text, by_log, one, cosignature(shown, W1))
    text = Checkpoint(SIGNER.name, 300, bytes(32)).text
    signed = Signature(SIGNER.name, SIGNER.verifier.id, SIGNER.sign(text.encode()))
    with pytest.raises(CorruptRecordError, match="another checkpoint of this size"):
        shown.cosigned.add(text, signed, one, cosignature(shown, W1, text))


@pytest.mark.parametrize("content", [b"", b"\xff", b"a\n1\n\n"])
def test_a_damaged_file_of_a_witness_is_written_anew(
    told: tuple[Told, Shown], content: bytes
) -> None:
    server, shown = told
    made = cosignature(shown, W1)
    server.answers = [(200, PLAIN, f"{made.line}\n".encode())]
    shown.caller(name="one").step()
    folder = shown.place.path / "log/cosignatures"
    for file in [one for one in folder.rglob("*") if one.is_file()]:
        file.write_bytes(content)
    (shown.place.path / "log/cosigned").write_bytes(content)
    assert shown.cosigned.newest() is None
    shown.caller(name="one").step()
    seen = shown.cosigned.by(shown.policy.witnesses["one"])
    assert seen is not None
    assert seen.checkpoint.size == 300


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[SigsumWitness]:
    made = SigsumWitness(tmp_path / "debian", SIGNER.verifier)
    with made.running():
        yield made


@pytest.fixture
def shown_to_debian(debian: SigsumWitness, tmp_path: Path) -> Shown:
    policy = Policy.read(f"log {SIGNER.verifier.text}\n{debian.line}quorum debian\n".encode())
    return Shown(Place(tmp_path), policy)


def test_debians_witness_cosigns_a_growing_log(
    shown_to_debian: Shown, debian: SigsumWitness
) -> None:
    caller = shown_to_debian.caller()
    for size in (0, 1, 7, 256, 257, 1000):
        shown_to_debian.grow(size)
        before = int(time.time())
        caller.step()
        seen = shown_to_debian.cosigned.newest()
        assert seen is not None
        assert seen.checkpoint == Checkpoint(
            SIGNER.name, size, root_of(shown_to_debian.place.events)
        )
        assert before - 1 <= seen.seconds <= time.time() + 1
        keys = [key for key, _ in seen.note.verified([SIGNER.verifier, debian.key])]
        assert keys == [SIGNER.verifier, debian.key]
        assert shown_to_debian.cosigned.by(caller.request.witness) == seen
    # What was cosigned at a size stays.
    for size, name in ((0, "000"), (7, "007"), (256, "256"), (1000, "x001/000")):
        file = f"cosignatures/{SIGNER.verifier.id.hex()}/at/{name}"
        note = SignedNote.read(shown_to_debian.place.folder.note(file) or "")
        assert Checkpoint.read(note.text).size == size
        assert len(note.verified([SIGNER.verifier, debian.key])) == 2


def test_a_size_that_is_not_known_here_is_asked_for(
    shown_to_debian: Shown, debian: SigsumWitness
) -> None:
    shown_to_debian.grow(300)
    shown_to_debian.asking().cosigned(*shown_to_debian.signed)
    shown_to_debian.grow(700)
    for known in (0, 5, 299, 700, 9_999):
        asking = shown_to_debian.asking(known)
        made = asking.cosigned(*shown_to_debian.signed)
        assert debian.key.verifies(shown_to_debian.signed[0].text, made.value)
        assert asking.size == 700


def test_a_stale_log_is_refused(shown_to_debian: Shown) -> None:
    shown_to_debian.grow(300)
    stale = shown_to_debian.signed
    shown_to_debian.grow(700)
    shown_to_debian.asking().cosigned(*shown_to_debian.signed)
    with pytest.raises(WitnessRefusedError, match="has seen 700 events and the log has 300"):
        shown_to_debian.asking(10).cosigned(*stale)


@pytest.mark.parametrize("size", [700, 701, 1000])
def test_a_rewritten_history_is_refused(shown_to_debian: Shown, tmp_path: Path, size: int) -> None:
    shown_to_debian.grow(700)
    shown_to_debian.asking().cosigned(*shown_to_debian.signed)
    twin = Shown(Place(tmp_path / "twin"), shown_to_debian.policy)
    twin.place.path.mkdir()
    twin.place.grow(350)
    twin.grow(size, "rewritten")
    for known in (0, 700):
        with pytest.raises(WitnessRefusedError, match="history"):
            twin.asking(known).cosigned(*twin.signed)


def test_a_witness_that_is_down_is_asked_less_and_less(tmp_path: Path) -> None:
    debian = SigsumWitness(tmp_path / "debian", SIGNER.verifier)
    policy = Policy.read(f"{debian.line}quorum debian\n".encode())
    shown_to_debian = Shown(Place(tmp_path), policy)
    shown_to_debian.grow(7)
    caller = shown_to_debian.caller(seconds=1.0)
    pauses = [caller.step() for _ in range(12)]
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == 900.0
    assert shown_to_debian.cosigned.newest() is None
    with debian.running():
        assert caller.step() == 1.0
    seen = shown_to_debian.cosigned.newest()
    assert seen is not None
    assert seen.checkpoint.size == 7
