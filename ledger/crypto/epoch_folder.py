"""Epoch masters in a mounted folder: one file an epoch, 64 hex digits, named as the epoch."""

import os
from dataclasses import dataclass
from pathlib import Path

from ledger.crypto.epoch import (
    MASTER_BYTES,
    Keep,
    KeyWorkRefusedError,
    MasterLostError,
    MasterMissingError,
    decrypted,
    encrypted,
    secret_of,
)
from ledger.crypto.epoch_names import NAME, in_order
from ledger.crypto.files import erase, move, write_atomically
from ledger.errors import BrokenWorldError, MastersUnavailableError


@dataclass(frozen=True, slots=True)
class FolderMasters:
    """The folder is read at each use; names that begin with a dot are no epochs."""

    folder: Path

    def names(self) -> list[str]:
        """The names of all masters, oldest first."""
        try:
            # Mounted secrets are links beside dot-folders (`..data`).
            return in_order(
                path.name
                for path in self.folder.iterdir()
                if NAME.fullmatch(path.name) and path.is_file()
            )
        except OSError:
            raise MastersUnavailableError("the folder of epoch masters cannot be read") from None

    def current(self) -> str:
        """The name of the master that wraps new keys."""
        names = self.names()
        if not names:
            raise BrokenWorldError("the folder of epoch masters holds none")
        return names[-1]

    def wrap(self, name: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce ‖ AES-256-GCM(master, nonce, plain, AAD)."""
        return encrypted(self.exported(name), plain, aad)

    def unwrap(self, name: str, wrapped: bytes, aad: bytes) -> bytes:
        """What `wrap` was given."""
        return decrypted(self.exported(name), wrapped, aad)

    def create(self, name: str, keep: Keep) -> None:
        """Make a new random master; see `EpochMasters`.

        It waits under a hidden name until its copy is kept: what was interrupted goes on with the
        same master, and nobody wraps under one that has no copy.
        """
        path, hidden = self._path(name), self._fresh(name)
        try:
            if not path.exists():
                try:
                    keep(self._hidden(hidden))
                except MasterLostError:
                    erase(hidden)  # it has no copy, and never will
                    raise
                move(hidden, path)
            erase(hidden)
        except OSError as error:
            raise _refused(error) from None

    def _fresh(self, name: str) -> Path:
        return self.folder / f".{name}.new"

    @staticmethod
    def _hidden(path: Path) -> bytes:
        try:
            return secret_of(path.read_text("ascii"))
        except (FileNotFoundError, ValueError):
            master = os.urandom(MASTER_BYTES)
            write_atomically(path, f"{master.hex()}\n".encode())
            return master

    def destroy(self, name: str) -> None:
        """Destroy the master of that name for good, also what an interrupted run left of it.

        It goes under a hidden name first: an overwritten file that is still listed would be a
        master that does not open.
        """
        path, hidden_path = self._path(name), self.folder / f".{name}.dead"
        try:
            if path.exists():
                move(path, hidden_path)
            erase(hidden_path)
            erase(self._fresh(name))
        except OSError as error:
            raise _refused(error) from None

    def exported(self, name: str) -> bytes:
        """The 32 bytes of the master."""
        try:
            return secret_of(self._path(name).read_text("ascii"))
        except FileNotFoundError:
            raise MasterMissingError(name) from None
        except OSError:
            raise MastersUnavailableError(f"the epoch master {name} cannot be read") from None
        except ValueError:
            raise BrokenWorldError(
                f"the file of the epoch master {name} does not hold 64 hex digits"
            ) from None

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise MasterMissingError(name)
        return self.folder / name


def _refused(error: OSError) -> KeyWorkRefusedError:
    return KeyWorkRefusedError(f"the folder of epoch masters cannot be changed: {error.strerror}")
