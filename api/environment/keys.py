"""Reads secrets, epoch masters, and where escrow copies go."""

from pathlib import Path

from api.environment.values import Values
from ledger.crypto.epoch_names import NAME
from ledger.crypto.escrow import checked_recipient

SECRET_BYTES = 32
"""Length of the ledger secret and of an epoch master. Source: event format, sections 4 and 5."""


EXPECTED_NAME = "an epoch name is 1 to 40 letters, digits, dots and hyphens"


class KeyValues(Values):
    """Reads what the ledger is sealed with."""

    def secret(self, name: str) -> bytes | None:
        """32 bytes as 64 hex digits, from `name` or from the file that `name`_FILE names."""
        value, file = self.get(name), self.get(f"{name}_FILE")
        if value is not None and file is not None:
            self.refuse(name, f"set either {name} or {name}_FILE")
            return None
        if file is not None:
            return self._secret_file(f"{name}_FILE", Path(file))
        return None if value is None else self._secret(name, value)

    def _secret(self, name: str, value: str) -> bytes | None:
        try:
            secret = bytes.fromhex(value.strip())
        except ValueError:
            secret = b""
        if len(secret) != SECRET_BYTES:
            self.refuse(name, f"expected {SECRET_BYTES * 2} hex digits")
            return None
        return secret

    def _secret_file(self, name: str, path: Path) -> bytes | None:
        try:
            value = path.read_text("ascii")
        except (OSError, ValueError):
            self.refuse(name, "the file cannot be read")
            return None
        return self._secret(name, value)

    def epoch_masters(self, name: str) -> dict[str, bytes]:
        """One master by its epoch's name: `NAME:HEX`."""
        value = self.get(name)
        if value is None:
            return {}
        epoch, _, digits = value.partition(":")
        master = self._secret(name, digits)
        if not NAME.fullmatch(epoch):
            self.refuse(name, EXPECTED_NAME)
            return {}
        return {} if master is None else {epoch: master}

    def epoch_folder(self, name: str) -> Path | None:
        """A folder with one file an epoch, 64 hex digits each; it is read again at each use."""
        value = self.get(name)
        if value is None:
            return None
        folder = Path(value)
        try:
            # Mounted secrets are links beside dot-folders (`..data`); those are no epochs.
            files = [file for file in sorted(folder.iterdir()) if file.is_file()]
        except OSError:
            files = []
        epochs = [file for file in files if not file.name.startswith(".")]
        if not epochs:
            self.refuse(name, "expected a folder with one file an epoch")
            return None
        if any(not NAME.fullmatch(file.name) for file in epochs):
            self.refuse(name, EXPECTED_NAME)
        for file in epochs:
            self._secret_file(name, file)
        return folder

    def recipient(self, name: str) -> str | None:
        """The public key of an age identity: `age1…`."""
        value = self.get(name)
        if value is None:
            return None
        try:
            return checked_recipient(value)
        except ValueError:
            self.refuse(name, "expected the public key of an age identity, age1…")
            return None
