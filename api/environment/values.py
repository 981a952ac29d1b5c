"""Reads single values from the environment and collects what is wrong with them."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

_Number = TypeVar("_Number", int, float)


class Values:
    """The environment, being read.

    Attributes:
        wrong: a sentence for each wrong value read so far; none repeats a value.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        # An empty value means unset: docker-compose passes `NAME=` for what is not there.
        self._values = {name: value for name, value in environment.items() if value}
        self._known: set[str] = set()
        self.wrong: list[str] = []

    def unknown_names(self) -> tuple[str, ...]:
        """Names beginning with `LEDGER_` that nobody has asked for."""
        names = {name for name in self._values if name.startswith("LEDGER_")}
        return tuple(sorted(names - self._known))

    def get(self, name: str) -> str | None:
        """The value as it stands; None when it is not set."""
        self._known.add(name)
        return self._values.get(name)

    def refuse(self, name: str, expected: str) -> None:
        """Note that the value of `name` is wrong; `expected` must not repeat it."""
        self.wrong.append(f"{name}: {expected}")

    def text(self, name: str, default: str, *, bytes_max: int) -> str:
        """A text of 1 to `bytes_max` bytes without control characters."""
        value = self.get(name)
        if value is None:
            return default
        if len(value.encode()) > bytes_max or not value.isprintable():
            self.refuse(name, f"expected 1 to {bytes_max} bytes of printable text")
            return default
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`, in any case."""
        value = (self.get(name) or default).upper()
        if value not in allowed:
            self.refuse(name, f"expected one of {', '.join(allowed)}")
            return default
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """`true` or `false`."""
        value = self.get(name)
        if value is None:
            return default
        if value.lower() not in ("true", "false"):
            self.refuse(name, "expected true or false")
        return value.lower() == "true"

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return self._bounded(name, default, low, high, int)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return self._bounded(name, default, low, high, float)

    def _bounded(
        self,
        name: str,
        default: _Number,
        low: _Number,
        high: _Number,
        parse: Callable[[str], _Number],
    ) -> _Number:
        value = self.get(name)
        if value is None:
            return default
        try:
            number = parse(value)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            self.refuse(name, f"expected a number from {low} to {high}")
            return default
        return number

    def path(self, name: str) -> Path | None:
        """A path; it need not exist yet."""
        value = self.get(name)
        return None if value is None else Path(value)

    def database_url(self, name: str) -> str | None:
        """A connection string (URL or `key=value` pairs) that names a database, or its file."""
        value, file = self.get(name), self.get(f"{name}_FILE")
        if value is not None and file is not None:
            self.refuse(name, f"set either {name} or {name}_FILE")
            return None
        if file is not None:
            name = f"{name}_FILE"
            try:
                value = Path(file).read_text("utf-8").strip()
            except (OSError, ValueError):
                self.refuse(name, "the file cannot be read")
                return None
        if value is None:
            return None
        try:
            named = "dbname" in conninfo_to_dict(value)
        except psycopg.ProgrammingError:
            named = False
        if not named:
            self.refuse(name, "expected postgresql://USER@HOST/DATABASE")
            return None
        return value

    def url(self, name: str) -> str | None:
        """An address that secrets may be sent to: https, or http on this machine itself."""
        value = self.get(name)
        if value is not None and not is_safe_url(value):
            self.refuse(name, "expected https://…, or http on this machine itself")
            return None
        return value


def is_safe_url(url: str) -> bool:
    """Whether keys may come from and go to `url`: https, or http on the loopback interface."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return host != ""
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return parts.scheme == "http" and loopback
