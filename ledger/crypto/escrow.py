"""Escrow: copies of the ledger secret and of the epoch masters for a second recipient.

A copy is a file in the age format (age-encryption.org/v1), encrypted to the public key of somebody
who does not run the ledger; inside are the 64 hex digits and a line feed that stand in the
original's file. The standard `age` tool opens it without this program. Beside each copy lies a
check: a keyed hash that the original can be compared with, and the hash of the copy, so that both
are proved without the recipient's key.
"""

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

import pyrage

from ledger.crypto.encoding import tag
from ledger.crypto.epoch import KeyWorkRefusedError, secret_of
from ledger.crypto.epoch_names import NAME, in_order
from ledger.crypto.files import erase, write_atomically

SECRET: Final = "ledger-secret"  # noqa: S105 -- the name of a file
"""Name of the ledger secret's copy."""

_EPOCH: Final = "epoch-"
_CHECK: Final = tag("ppl/escrow-check/1")


def copy_of(epoch: str) -> str:
    """Name of the copy of an epoch's master: it tells the epoch, and nothing else."""
    return _EPOCH + epoch


def checked_recipient(text: str) -> str:
    """The public key of an age identity, as it stands.

    Raises:
        ValueError: it is none; the message does not repeat it.
    """
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise ValueError("not the public key of an age identity") from None
    return text


@dataclass(frozen=True, slots=True)
class Escrow:
    """A folder of copies on a mount of its own, and who can open them.

    Attributes:
        recipient: `age1…`, see `checked_recipient`.
    """

    folder: Path
    recipient: str

    def keep(self, copy: str, original: bytes) -> bool:
        """Write the copy unless a sound one is there; whether it was written. Safe to repeat.

        The check is written first: a copy that is there without one is nobody's.

        Args:
            copy: `SECRET`, or `copy_of` an epoch.

        Raises:
            KeyWorkRefusedError: the folder cannot be written, or holds the copy of another key,
                which might be the only one there is.
        """
        try:
            fault = self.fault(copy, original)
            if fault is None:
                return False
            if self.holds_another(copy, original):
                raise KeyWorkRefusedError(
                    f"{fault}; it is not overwritten, for it may be the only copy of that key: "
                    "recover it into another folder and find out which of both the ledger needs "
                    "(`ledger keys check --all`)"
                )
            sealed = pyrage.encrypt(
                f"{original.hex()}\n".encode(), [pyrage.x25519.Recipient.from_str(self.recipient)]
            )
            check = {
                "check": _check(copy, original),
                "recipient": self.recipient,
                "sha256": sha256(sealed).hexdigest(),
            }
            write_atomically(self._check_file(copy), json.dumps(check).encode() + b"\n")
            write_atomically(self._file(copy), sealed)
        except OSError as error:
            raise _refused(error) from None
        return True

    def fault(self, copy: str, original: bytes) -> str | None:
        """What is wrong with the copy, in a sentence; None when it is sound.

        Raises:
            KeyWorkRefusedError: the folder cannot be read.
        """
        sealed, check = self._sealed(copy), self._checked(copy)
        if sealed is None and check is None:
            return f"{copy} has no copy in escrow"
        if check is None:
            return f"the copy {copy} in escrow has no check"
        if check.get("check") != _check(copy, original):
            return f"the copy {copy} in escrow is of another key than the one in use"
        if sealed is None or check.get("sha256") != sha256(sealed).hexdigest():
            return f"the copy {copy} in escrow is damaged"
        if check.get("recipient") != self.recipient:
            return (
                f"the copy {copy} in escrow is for another recipient than LEDGER_ESCROW_RECIPIENT"
            )
        return None

    def holds_another(self, copy: str, original: bytes) -> bool:
        """Whether the copy of another key than `original` has that name, or one without a check.

        Raises:
            KeyWorkRefusedError: the folder cannot be read.
        """
        check = self._checked(copy)
        if check is None:
            return self._sealed(copy) is not None
        return check.get("check") != _check(copy, original)

    def epochs(self) -> list[str]:
        """The epochs that have a copy, oldest first.

        Raises:
            KeyWorkRefusedError: the folder cannot be read.
        """
        try:
            names = [
                file.name.removeprefix(_EPOCH).removesuffix(".age")
                for file in self.folder.iterdir()
                if file.name.startswith(_EPOCH) and file.name.endswith(".age")
            ]
        except OSError as error:
            raise _refused(error) from None
        return in_order(name for name in names if NAME.fullmatch(name))

    def destroy(self, copy: str) -> None:
        """Destroy the copy for good; nothing when there is none.

        The check first: what is interrupted is found again by the copy.

        Raises:
            KeyWorkRefusedError: the folder cannot be written.
        """
        try:
            erase(self._check_file(copy))
            erase(self._file(copy))
        except OSError as error:
            raise _refused(error) from None

    def _sealed(self, copy: str) -> bytes | None:
        return _read(self._file(copy))

    def _checked(self, copy: str) -> dict[str, Any] | None:
        content = _read(self._check_file(copy))
        return None if content is None else _members(content)

    def _file(self, copy: str) -> Path:
        return self.folder / f"{copy}.age"

    def _check_file(self, copy: str) -> Path:
        return self.folder / f"{copy}.check"


def opened_copy(folder: Path, copy: str, identity: pyrage.x25519.Identity) -> bytes:
    """The 32 bytes in the copy, proved by its check when that is still there.

    Raises:
        KeyWorkRefusedError: there is no copy, it is for somebody else, or it is damaged.
    """
    sealed = _read(folder / f"{copy}.age")
    if sealed is None:
        raise KeyWorkRefusedError(f"{copy} has no copy in escrow")
    try:
        original = secret_of(pyrage.decrypt(sealed, [identity]).decode("ascii"))
    except (pyrage.DecryptError, ValueError):
        raise KeyWorkRefusedError(
            f"the copy {copy} in escrow does not open with this identity, or is damaged"
        ) from None
    check = _read(folder / f"{copy}.check")
    if check is not None and _members(check).get("check") != _check(copy, original):
        raise KeyWorkRefusedError(
            f"the copy {copy} in escrow holds another key than its check says"
        )
    return original


def identity_in(file: Path) -> pyrage.x25519.Identity:
    """The identity in a file as `age-keygen` writes it.

    Raises:
        KeyWorkRefusedError: the file cannot be read, or holds none or several.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise KeyWorkRefusedError("the file of the identity is not there") from None
    except OSError as error:
        raise KeyWorkRefusedError(
            f"the file of the identity cannot be read: {error.strerror}"
        ) from None
    try:
        lines = [line.strip() for line in content.decode("ascii").splitlines()]
        [only] = [line for line in lines if line and not line.startswith("#")]
        return pyrage.x25519.Identity.from_str(only)
    except (ValueError, pyrage.IdentityError):
        raise KeyWorkRefusedError("the file holds no age identity, or several") from None


def _check(copy: str, original: bytes) -> str:
    return hmac.digest(original, _CHECK + copy.encode(), "sha256").hex()


def _members(content: bytes) -> dict[str, Any]:
    try:
        members: object = json.loads(content)
    except ValueError:
        return {}
    return cast("dict[str, Any]", members) if isinstance(members, dict) else {}


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(error) from None


def _refused(error: OSError) -> KeyWorkRefusedError:
    if isinstance(error, FileNotFoundError):
        return KeyWorkRefusedError(
            "the folder of the escrow (LEDGER_ESCROW_DIR) is not there: make it, on another mount "
            "than the masters"
        )
    return KeyWorkRefusedError(f"a file of the escrow cannot be reached: {error.strerror}")
