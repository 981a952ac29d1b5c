"""A signer of the tests, and a ledger that is only its leaf hashes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.crypto.notes import SignedNote, Verifier
from ledger.merkle import leaf_hash
from ledger.merkle.checkpoint import Checkpoint
from projections.log.anchor import FileAnchor
from projections.log.folder import TileFolder
from projections.log.integrator import Integrator

ORIGIN = "ledger.example.jp/test"


@dataclass(frozen=True)
class KeyOfTest:
    """A key that anybody can make from its name."""

    name: str = ORIGIN

    @property
    def secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.secret.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self.secret.sign(message)


def leaf(n: int, story: str = "") -> bytes:
    """Of the event at position n + 1; another story, another event."""
    return leaf_hash(f"{story}{n}".encode())


@dataclass
class Place:
    """A log below a folder, and the ledger that it is of."""

    path: Path
    events: list[bytes] = field(default_factory=list[bytes])

    @property
    def folder(self) -> TileFolder:
        return TileFolder(self.path / "log")

    @property
    def anchor(self) -> FileAnchor:
        return FileAnchor(self.path / "anchor")

    def grow(self, count: int, story: str = "") -> None:
        self.events += [leaf(n, story) for n in range(len(self.events), len(self.events) + count)]

    def integrator(self, key: KeyOfTest | None = None) -> Integrator:
        """One that goes on; where nothing was signed yet the log is begun."""
        made = self.unbegun(key)
        if self.anchor.read() is None and self.folder.checkpoint() is None:
            made.begin()
        return made

    def unbegun(self, key: KeyOfTest | None = None) -> Integrator:
        return Integrator(
            self.folder, self.anchor, key or KeyOfTest(), lambda: len(self.events), self.leaves
        )

    def leaves(self, begin: int, end: int) -> Sequence[bytes]:
        return self.events[begin:end]

    def published(self, key: KeyOfTest | None = None) -> Checkpoint:
        """What is published, its signature verified."""
        note = SignedNote.read(self.folder.checkpoint() or "")
        note.verified([(key or KeyOfTest()).verifier])
        return Checkpoint.read(note.text)
