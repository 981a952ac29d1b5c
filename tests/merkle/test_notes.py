"""Signed notes: the standard's example, cosignatures, and notes that are none."""

from dataclasses import dataclass
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier, signed_note
from ledger.errors import CorruptRecordError

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
    assert note.whole == NOTE
    assert [found.name for found, _ in note.verified([known])] == ["example.com/foo"]


def test_signatures_of_unknown_keys_are_left_alone() -> None:
    note = SignedNote.read(f"{TEXT}\n{UNKNOWN}\n{LINE}\n")
    assert len(note.signatures) == 2
    assert len(note.verified([Verifier.read(KEY)])) == 1


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
    assert SignedNote.read(note.whole) == note
    found = note.verified([other.verifier, ours.verifier])
    assert [one.name for one, _ in found] == ["ledger.example.jp/main", "other.example/key"]


def test_a_cosignature_says_when_and_is_verified_with_its_time() -> None:
    text = signed_note("a\n", [key("a")]).text
    witness, signature = cosigned(text, key("witness.example"), 1_790_000_000)
    note = SignedNote(text, (signature,))
    assert SignedNote.read(note.whole).verified([witness])[0][1].seconds == 1_790_000_000
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


@pytest.mark.parametrize("content", NO_NOTES.values(), ids=NO_NOTES.keys())
def test_what_is_not_written_as_a_note_is_refused(content: str) -> None:
    with pytest.raises(CorruptRecordError):
        SignedNote.read(content)


def test_a_text_with_an_empty_line_in_it_is_split_at_the_last_one() -> None:
    note = signed_note("one\n\ntwo\n", [key("a")])
    assert SignedNote.read(note.whole).text == "one\n\ntwo\n"


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


@pytest.mark.parametrize("text", NO_KEYS.values(), ids=NO_KEYS.keys())
def test_what_is_not_written_as_a_key_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        Verifier.read(text)
