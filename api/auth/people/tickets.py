"""What a sign-in under way must remember, in a cookie that nobody but us reads or makes.

It is encrypted, so that no row is written for strangers who only begin to sign in.
"""

import base64
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Final, cast

import orjson
from cryptography.fernet import Fernet, InvalidToken

TICKET_S_MAX: Final = 600
"""Seconds that a sign-in may take."""

HOME: Final = "/desk"

# The addresses of our own pages, and nothing that a browser could take for another host's.
_OWN_PAGE: Final = re.compile(r"/desk(?:/[A-Za-z0-9][A-Za-z0-9-]*)*")


def own_page(address: str | None) -> str:
    """`address` when it is the address of one of our pages, else that of the first one."""
    is_ours = address is not None and len(address) <= 200 and _OWN_PAGE.fullmatch(address)  # noqa: PLR2004 -- far longer than any
    return cast("str", address) if is_ours else HOME


@dataclass(frozen=True, slots=True)
class Ticket:
    """One sign-in under way.

    Attributes:
        state, nonce, verifier: OpenID Connect Core, section 3.1.2.1; RFC 7636, section 4.1.
        page: the address to go to afterwards, one of our own.
        proof: a new proof of identity is asked for.
    """

    state: str
    nonce: str
    verifier: str
    page: str
    proof: bool

    @classmethod
    def new(cls, page: str, *, proof: bool) -> "Ticket":
        """A ticket with random values of 256 bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, own_page(page), proof)


class Tickets:
    """Writes tickets and reads them back.

    Args:
        key: 32 bytes that every web process has.
    """

    def __init__(self, key: bytes) -> None:
        self._box = Fernet(base64.urlsafe_b64encode(key))

    def written(self, ticket: Ticket) -> str:
        """The value of the cookie."""
        return self._box.encrypt(orjson.dumps(asdict(ticket))).decode()

    def read(self, cookie: str | None) -> Ticket | None:
        """The ticket; None when it is not ours, or older than `TICKET_S_MAX`."""
        try:
            plain = self._box.decrypt((cookie or "").encode(), ttl=TICKET_S_MAX)
        except InvalidToken:
            return None
        return Ticket(**cast("dict[str, object]", orjson.loads(plain)))  # pyright: ignore[reportArgumentType] -- we wrote it, and nobody else can
