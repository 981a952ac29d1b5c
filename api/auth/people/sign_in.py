"""Signing in and out, and who has the session that a request shows. Blocks: run it in a thread."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.auth import ActorOf, account, identity_of
from api.auth.people.colleagues import Colleagues
from api.auth.people.errors import ForgedRequestError, NotSignedInError, SignInFailedError
from api.auth.people.identity import LEEWAY_S, Identity
from api.auth.people.provider import Provider
from api.auth.people.roles import Role, known, scopes_of
from api.auth.people.session_table import SessionTable
from api.auth.people.sessions import (
    SEEN_EVERY,
    Session,
    SessionLimits,
    SignedIn,
    SignedInUser,
    Token,
    user_of,
)
from api.auth.people.tickets import Ticket, Tickets
from api.auth.scopes import exclude_one_another
from ledger.errors import LedgerError

Hash = Callable[..., bytes]
"""`hash(kind, *parts)` gives 16 bytes that nobody else can make."""


@dataclass(frozen=True, slots=True)
class PersonPseudonyms:
    """What stands for people and their sessions where nobody is to read who they are.

    Attributes:
        actor_of: identity → 32 hex digits, as of keys and tokens.
        keyed_hash: for what must be found again and not read.
    """

    actor_of: ActorOf
    keyed_hash: Hash


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that goes on at the provider.

    Attributes:
        address: where the browser goes.
        ticket: for a cookie.
    """

    address: str
    ticket: str = field(repr=False)


