"""Reads single values from the environment and collects what is wrong with them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.values import Json

_Number = TypeVar("_Number", int, float)

SECRET_BYTES = 32
"""Length of the ledger secret and of an epoch master. Source: event format, sections 4 and 5."""

EPOCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

ALGORITHMS = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
)
"""Signatures an issuer may use. No `none`, and no HS…: who can check those can also make them."""


@dataclass(frozen=True, slots=True)
class JwtIssuer:
    """Whose access tokens are accepted (RFC 9068).

    Attributes:
        issuer: the `iss` claim, compared as it stands.
        audience: what `aud` must contain.
        algorithms: accepted `alg` values, a subset of `ALGORITHMS`.
        jwks_url: where the keys are; without it and without `jwks_file`, the issuer's
            metadata document says so (RFC 8414, OpenID Connect Discovery).
        jwks_file: a key set on disk, for issuers that cannot be reached.
        source_claim: the claim that holds the source prefix of an emitter.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    jwks_url: str | None = None
    jwks_file: Path | None = None
    source_claim: str = "ledger_source"


class Environment:
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

    def _get(self, name: str) -> str | None:
        self._known.add(name)
        return self._values.get(name)

    def _refuse(self, name: str, expected: str) -> None:
        self.wrong.append(f"{name}: {expected}")

    def text(self, name: str, default: str, *, bytes_max: int) -> str:
        """A text of 1 to `bytes_max` bytes without control characters."""
        value = self._get(name)
        if value is None:
            return default
        if len(value.encode()) > bytes_max or not value.isprintable():
            self._refuse(name, f"expected 1 to {bytes_max} bytes of printable text")
            return default
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`, in any case."""
        value = (self._get(name) or default).upper()
        if value not in allowed:
            self._refuse(name, f"expected one of {', '.join(allowed)}")
            return default
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """`true` or `false`."""
        value = self._get(name)
        if value is None:
            return default
        if value.lower() not in ("true", "false"):
            self._refuse(name, "expected true or false")
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
        value = self._get(name)
        if value is None:
            return default
        try:
            number = parse(value)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            self._refuse(name, f"expected a number from {low} to {high}")
            return default
        return number

    def path(self, name: str) -> Path | None:
        """A path; it need not exist yet."""
        value = self._get(name)
        return None if value is None else Path(value)

    def database_url(self, name: str) -> str | None:
        """A connection string (URL or `key=value` pairs) that names a database, or its file."""
        value, file = self._get(name), self._get(f"{name}_FILE")
        if value is not None and file is not None:
            self._refuse(name, f"set either {name} or {name}_FILE")
            return None
        if file is not None:
            name = f"{name}_FILE"
            try:
                value = Path(file).read_text("utf-8").strip()
            except (OSError, ValueError):
                self._refuse(name, "the file cannot be read")
                return None
        if value is None:
            return None
        try:
            named = "dbname" in conninfo_to_dict(value)
        except psycopg.ProgrammingError:
            named = False
        if not named:
            self._refuse(name, "expected postgresql://USER@HOST/DATABASE")
            return None
        return value

    def secret(self, name: str) -> bytes | None:
        """32 bytes as 64 hex digits, from `name` or from the file that `name`_FILE names."""
        value, file = self._get(name), self._get(f"{name}_FILE")
        if value is not None and file is not None:
            self._refuse(name, f"set either {name} or {name}_FILE")
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
            self._refuse(name, f"expected {SECRET_BYTES * 2} hex digits")
            return None
        return secret

    def _secret_file(self, name: str, path: Path) -> bytes | None:
        try:
            value = path.read_text("ascii")
        except (OSError, ValueError):
            self._refuse(name, "the file cannot be read")
            return None
        return self._secret(name, value)

    def epoch_masters(self, name: str) -> dict[str, bytes]:
        """Masters by epoch name: the files of `name`_DIR, or one `NAME:HEX` in `name`."""
        value, folder = self._get(name), self._get(f"{name}_DIR")
        if value is not None and folder is not None:
            self._refuse(name, f"set either {name} or {name}_DIR")
            return {}
        found: dict[str, bytes | None] = {}
        if value is not None:
            epoch, _, digits = value.partition(":")
            found[epoch] = self._secret(name, digits)
        elif folder is not None:
            try:
                # Mounted secrets are links beside dot-folders (`..data`); those are no epochs.
                files = sorted(file for file in Path(folder).iterdir() if file.is_file())
            except OSError:
                files = []
            if not files:
                self._refuse(f"{name}_DIR", "expected a folder with one file an epoch")
            found = {file.name: self._secret_file(f"{name}_DIR", file) for file in files}
        if any(not EPOCH_NAME.fullmatch(epoch) for epoch in found):
            self._refuse(name, "an epoch name is 1 to 40 letters, digits, dots and hyphens")
        return {epoch: master for epoch, master in sorted(found.items()) if master is not None}

    def jwt_issuers(self, name: str) -> tuple[JwtIssuer, ...]:
        """A JSON list of objects with the members of `JwtIssuer`."""
        value = self._get(name)
        if value is None:
            return ()
        try:
            rows = cast("Json", json.loads(value))
        except ValueError:
            rows = None
        if not isinstance(rows, list):
            self._refuse(name, "expected a JSON list of issuers")
            return ()
        issuers = tuple(
            issuer
            for number, row in enumerate(rows)
            if (issuer := self._jwt_issuer(f"{name}[{number}]", row)) is not None
        )
        if len({issuer.issuer for issuer in issuers}) != len(issuers):
            self._refuse(name, "an issuer stands in the list twice")
        return issuers

    def _jwt_issuer(self, name: str, row: Json) -> JwtIssuer | None:
        members = {
            "issuer",
            "audience",
            "algorithms",
            "jwks_url",
            "jwks_file",
            "source_claim",
        }
        if not isinstance(row, Mapping) or not {"issuer", "audience"} <= row.keys() <= members:
            self._refuse(name, f"expected an object of {', '.join(sorted(members))}")
            return None
        texts = {member: row[member] for member in row if member != "algorithms"}
        algorithms = row.get("algorithms", ["RS256", "ES256"])
        if not isinstance(algorithms, list) or not algorithms:
            algorithms = [None]
        if any(not isinstance(text, str) or not text for text in texts.values()):
            self._refuse(name, "every member but algorithms is a text")
            return None
        if any(algorithm not in ALGORITHMS for algorithm in algorithms):
            self._refuse(name, f"algorithms: expected some of {', '.join(sorted(ALGORITHMS))}")
            return None
        if {"jwks_url", "jwks_file"} <= texts.keys():
            self._refuse(name, "set either jwks_url or jwks_file")
            return None
        read = cast("dict[str, str]", texts)
        fetched = [] if "jwks_file" in read else [read.get("jwks_url", read["issuer"])]
        if not all(is_safe_url(url) for url in fetched):
            self._refuse(name, "keys are fetched by https, or by http from this machine itself")
            return None
        return JwtIssuer(
            issuer=read["issuer"],
            audience=read["audience"],
            algorithms=tuple(cast("list[str]", algorithms)),
            jwks_url=read.get("jwks_url"),
            jwks_file=Path(read["jwks_file"]) if "jwks_file" in read else None,
            source_claim=read.get("source_claim", "ledger_source"),
        )


def is_safe_url(url: str) -> bool:
    """Whether keys fetched from `url` can be trusted: https, or http on the loopback interface."""
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
