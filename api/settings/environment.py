"""Reads the environment: how a setting is declared, and what its value may be.

A parser takes the text of one value and raises `ExpectedError`; it knows neither names nor
defaults. No message repeats a value: it may be a secret.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.crypto.epoch_names import NAME
from ledger.crypto.escrow import checked_recipient
from ledger.crypto.notes import KeyType, Verifier
from ledger.crypto.policy import Policy, PolicyError
from ledger.crypto.time_stamps import Authority
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import is_origin
from ledger.values import Json

_T = TypeVar("_T")
_Number = TypeVar("_Number", int, float)


class ExpectedError(Exception):
    """A value is wrong; the arguments say what was expected, and repeat nothing of it."""


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

    def get(self, name: str) -> str | None:
        """The value as it stands; None when it is not set."""
        self._known.add(name)
        return self._values.get(name)

    def refuse(self, name: str, expected: str) -> None:
        """Note that the value of `name` is wrong; `expected` must not repeat it."""
        self.wrong.append(f"{name}: {expected}")

    def read(self, name: str, parse: Callable[[str], _T], *, in_file: bool = False) -> _T | None:
        """The value of `name`, or of the file that `name`_FILE names; None: unset or wrong."""
        value, file = self.get(name), self.get(f"{name}_FILE") if in_file else None
        if value is not None and file is not None:
            self.refuse(name, f"set either {name} or {name}_FILE")
            return None
        try:
            if file is not None:
                name = f"{name}_FILE"
                value = _text_of(file)
            return None if value is None else parse(value)
        except ExpectedError as error:
            for expected in error.args:
                # `[0]: …` is about one element of a list.
                self.wrong.append(f"{name}{'' if expected.startswith('[') else ': '}{expected}")
            return None

    def read_all(self, settings: type) -> dict[str, Any]:
        """Field of `settings` → its value, of all that are set."""
        read = {
            field: self.read(one.name_of(field), one.parse, in_file=one.in_file)
            for field, one in declared(settings).items()
        }
        return {field: value for field, value in read.items() if value is not None}


@dataclass(frozen=True, slots=True)
class SettingReader:
    """How a setting is read; it stands in the annotation of a field.

    Attributes:
        parse: takes the text of the value.
        kind: what the value is, in a word; the name of the parser, if not given.
        bounds: least and most, most bytes, or the choices.
        in_file: whether the value can stand in the file that the name with `_FILE` names.
        name: in the environment, where it is not `LEDGER_` and the field's name in capitals.
    """

    parse: Callable[[str], object]
    kind: str = ""
    bounds: tuple[object, ...] = ()
    in_file: bool = False
    name: str | None = None

    def name_of(self, field: str) -> str:
        """Its name in the environment."""
        return self.name or f"LEDGER_{field.upper()}"


def declared(settings: type) -> dict[str, SettingReader]:
    """Field of `settings` → how it is read."""
    return {
        one.name: how
        for one in fields(settings)
        for how in getattr(one.type, "__metadata__", ())
        if isinstance(how, SettingReader)
    }


def integer(low: int, high: int) -> SettingReader:
    """A whole number from `low` to `high`."""
    return _bounded("whole", int, low, high)


def number(low: float, high: float) -> SettingReader:
    """A number from `low` to `high`."""
    return _bounded("number", float, low, high)


def _bounded(
    kind: str, convert: Callable[[str], _Number], low: _Number, high: _Number
) -> SettingReader:
    def parse(value: str) -> _Number:
        try:
            found = convert(value)
        except ValueError:
            found = None
        if found is None or not low <= found <= high:
            raise ExpectedError(f"expected a number from {low} to {high}")
        return found

    return SettingReader(parse, kind, (low, high))


def text(bytes_max: int, kind: str = "text") -> SettingReader:
    """A text of 1 to `bytes_max` bytes without control characters."""

    def parse(value: str) -> str:
        if len(value.encode()) > bytes_max or not value.isprintable():
            raise ExpectedError(f"expected 1 to {bytes_max} bytes of printable text")
        return value

    return SettingReader(parse, kind, (bytes_max,))


def choice(*allowed: str) -> SettingReader:
    """One of `allowed`, in any case."""

    def parse(value: str) -> str:
        if value.upper() not in allowed:
            raise ExpectedError(f"expected one of {', '.join(allowed)}")
        return value.upper()

    return SettingReader(parse, "choice", allowed)


def flag(value: str) -> bool:
    """`true` or `false`."""
    if value.lower() not in ("true", "false"):
        raise ExpectedError("expected true or false")
    return value.lower() == "true"


def hidden_text(value: str) -> str:
    """A text that is not to be seen."""
    if not value or not value.isprintable():
        raise ExpectedError("expected printable text")
    return value


def postgres_url(value: str) -> str:
    """A connection string (URL or `key=value` pairs) that names a database."""
    try:
        named = "dbname" in conninfo_to_dict(value)
    except psycopg.ProgrammingError:
        named = False
    if not named:
        raise ExpectedError("expected postgresql://USER@HOST/DATABASE")
    return value


def safe_url(value: str) -> str:
    """An address that secrets may be sent to: https, or http on this machine itself."""
    if not is_safe_url(value):
        raise ExpectedError("expected https://…, or http on this machine itself")
    return value


def safe_origin(value: str) -> str:
    """The origin of an address, without a path: https, or http on this machine itself."""
    parts = urlsplit(safe_url(value))
    if value.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise ExpectedError("expected an origin, https://HOST, without a path")
    return value.rstrip("/")


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


SECRET_BYTES: Final = 32
"""Length of the ledger secret and of an epoch master. Source: event format, sections 4 and 5."""

_EXPECTED_NAME: Final = "an epoch name is 1 to 40 letters, digits, dots and hyphens"


def hex_secret(value: str) -> bytes:
    """32 bytes as 64 hex digits."""
    try:
        found = bytes.fromhex(value.strip())
    except ValueError:
        found = b""
    if len(found) != SECRET_BYTES:
        raise ExpectedError(f"expected {SECRET_BYTES * 2} hex digits")
    return found


def epoch_master(value: str) -> dict[str, bytes]:
    """One master by its epoch's name: `NAME:HEX`."""
    epoch, _, digits = value.partition(":")
    if not NAME.fullmatch(epoch):
        raise ExpectedError(_EXPECTED_NAME)
    return {epoch: hex_secret(digits)}