class People:
    """Who signs in to the pages.

    Args:
        roles_of: value of the provider's role claim → the roles that it stands for.
        colleagues: keeps what they are called, for one another.
    """

    def __init__(
        self,
        provider: Provider,
        table: SessionTable,
        roles_of: Mapping[str, tuple[Role, ...]],
        limits: SessionLimits,
        pseudonyms: PersonPseudonyms,
        colleagues: Colleagues,
    ) -> None:
        self._provider = provider
        self._table = table
        self._roles_of = roles_of
        self._limits = limits
        self._actor_of = pseudonyms.actor_of
        self._hash = pseudonyms.keyed_hash
        self._colleagues = colleagues
        # Two hashes of 16 bytes: one key of 32.
        self._tickets = Tickets(self._hash("ticket", b"1") + self._hash("ticket", b"2"))

    @property
    def pages_url(self) -> str:
        """The origin of the pages."""
        return self._provider.client.pages_url

    @property
    def log_out_address(self) -> str | None:
        """Where the person may log out of the provider too."""
        return self._provider.log_out_address

    def begin(self, page: str, *, proof: bool) -> PendingSignIn:
        """Begin to sign in.

        Args:
            page: the address to go to afterwards; any but one of our own is replaced.
            proof: the person must prove again who they are.

        Raises:
            SignInFailedError: `PROVIDER_UNAVAILABLE`.
        """
        ticket = Ticket.new(page, proof=proof)
        address = self._provider.address(ticket, self._proof_s)
        return PendingSignIn(address, self._tickets.written(ticket))

    def ticket(self, parameters: Mapping[str, str], ticket_cookie: str | None) -> Ticket:
        """The ticket of the sign-in that comes back here. Asks nobody, and waits for nothing.

        Args:
            parameters: the parameters with which the provider sent the browser back.

        Raises:
            SignInFailedError: `TICKET_LOST`, `ANSWER_NOT_VALID`, `REFUSED_BY_PROVIDER`.
        """
        ticket = self._tickets.read(ticket_cookie)
        if ticket is None or parameters.get("state") != ticket.state:
            raise SignInFailedError("TICKET_LOST")
        # RFC 9207: an answer of another provider than the one that was asked.
        if parameters.get("iss", self._issuer) != self._issuer:
            raise SignInFailedError("ANSWER_NOT_VALID")
        if "code" not in parameters:
            raise SignInFailedError("REFUSED_BY_PROVIDER")
        return ticket

    def finish(
        self, ticket: Ticket, code: str, session_cookie: str | None, at: datetime
    ) -> tuple[str, str]:
        """Sign in: the cookie of a new session, and the page to go to.

        Args:
            ticket: of `ticket`.
            code: with which the provider sent the browser back.
            session_cookie: of the session before, which ends: the new one shares nothing with it.

        Raises:
            SignInFailedError: see `SIGN_IN_CODES`.
            StoreUnavailableError: the database cannot be reached.
        """
        identity = self._provider.identity(code, ticket, self._proof_s)
        token = Token.new()
        session = self._session(identity, token, at)
        self._table.add(session, self._limits)
        self._colleagues.signed_in(session.actor, identity.name, session.roles, at)
        if (before := Token.read(session_cookie)) is not None:
            self._table.end(before.handle)
        return token.cookie, ticket.page

    def find_user(self, cookie: str | None, at: datetime) -> SignedInUser:
        """Who has the session of the cookie.

        Raises:
            NotSignedInError: nobody, or it has ended.
            StoreUnavailableError: the database cannot be reached.
        """
        token = Token.read(cookie)
        session = None if token is None else self._table.find(token.handle)
        if token is None or session is None or not session.lives(at, self._limits):
            raise NotSignedInError
        if not session.roles:
            raise NotSignedInError  # a role of an older version that is no more
        if at - session.seen_at >= SEEN_EVERY:
            # A database that takes no writes must not close the pages.
            with suppress(LedgerError):
                self._table.note_use(session, at)
        return user_of(session, token, at, self._limits, self._colleagues.known(at))

    def signed_in(self, at: datetime) -> list[SignedIn]:
        """Whose sessions go on, without names: those are sealed under the persons' own cookies."""
        return self._table.list_active(at, self._limits)

    @property
    def roles_of(self) -> Mapping[str, tuple[Role, ...]]:
        """Value of the provider's role claim → the roles that it stands for."""
        return self._roles_of

    def lapsed(self, cookie: str | None, form_token: str | None) -> str | None:
        """Whose session it was whose time is up: the actor, for what they were sending.

        None unless the form carries the token of that session; nothing may be done with it but to
        keep what was typed.
        """
        token = Token.read(cookie)
        session = None if token is None else self._table.find(token.handle)
        if token is None or session is None or not token.allows(form_token):
            return None
        return session.actor

    def has_lapsed(self, cookie: str | None) -> bool:
        """Whether it is the cookie of a session, be its time up."""
        token = Token.read(cookie)
        return token is not None and self._table.find(token.handle) is not None

    def end(self, cookie: str | None, form_token: str | None) -> None:
        """Sign out; nothing when nobody is signed in.

        Raises:
            ForgedRequestError: the form did not carry the session's token.
        """
        token = Token.read(cookie)
        if token is None or self._table.find(token.handle) is None:
            return
        if not token.allows(form_token):
            raise ForgedRequestError
        self._table.end(token.handle)

    def end_by_provider(self, notice: str) -> None:
        """End the sessions that a notice of the provider names (back-channel log-out).

        A notice that is sent again ends nothing that began after it was made.

        Raises:
            SignInFailedError: the notice is not valid here.
        """
        logout = self._provider.notice(notice)
        begun_by = logout.at + timedelta(seconds=LEEWAY_S)
        account = None if logout.subject is None else self._account(logout.subject)
        if logout.session is not None:
            self._table.end_of_provider(self._session_hash(logout.session), account, begun_by)
        elif account is not None:
            self._table.end_of_account(account, begun_by)

    @property
    def _issuer(self) -> str:
        return self._provider.client.issuer

    @property
    def _proof_s(self) -> int:
        return int(self._limits.proof.total_seconds())

    def _session(self, identity: Identity, token: Token, at: datetime) -> Session:
        roles = self._roles(identity)
        who = identity_of(identity.person, account(self._issuer, identity.subject))
        if not who.is_person:
            # Two of them might be one person.
            raise SignInFailedError("ANSWER_NOT_VALID")
        return Session(
            handle=token.handle,
            actor=self._actor_of(who.text),
            account=self._account(identity.subject),
            provider_session=(
                None if identity.session is None else self._session_hash(identity.session)
            ),
            roles=roles,
            begun_at=at,
            seen_at=at,
            proved_at=identity.proved_at,
            name_sealed=token.sealed(identity.name),
            earlier=frozenset(map(self._actor_of, who.earlier)),
        )

    def _roles(self, identity: Identity) -> tuple[Role, ...]:
        named = {role for group in identity.groups for role in self._roles_of.get(group, ())}
        roles = known(named)
        if not roles:
            raise SignInFailedError("NO_ROLE")
        if exclude_one_another(scopes_of(roles)):
            raise SignInFailedError("ROLES_EXCLUDE_ONE_ANOTHER")
        return roles

    def _account(self, subject: str) -> bytes:
        return self._hash("account", self._issuer.encode(), subject.encode())

    def _session_hash(self, session: str) -> bytes:
        return self._hash("provider-session", self._issuer.encode(), session.encode())
