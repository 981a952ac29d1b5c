"""What a session is, and when it ends.

The cookie holds 32 random bytes and nothing else. From them come, each by a derivation of its own
(HKDF), the handle that finds the row, the token that every form must carry, and the key under which
the person's name is sealed. So the row alone opens nothing.

Source: RFC 5869; NIST SP 800-63B-4, section 5 (session management).
"""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.auth import Caller
from api.auth.people.colleagues import Called, Colleague, may_know
from api.auth.people.roles import Role, scopes_of

COOKIE_BYTES: Final = 32
SEEN_EVERY: Final = timedelta(minutes=1)
"""So often the time of the last use is written: a use costs no write."""


LAPSED: Final = timedelta(days=1)
"""For so long it is known whose session it was whose time is up: what they typed is theirs."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts.

    Attributes:
        idle: without any request.
        whole: in any case, from the sign-in.
        proof: how old the proof of identity may be where a new one is asked for.
    """

    idle: timedelta
    whole: timedelta
    proof: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One row.

    Attributes:
        actor: 32 hex digits for event headers.
        earlier: other actors of the same person, from older versions.
        account, provider_session: keyed hashes, 16 bytes each.
        proved_at: when the person proved who they are; None: the provider did not say.
        name_sealed: the person's name, for the head of the page.
    """

    handle: bytes
    actor: str
    account: bytes
    provider_session: bytes | None
    roles: tuple[Role, ...]
    begun_at: datetime
    seen_at: datetime
    proved_at: datetime | None
    name_sealed: bytes
    earlier: frozenset[str] = frozenset()

    def lives(self, at: datetime, limits: SessionLimits) -> bool:
        """Whether the session goes on at `at`."""
        return at < self.seen_at + limits.idle and at < self.begun_at + limits.whole

    def is_proved(self, at: datetime, limits: SessionLimits) -> bool:
        """Whether the person has proved recently enough who they are."""
        return self.proved_at is not None and at < self.proved_at + limits.proof


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, as whoever operates may know: by no name.

    Attributes:
        actor: as in event headers.
        seen_at: of the last use, to the minute.
    """

    actor: str
    roles: tuple[Role, ...]
    begun_at: datetime
    seen_at: datetime


class Token:
    """What the cookie holds, and what is derived from it."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    @classmethod
    def new(cls) -> "Token":
        """A token that nobody has."""
        return cls(secrets.token_bytes(COOKIE_BYTES))

    @classmethod
    def read(cls, cookie: str | None) -> "Token | None":
        """The token of a cookie; None when it is none of ours."""
        try:
            value = base64.urlsafe_b64decode(f"{cookie or ''}=")
        except ValueError:
            return None
        token = cls(value)
        # One way of writing it alone.
        return token if len(value) == COOKIE_BYTES and token.cookie == cookie else None

    @property
    def cookie(self) -> str:
        """How the cookie is written."""
        return base64.urlsafe_b64encode(self._value).rstrip(b"=").decode()

    @property
    def handle(self) -> bytes:
        """What finds the row."""
        return self._derived(b"handle")

    @property
    def form_token(self) -> str:
        """What every form of the session carries."""
        return self._derived(b"form").hex()

    def allows(self, form_token: str | None) -> bool:
        """Whether a form carries the token of this session, in constant time."""
        return hmac.compare_digest(self.form_token.encode(), (form_token or "").encode())

    def sealed(self, name: str) -> bytes:
        """The name, so that only the cookie opens it."""
        return self._box().encrypt(name.encode())

    def opened(self, sealed: bytes) -> str:
        """The name; empty when it was sealed by something else."""
        try:
            return self._box().decrypt(sealed).decode()
        except InvalidToken:
            return ""

    def _box(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derived(b"name")))

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, None, b"ledger session " + purpose).derive(self._value)


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """Who looks at a page.

    Attributes:
        caller: as the endpoints of the API know them.
        form_token: what their forms carry.
        is_proved: whether the proof of who they are is recent enough for a step that asks for it.
        colleagues: what the others are called, for who may know it.
    """

    name: str = field(repr=False)
    roles: tuple[Role, ...]
    caller: Caller
    form_token: str = field(repr=False)
    is_proved: bool
    colleagues: Called = field(default_factory=dict[str, Colleague], repr=False)


def user_of(
    session: Session, token: Token, at: datetime, limits: SessionLimits, colleagues: Called
) -> SignedInUser:
    """Who has the session; `colleagues`: everybody, for who may know it."""
    caller = Caller(
        session.actor,
        "person",
        scopes_of(session.roles),
        None,
        is_person=True,
        earlier=session.earlier,
    )
    return SignedInUser(
        name=token.opened(session.name_sealed),
        roles=session.roles,
        caller=caller,
        form_token=token.form_token,
        is_proved=session.is_proved(at, limits),
        colleagues=colleagues if may_know(caller.scopes) else {},
    )
