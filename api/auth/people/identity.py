"""What we are to the provider, and what its tokens say: read from claims that were checked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from api.auth.people.colleagues import name_of
from api.auth.people.errors import SignInFailedError
from ledger.values import Json

LEEWAY_S: Final = 30
"""Seconds by which the provider's clock may differ."""

NOTICE_AGE_S_MAX: Final = 300
"""Age of a notice of log-out in seconds, beyond which it is not believed."""

LOGGED_OUT: Final = "http://schemas.openid.net/event/backchannel-logout"

Claims = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ProviderClient:
    """What we are to the provider.

    Attributes:
        issuer: the provider's name, as it writes it itself.
        pages_url: the origin of our pages, `https://ledger.example.jp`.
        role_claim: the claim that says what the person is.
        person_claim: the claim that holds the code of the person (`ledger keys --person`).
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    pages_url: str
    role_claim: str
    person_claim: str

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to."""
        return f"{self.pages_url}/sign-in/callback"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as the provider says.

    Attributes:
        groups: the values of the role claim.
        person: the code of the person, as the provider spells it.
        proved_at: when they proved it, UTC; None: it does not say.
        session: of the provider.
    """

    subject: str
    name: str = field(repr=False)
    groups: tuple[str, ...]
    person: str
    proved_at: datetime | None
    session: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """The provider says that somebody has logged out there."""

    subject: str | None
    session: str | None
    at: datetime


def notice_of(claims: Claims) -> Notice:
    """What a log-out token says.

    Source: OpenID Connect Back-Channel Logout 1.0, section 2.6.

    Raises:
        SignInFailedError: `ANSWER_NOT_VALID`.
    """
    events = claims.get("events")
    subject, session = claims.get("sub"), claims.get("sid")
    issued = cast("int", claims["iat"])
    is_notice = (
        isinstance(events, dict)
        and isinstance(events.get(LOGGED_OUT), dict)
        and "nonce" not in claims
        and isinstance(claims.get("jti"), str)
        and (isinstance(subject, str) or isinstance(session, str))
        and issued >= time.time() - NOTICE_AGE_S_MAX - LEEWAY_S
    )
    if not is_notice:
        raise SignInFailedError("ANSWER_NOT_VALID")
    return Notice(
        subject if isinstance(subject, str) else None,
        session if isinstance(session, str) else None,
        datetime.fromtimestamp(issued, UTC),
    )


def identity_of(claims: Claims, client: ProviderClient) -> Identity:
    """Who signed in.

    Raises:
        SignInFailedError: `ANSWER_NOT_VALID`.
    """
    subject, session = claims.get("sub"), claims.get("sid")
    if not isinstance(subject, str) or not subject.isprintable() or not subject:
        raise SignInFailedError("ANSWER_NOT_VALID")
    person = claims.get(client.person_claim)
    if not isinstance(person, str):
        raise SignInFailedError("ANSWER_NOT_VALID")
    groups = claims.get(client.role_claim)
    listed = groups if isinstance(groups, list) else [groups]
    proved = claims.get("auth_time")
    return Identity(
        subject=subject,
        name=name_of(claims),
        groups=tuple(one for one in listed if isinstance(one, str)),
        person=person,
        proved_at=datetime.fromtimestamp(proved, UTC) if isinstance(proved, int) else None,
        session=session if isinstance(session, str) else None,
    )
