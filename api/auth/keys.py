"""API keys: `plk_<id>_<secret>`, for systems without an identity provider.

The id finds the row; the secret, 32 random bytes, is kept as its SHA-256 only. A slow password
hash would add nothing: 2^256 values cannot be tried, and a fast hash can be computed for each
request. Whoever reads the table cannot call; whoever loses the key makes a new one.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from api.auth.caller import is_prefix
from api.auth.owners import CredentialOwner, KeyNotAllowedError, code_of, identity_of
from api.auth.proofs import is_thumbprint
from api.auth.scopes import TAKES_TWO, Scope, exclude_one_another

SECRET_BYTES = 32
"""Random bytes of a secret: 256 bits."""

ID_BYTES = 8
"""Random bytes of a key id."""

LABEL_CHARACTERS_MAX = 64
"""Longest label. A label names a system, never a person."""

DAYS_MAX = 3_650
"""Longest life of a key, in days: no key is for ever."""

_FORM = re.compile(r"plk_([0-9a-f]{16})_([0-9a-f]{64})")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}")


KeyState = Literal["valid", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the table holds it: everything but its secret.

    Attributes:
        id: 16 hex digits, shown in lists.
        secret_sha256: SHA-256 of the secret's 32 bytes.
        source_prefix: required with `events:write`.
        last_used_day: day in Japan of the last use; kept to the day, so that a use costs no write.
        owner: whose key it is, as `person_owner` or `token_owner` give it; None: nobody's.
        revoked_by: the actor who revoked it on the pages; None: the command did, or nobody.
        jkt: the thumbprint (RFC 7638) of the public key whose holder alone may use it; None: it
            is bound to none.
    """

    id: str
    secret_sha256: bytes = field(repr=False)
    label: str
    scopes: frozenset[Scope]
    source_prefix: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_day: date | None = None
    owner: str | None = None
    revoked_by: str | None = None
    jkt: str | None = None

    @property
    def identity(self) -> CredentialOwner:
        """Who is behind the key: its owner, the same for all keys of one owner.

        A key of nobody is an actor of its own.
        """
        return identity_of(code_of(self.owner), self.owner or f"key\n{self.id}")

    def matches(self, secret: bytes) -> bool:
        """Whether `secret` is this key's, in constant time."""
        return hmac.compare_digest(self.secret_sha256, hashlib.sha256(secret).digest())

    @property
    def owner_parts(self) -> tuple[str, ...]:
        """Whose it is: a person's code, or issuer and subject of an account; empty: nobody's."""
        return tuple((self.owner or "").split("\n")[1:])

    def state(self, at: datetime) -> KeyState:
        """What has become of the key by `at`."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if self.lives(at) else "expired"

    def lives(self, at: datetime) -> bool:
        """Whether the key is neither revoked nor expired at `at`."""
        return self.revoked_at is None and at < self.expires_at


def split(credential: str) -> tuple[str, bytes] | None:
    """Id and secret of a presented key; None when it has not the form of one."""
    form = _FORM.fullmatch(credential)
    return None if form is None else (form[1], bytes.fromhex(form[2]))


def make(
    label: str,
    scopes: frozenset[Scope],
    source_prefix: str | None,
    *,
    at: datetime,
    days: int,
    owner: str | None = None,
) -> tuple[ApiKey, str]:
    """A new key and the text that its owner presents, which exists nowhere else.

    Args:
        owner: from `person_owner` or `token_owner`.

    Raises:
        KeyNotAllowedError: no scope, `admin:config` beside another one, `events:write` without a
            source prefix, a prefix that binds nothing, a label or a life out of bounds, a scope of
            `TAKES_TWO` without an owner that is a person.
    """
    if not scopes:
        raise KeyNotAllowedError("a key needs at least one scope")
    if exclude_one_another(scopes):
        raise KeyNotAllowedError("admin:config excludes every other scope")
    if source_prefix is None and scopes & {"events:write", "events:read.own"}:
        raise KeyNotAllowedError("events:write and events:read.own need a source prefix")
    if source_prefix is not None and not is_prefix(source_prefix):
        raise KeyNotAllowedError("the source prefix binds nothing: name a host or more")
    if not _LABEL.fullmatch(label):
        raise KeyNotAllowedError(
            f"a label is 1 to {LABEL_CHARACTERS_MAX} letters, digits, blanks or . _ / -"
        )
    if not 1 <= days <= DAYS_MAX:
        raise KeyNotAllowedError(f"a key lives 1 to {DAYS_MAX} days")
    if code_of(owner) is None and (of_two := scopes & TAKES_TWO):
        raise KeyNotAllowedError(
            f"{' and '.join(sorted(of_two))} need a person (--person): it has an act that takes"
            " two persons, and with keys that name none one person could be both"
        )
    secret = secrets.token_bytes(SECRET_BYTES)
    key = ApiKey(
        id=secrets.token_hex(ID_BYTES),
        secret_sha256=hashlib.sha256(secret).digest(),
        label=label,
        scopes=scopes,
        source_prefix=source_prefix,
        created_at=at,
        expires_at=at + timedelta(days=days),
        owner=owner,
    )
    return key, f"plk_{key.id}_{secret.hex()}"


def bound(key: ApiKey, jkt: str) -> ApiKey:
    """The key, of no use to anybody who does not hold the private key as well (RFC 9449).

    Args:
        jkt: the thumbprint of the public key (RFC 7638, SHA-256).

    Raises:
        KeyNotAllowedError: it is no thumbprint.
    """
    if not is_thumbprint(jkt):
        raise KeyNotAllowedError("a thumbprint is 43 letters, digits, - or _ (RFC 7638, SHA-256)")
    return replace(key, jkt=jkt)
