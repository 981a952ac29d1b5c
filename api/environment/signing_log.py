"""Reads the name of the signed log."""

from typing import Final

from api.environment.values import Values
from ledger.merkle.checkpoint import is_origin

ORIGIN_MAX: Final = 200
"""Characters."""


class SigningLog(Values):
    """Reads what the signed log needs besides its key."""

    def log_origin(self, name: str) -> str | None:
        """The name of a log, as a checkpoint may bear it."""
        value = self.get(name)
        if value is not None and not (
            is_origin(value) and len(value) <= ORIGIN_MAX and value.isascii()
        ):
            self.refuse(name, "expected a name as ledger.example.jp/main, without blank or plus")
            return None
        return value

    def check_log(self, origin: str | None, key: bytes | None) -> None:
        """Note what is missing, when the log is to be signed."""
        if (origin is None) != (key is None):
            missing = "LEDGER_LOG_ORIGIN" if origin is None else "LEDGER_LOG_KEY"
            self.refuse(missing, "the log has a name and a key, or neither")
