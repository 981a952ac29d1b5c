"""Witness policies: what the standard's format says, who suffices, and files that are none."""

from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier, signed_note
from ledger.crypto.policy import Policy, PolicyError
from ledger.errors import CorruptRecordError
from tests.merkle.test_notes import cosigned, key

LOG = key("log.example/one").verifier.text


def witness(name: str) -> str:
    return Verifier(f"{name}.example", key(name).verifier.public, KeyType.COSIGNATURE).text


# C2SP tlog-policy, "Example policy", with keys.
EXAMPLE = f"""
log {LOG}

witness X1 {witness("X1")}
witness X2 {witness("X2")} https://x2.example/submit
witness X3 {witness("X3")}
group X-witnesses 2 X1 X2 X3

  # A comment, and tabs between the words.
witness\tY1 {witness("Y1")}
witness Y2 {witness("Y2")}
witness Y3 {witness("Y3")}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
A, B = f"witness a {witness('a')}\n", f"witness b {witness('b')}\n"
MANY = "".join(f"witness w{n} {witness(f'w{n}')}\n" for n in range(33))
OTHER_TYPE = f"m.example+00000000+{b64encode(bytes([6]) + bytes(1312)).decode()}"

NO_POLICIES: dict[str, tuple[str, int]] = {
    "nothing": ("", 1),
    "no quorum": (A, 1),
    "two quorums": (f"{A}quorum a\nquorum a\n", 3),
    "a quorum of nobody known": (f"{A}quorum b\n", 2),
    "a quorum above its witness": (f"quorum a\n{A}", 1),
    "a quorum of two": (f"{A}{B}quorum a b\n", 3),
    "another word": (f"{A}cosigner a\nquorum a\n", 2),
    "a word in capitals": (f"{A}Quorum a\n", 2),
    "a name twice": (f"{A}witness a {witness('b')}\nquorum a\n", 2),
    "a name of a group": (f"{A}group a any a\nquorum a\n", 2),
    "a witness called none": (f"witness none {witness('a')}\nquorum none\n", 1),
    "a member none": (f"{A}group g any none\nquorum g\n", 2),
    "a key twice": (f"{A}witness b {witness('a')}\nquorum a\n", 2),
    "a log twice": (f"log {LOG}\nlog {LOG}\nquorum none\n", 2),
    "a log's key that cosigns": (f"log {witness('a')}\nquorum none\n", 1),
    "a witness's key that signs": (f"witness a {LOG}\nquorum a\n", 1),
    "a key that is none": ("witness a b+00000000+AAAA\nquorum a\n", 1),
    "a key of a type that is not known": (f"witness a {OTHER_TYPE}\nquorum a\n", 1),
    "a witness without a key": ("witness a\nquorum a\n", 1),
    "a group without members": (f"{A}group g any\nquorum g\n", 2),
    "a group of none": (f"{A}group g 0 a\nquorum g\n", 2),
    "a group of more than it has": (f"{A}group g 2 a\nquorum g\n", 2),
    "a group of a number with a zero in front": (f"{A}group g 01 a\nquorum g\n", 2),
    "a group of a number of other digits": (f"{A}group g １ a\nquorum g\n", 2),
    "a group with a member twice": (f"{A}group g any a a\nquorum g\n", 2),
    "a member of two groups": (f"{A}group g any a\ngroup h any a\nquorum g\n", 3),
    "a group of itself": (f"{A}group g any g\nquorum g\n", 2),
    "carriage returns": (f"{A}quorum a\r\n", 1),
    "more witnesses than are read": (f"{MANY}quorum w0\n", 33),
    "a file that is too long": ("#" * 70_000 + "\nquorum none\n", 1),
}


def test_the_standards_example_is_read_as_the_standard_says() -> None:
    found = Policy.read(EXAMPLE.encode())
    assert [one.text for one in found.logs] == [LOG]
    assert tuple(found.witnesses) == NAMES
    assert found.witnesses["X2"].url == "https://x2.example/submit"
    assert found.witnesses["X1"].url is None
    for count in range(7):
        for names in combinations(NAMES, count):
            of_x = sum(name.startswith("X") for name in names)
            assert found.is_met(names) == (of_x >= 2 and count - of_x >= 1), names


def test_a_quorum_is_a_witness_or_nobody() -> None:
    assert Policy.read(f"{A}{B}quorum b".encode()).is_met(["b"])
    assert not Policy.read(f"{A}{B}quorum b\n".encode()).is_met(["a", "g"])
    assert Policy.read(b"quorum none\n").is_met([])


def test_names_are_octets() -> None:
    names = (b"\xff", b"K", "\u212a".encode(), "\u00a0".encode(), b"\x85")
    lines = [b"witness %s %s\n" % (n, witness(n.hex()).encode()) for n in names]
    found = Policy.read(b"".join(lines) + b"quorum \xff\n")
    assert len(found.witnesses) == len(names)
    assert found.is_met(list(found.witnesses)[:1])
    assert not found.is_met(list(found.witnesses)[1:])


@pytest.mark.parametrize(("text", "line"), NO_POLICIES.values(), ids=NO_POLICIES.keys())
def test_what_is_no_policy_is_refused_by_its_line(text: str, line: int) -> None:
    with pytest.raises(PolicyError, match=f"^line {line} of the witness policy: "):
        Policy.read(text.encode())


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    with suppress(PolicyError):
        Policy.read(content)


def test_cosignatures_are_those_of_the_policys_witnesses() -> None:
    policy = Policy.read(EXAMPLE.encode())
    text = "log.example/one\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    by_log = signed_note(text, [key("log.example/one")])
    lines = list(by_log.signatures)
    for name in ("X1", "Y2", "stranger"):
        _, made = cosigned(text, key(name), 1_700_000_000)
        named = Verifier(f"{name}.example", key(name).verifier.public, KeyType.COSIGNATURE)
        lines.append(Signature(named.name, named.id, made.value))
    note = SignedNote(text, lines)
    assert set(policy.cosignatures(note)) == {"X1", "Y2"}
    assert policy.cosignatures(note)["X1"].seconds == 1_700_000_000
    for at in range(72):
        value = bytearray(lines[1].value)
        value[at] ^= 1
        spoilt = Signature(lines[1].name, lines[1].key_id, bytes(value))
        with pytest.raises(CorruptRecordError):
            policy.cosignatures(SignedNote(text, [lines[0], spoilt]))
    other = SignedNote(text.replace("\n0\n", "\n1\n"), lines)
    with pytest.raises(CorruptRecordError):
        policy.cosignatures(other)


def test_a_signature_of_the_log_is_no_cosignature() -> None:
    public = sha256(b"nobody").digest()
    assert Verifier("a", public).id != Verifier("a", public, KeyType.COSIGNATURE).id
