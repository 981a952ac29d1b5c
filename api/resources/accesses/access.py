"""Who and what may come in: the API keys that there ever were, and whose sessions go on.

Only the owner of the database makes keys, by the command line: the web server's role may read and
revoke them, so that nobody who takes it over makes a key (0068).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg

from api.auth import ApiKey
from api.auth.people import People
from api.auth.people.sessions import SignedIn
from api.web.services import Services
from ledger.errors import StoreUnavailableError

_ORDER: Final = ("valid", "expired", "revoked")


@dataclass(frozen=True, slots=True)
class Access:
    """What there is at an instant.

    Attributes:
        keys: those that are valid first, of these the one that expires next.
        signed_in: in the order in which they began; no names.
    """

    at: datetime
    keys: Sequence[ApiKey]
    signed_in: Sequence[SignedIn]


def access_now(services: Services, people: People) -> Access:
    """The keys and the sessions as they are now. Blocks: run it in a thread.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    at = services.now()
    try:
        keys = services.api_keys.all()
    except psycopg.OperationalError:
        raise StoreUnavailableError from None
    ordered = sorted(keys, key=lambda one: (_ORDER.index(one.state(at)), one.expires_at, one.id))
    return Access(at, ordered, people.signed_in(at))
