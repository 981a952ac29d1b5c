"""Signed notes: the standard's example, cosignatures, and notes that are none."""

from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier, signed_note
from ledger.crypto.policy import Policy, PolicyError
from ledger.errors import CorruptRecordError
from ledger.merkle import EMPTY_ROOT
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from tests.matrix import every

# C2SP signed-note, "Verifier keys", "Example".
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKu"
    "wHjG1Yu72IneyaQM="
)
NOTE = f"{TEXT}\n{LINE}\n"
UNKNOWN = "— somebody.example AAAAAAAA"


@dataclass(frozen=True)
class FileKey:
    """A signer as the tests need one."""

    name: str
    secret: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.secret.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self.secret.sign(message)


def key(name: str) -> FileKey:
    return FileKey(name, Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


def cosigned(text: str, by: FileKey, seconds: int) -> tuple[Verifier, Signature]:
    """As a witness signs (C2SP tlog-cosignature)."""
    witness = Verifier(by.name, by.verifier.public, KeyType.COSIGNATURE)
    message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    return witness, Signature(by.name, witness.id, seconds.to_bytes(8, "big") + by.sign(message))


def test_the_standards_example_is_verified() -> None:
    known = Verifier.read(KEY)
    note = SignedNote.read(NOTE)
    assert known.text == KEY
    assert note.text == TEXT
    assert note.full_text == NOTE
    assert [found.name for found, _ in note.verified([known])] == ["example.com/foo"]


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(CorruptRecordError, match="no known key"):
        SignedNote.read(NOTE).verified([key("example.com/foo").verifier])
    with pytest.raises(CorruptRecordError, match="no known key"):
        SignedNote.read(NOTE).verified([])


@given(st.integers(0, len(TEXT) - 2), st.integers(1, 127))
def test_another_text_is_refused(at: int, flip: int) -> None:
    other = TEXT[:at] + chr((ord(TEXT[at]) ^ flip) | 0x20) + TEXT[at + 1 :]
    if other == TEXT:
        return
    with pytest.raises(CorruptRecordError, match="wrong"):
        SignedNote(other, SignedNote.read(NOTE).signatures).verified([Verifier.read(KEY)])


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60))
def test_what_we_sign_is_read_and_verified(line: str) -> None:
    ours, other = key("ledger.example.jp/main"), key("other.example/key")
    note = signed_note(f"{line}\n", [ours, other])
    assert SignedNote.read(note.full_text) == note
    found = note.verified([other.verifier, ours.verifier])
    assert [one.name for one, _ in found] == ["ledger.example.jp/main", "other.example/key"]


def test_a_cosignature_says_when_and_is_verified_with_its_time() -> None:
    text = signed_note("a\n", [key("a")]).text
    witness, signature = cosigned(text, key("witness.example"), 1_790_000_000)
    note = SignedNote(text, (signature,))
    assert SignedNote.read(note.full_text).verified([witness])[0][1].seconds == 1_790_000_000
    later = Signature(
        signature.name, signature.key_id, (1_790_000_001).to_bytes(8, "big") + signature.value[8:]
    )
    with pytest.raises(CorruptRecordError, match="wrong"):
        SignedNote(text, (later,)).verified([witness])


def test_the_same_key_has_another_id_for_another_kind_of_signature() -> None:
    ours = key("a").verifier
    assert Verifier("a", ours.public, KeyType.COSIGNATURE).id != ours.id


NO_NOTES = {
    "nothing": "",
    "no signature": TEXT,
    "no empty line": f"{TEXT}{LINE}\n",
    "no newline at the end": NOTE[:-1],
    "an empty line at the end": NOTE + "\n",
    "a hyphen for the dash": NOTE.replace("— ", "- "),
    "two blanks": NOTE.replace("foo Uw", "foo  Uw"),
    "a name with a plus": NOTE.replace("— example", "— +example"),
    "a signature that is not base64": NOTE.replace("=\n", "\n"),
    "a signature with bits behind": NOTE.replace("QM=", "QN="),
    "a key's id alone": f"{TEXT}\n— a AAAAAA==\n",
    "a control character": NOTE.replace("example message", "example\x07message"),
    "a carriage return": NOTE.replace("\n", "\r\n"),
    "65 signatures": f"{TEXT}\n" + f"{UNKNOWN}\n" * 65,
}