def master_folder(value: str) -> Path:
    """A folder with one file an epoch, 64 hex digits each; it is read again at each use."""
    folder = Path(value)
    try:
        # Mounted secrets are links beside dot-folders (`..data`); those are no epochs.
        files = [file for file in sorted(folder.iterdir()) if file.is_file()]
    except OSError:
        files = []
    epochs = [file for file in files if not file.name.startswith(".")]
    if not epochs:
        raise ExpectedError("expected a folder with one file an epoch")
    if any(not NAME.fullmatch(file.name) for file in epochs):
        raise ExpectedError(_EXPECTED_NAME)
    for file in epochs:
        hex_secret(_text_of(file))
    return folder


def age_recipient(value: str) -> str:
    """The public key of an age identity: `age1…`."""
    try:
        return checked_recipient(value)
    except ValueError:
        raise ExpectedError("expected the public key of an age identity, age1…") from None


ALGORITHMS: Final = frozenset(
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
        bound: whether only tokens are accepted that are bound to a key pair (`cnf.jkt`, RFC 9449).
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    jwks_url: str | None = None
    jwks_file: Path | None = None
    source_claim: str = "ledger_source"
    bound: bool = False


def issuer_list(value: str) -> tuple[JwtIssuer, ...]:
    """A JSON list of objects with the members of `JwtIssuer`."""
    rows = _json(value)
    if not isinstance(rows, list):
        raise ExpectedError("expected a JSON list of issuers")
    found: list[JwtIssuer] = []
    wrong: list[str] = []
    for n, row in enumerate(rows):
        try:
            found.append(_jwt_issuer(row))
        except ExpectedError as error:
            wrong.append(f"[{n}]: {error}")
    if len({one.issuer for one in found}) != len(found):
        wrong.append("an issuer stands in the list twice")
    if wrong:
        raise ExpectedError(*wrong)
    return tuple(found)


def _jwt_issuer(row: Json) -> JwtIssuer:
    members = {one.name for one in fields(JwtIssuer)}
    if not isinstance(row, dict) or not {"issuer", "audience"} <= row.keys() <= members:
        raise ExpectedError(f"expected an object of {', '.join(sorted(members))}")
    given: dict[str, Any] = {**row}
    algorithms, bound = given.pop("algorithms", ["RS256", "ES256"]), given.pop("bound", False)
    if any(not isinstance(one, str) or not one for one in given.values()):
        raise ExpectedError("every member but algorithms and bound is a text")
    if not isinstance(bound, bool):
        raise ExpectedError("bound: expected true or false")
    named = cast("list[Json]", algorithms if isinstance(algorithms, list) else [])
    if not named or not _are_among(named, ALGORITHMS):
        raise ExpectedError(f"algorithms: expected some of {', '.join(sorted(ALGORITHMS))}")
    if {"jwks_url", "jwks_file"} <= given.keys():
        raise ExpectedError("set either jwks_url or jwks_file")
    if "jwks_file" in given:
        given["jwks_file"] = Path(given["jwks_file"])
    elif not is_safe_url(given.get("jwks_url", given["issuer"])):
        raise ExpectedError("keys are fetched by https, or by http from this machine itself")
    return JwtIssuer(**given, algorithms=tuple(cast("list[str]", named)), bound=bound)


_KINDS_MAX: Final = 100
_SCHEME: Final = re.compile(r"[a-z0-9_]{1,40}")
_KIND_NAME_MAX: Final = 40


def kind_names(value: str) -> Mapping[str, str]:
    """A JSON object: scheme → what officers call it."""
    kinds = _json(value)
    if (
        not isinstance(kinds, dict)
        or len(kinds) > _KINDS_MAX
        or not all(_SCHEME.fullmatch(one) for one in kinds)
        or not all(map(_is_kind_name, kinds.values()))
    ):
        raise ExpectedError(
            f"expected a JSON object of at most {_KINDS_MAX} members, scheme (a-z, 0-9, _) → what"
            f" the pages call it, 1 to {_KIND_NAME_MAX} printable characters"
        )
    return cast("dict[str, str]", kinds)


def _is_kind_name(name: Json) -> bool:
    return isinstance(name, str) and 0 < len(name.strip()) <= _KIND_NAME_MAX and name.isprintable()


Role = Literal["reception", "officer", "approver", "chief", "auditor", "emitter_keeper", "operator"]
"""What a person is at the desk. Source: the officer's flow, section 3.7."""

ROLES: Final = cast("tuple[Role, ...]", get_args(Role))


def role_lists(value: str) -> Mapping[str, tuple[Role, ...]]:
    """A JSON object: value of the role claim → list of roles."""
    rows = _json(value)
    if not isinstance(rows, dict) or not rows or not all(map(_are_roles, rows.values())):
        raise ExpectedError(f"expected a JSON object of value → list of {', '.join(ROLES)}")
    return {group: tuple(cast("list[Role]", named)) for group, named in rows.items()}


def _are_roles(named: Json) -> bool:
    return isinstance(named, list) and bool(named) and _are_among(named, ROLES)


LOG_ORIGIN_MAX: Final = 200
"""Characters."""

_KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def log_name(value: str) -> str:
    """The name of a log, as a checkpoint may bear it."""
    if not (is_origin(value) and len(value) <= LOG_ORIGIN_MAX and value.isascii()):
        raise ExpectedError("expected a name as ledger.example.jp/main, without blank or plus")
    return value


def key_name(value: str) -> str:
    """What a key management service may call a key."""
    if not _KEY_NAME.fullmatch(value):
        raise ExpectedError("expected 1 to 100 letters, digits, dots, hyphens and underscores")
    return value


def verifier_key(value: str) -> Verifier:
    """A key as verifiers are given it."""
    try:
        found = Verifier.read(value)
    except CorruptRecordError:
        found = None
    if found is None or found.type is not KeyType.ED25519:
        raise ExpectedError("expected the line that `ledger log kms-key` prints")
    return found


def policy_file(value: str) -> Policy:
    """The policy in the file `value`; witnesses with an address suffice for it."""
    try:
        found = Policy.read(_content(value))
    except PolicyError as error:
        raise ExpectedError(str(error)) from None
    addresses = {one.name: one.url for one in found.witnesses.values() if one.url is not None}
    wrong: list[str] = []
    if not all(map(is_safe_url, addresses.values())):
        wrong.append("witnesses are asked by https, or by http on this machine itself")
    if not found.is_met(addresses):
        wrong.append("the witnesses that have an address do not suffice for the quorum")
    if wrong:
        raise ExpectedError(*wrong)
    return found


def authority_file(value: str) -> Authority:
    """The certificates in the file `value`."""
    try:
        return Authority.read(_content(value))
    except CorruptRecordError:
        raise ExpectedError("expected a file of certificates in PEM") from None


def _content(file: str | Path) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError):
        raise ExpectedError("the file cannot be read") from None


def _text_of(file: str | Path) -> str:
    try:
        return _content(file).decode().strip()
    except UnicodeDecodeError:
        raise ExpectedError("the file cannot be read") from None


def _json(value: str) -> Json:
    """None also for what is no JSON: no setting is `null`."""
    try:
        return cast("Json", json.loads(value))
    except ValueError:
        return None


def _are_among(named: list[Json], allowed: frozenset[str] | tuple[str, ...]) -> bool:
    return all(isinstance(one, str) and one in allowed for one in named)
