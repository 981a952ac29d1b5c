"""Witnesses and a time stamp for bags: keys that anybody can make, and openssl's authority."""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.crypto.notes import KeyType, Signature, SignedNote, Signer, Verifier, signed_note
from ledger.crypto.time_stamps import request
from ledger.exports.export_request import TimeStamp
from tests.log.authority import TestedAuthority

SECONDS = 1_795_000_000


@dataclass(frozen=True, slots=True)
class TestedWitness:
    """A witness whose key follows from its name."""

    __test__ = False

    name: str

    @property
    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    @property
    def key(self) -> Verifier:
        public = self._secret.public_key().public_bytes_raw()
        return Verifier(self.name, public, KeyType.COSIGNATURE)

    def cosigns(self, text: str, seconds: int = SECONDS) -> Signature:
        message = f"cosignature/v1\ntime {seconds}\n{text}"
        value = seconds.to_bytes(8, "big") + self._secret.sign(message.encode())
        return Signature(self.name, self.key.id, value)


def cosigned(text: str, signer: Signer, *witnesses: TestedWitness) -> str:
    """A checkpoint as the log signed it, with the lines of these witnesses."""
    note = signed_note(text, [signer])
    lines = [one.cosigns(text, SECONDS + n) for n, one in enumerate(witnesses)]
    return SignedNote(text, (*note.signatures, *lines)).whole


def stamp_on(authority: TestedAuthority, note: str) -> TimeStamp:
    return TimeStamp(note, authority.answer(request(note.encode()).body))