@every("content", NO_NOTES.values())
def test_what_is_not_written_as_a_note_is_refused(content: str) -> None:
    with pytest.raises(CorruptRecordError):
        SignedNote.read(content)


NO_KEYS = {
    "nothing": "",
    "a name alone": "example.com/foo",
    "another id": KEY.replace("530d903a", "530d903b"),
    "another key": KEY.replace("AekyeR", "AekyeS"),
    "a kind that is not known": "a+00000000+BgAA",
    "a key that is short": "a+00000000+AQAA",
    "not base64": KEY + "*",
    "a name with a blank": KEY.replace("example.com/foo", "example.com foo"),
}


@every("text", NO_KEYS.values())
def test_what_is_not_written_as_a_key_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        Verifier.read(text)


# -- checkpoints and receipts: the standard's texts, and texts that are none -----------------------

# C2SP tlog-checkpoint, "Note text".
STANDARD = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

NO_CHECKPOINTS = {
    "nothing": "",
    "no newline at the end": STANDARD[:-1],
    "no origin": f"\n1\n{ROOT}\n",
    "an origin with a plus": f"a+b\n1\n{ROOT}\n",
    "an origin with a blank": f"a b\n1\n{ROOT}\n",
    "no size": f"a\n\n{ROOT}\n",
    "a size with a zero in front": f"a\n01\n{ROOT}\n",
    "a size below zero": f"a\n-1\n{ROOT}\n",
    "a size of other digits": f"a\n１\n{ROOT}\n",
    "a size of twenty digits": f"a\n{'9' * 20}\n{ROOT}\n",
    "no root": "a\n1\n",
    "a short root": "a\n1\nAAAA\n",
    "a root with bits behind": f"a\n1\n{ROOT[:-2]}J=\n",
    "a root that is not base64": f"a\n1\n{ROOT[:-4]}\n",
    "an empty line at the end": STANDARD + "\n",
    "a carriage return": STANDARD.replace("\n", "\r\n"),
}


def test_the_standards_example_is_read_and_written() -> None:
    found = Checkpoint.read(STANDARD)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert found.text == STANDARD


def test_lines_after_the_root_are_allowed_and_not_kept() -> None:
    assert Checkpoint.read(STANDARD + "more\n") == Checkpoint.read(STANDARD)


@every("text", NO_CHECKPOINTS.values())
def test_what_is_not_written_as_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        Checkpoint.read(text)


hashes = st.binary(min_size=32, max_size=32)


@given(
    st.integers(0, 2**60),
    st.lists(hashes, max_size=63),
    st.binary(max_size=40),
    st.integers(0, 2**60),
    hashes,
)
def test_a_receipt_is_read_as_it_was_written(
    index: int, path: list[bytes], extra: bytes, size: int, root: bytes
) -> None:
    note = Checkpoint("ledger.example.jp/main", size, root).text + "\n— a AAAAAAA=\n"
    receipt = LogReceipt(index, tuple(path), note, extra)
    assert LogReceipt.read(receipt.text) == receipt


RECEIPT = LogReceipt(7, (EMPTY_ROOT,), STANDARD + "\n— a AAAAAAA=\n", b"x").text

NO_RECEIPTS = {
    "nothing": "",
    "another version": RECEIPT.replace("@v1", "@v2"),
    "no empty line": RECEIPT.split("\n\n", maxsplit=1)[0] + "\n",
    "no index": RECEIPT.replace("index 7\n", ""),
    "an index with a zero in front": RECEIPT.replace("index 7", "index 07"),
    "an index below zero": RECEIPT.replace("index 7", "index -7"),
    "an extra that is not base64": RECEIPT.replace("extra eA==", "extra eA="),
    "a hash that is short": RECEIPT.replace("47DEQpj8", "", 1),
    "a path of 64": RECEIPT.replace("index 7\n", "index 7\n" + f"{ROOT}\n" * 64),
    "an extra after the index": RECEIPT.replace("extra eA==\nindex 7", "index 7\nextra eA=="),
}


@every("text", NO_RECEIPTS.values())
def test_what_is_not_written_as_a_receipt_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        LogReceipt.read(text)


# -- witness policies: what the standard's format says, who suffices, and files that are none ------

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


@every("text, line", NO_POLICIES.values())
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
