"""The real ledger that emitters send to."""

from api.auth import Scope, make, person_owner
from ledger.clock import now
from ledger_emitter import Destination
from tests.chaos.ledger import Ledger
from tests.emitter.transfers import SOURCE
from tests.rows import key_table


def address(ledger: Ledger) -> str:
    return f"http://127.0.0.1:{ledger.port}"


def destination(ledger: Ledger, **changes: object) -> Destination:
    """The ledger, with a key of `SOURCE` unless changed."""
    members = {"credential": changes.pop("credential", None) or ledger.key(), **changes}
    return Destination(address(ledger), **members)  # pyright: ignore[reportArgumentType] -- a test's own changes


def key(ledger: Ledger, source: str | None = SOURCE, *scopes: Scope) -> str:
    """A key with other scopes, or of another source."""
    chosen = frozenset(scopes or ("events:write",))
    owner = person_owner("load")  # who marks answers for it
    made, credential = make("load", chosen, source, at=now(), days=1, owner=owner)
    key_table(ledger.urls.owner).add(made)
    return credential
