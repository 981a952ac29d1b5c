"""What was directed for identifiers that are one person, or once were held to be.

A stop is received for each identifier that is linked on that day. A link that falls afterwards
leaves it standing, so whoever looks for it follows the links that fell as well.
"""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from ledger import link
from ledger.events import Expired, Fact, LinkEvent
from ledger.streams import PERSON_KINDS, Streams
from ledger.values import PrincipalRef


def directives_ever_linked(streams: Streams, principals: Iterable[PrincipalRef]) -> list[UUID]:
    """The streams of the directives of whoever was linked with `principals` on any day.

    It may be several persons: ask which of the directives are meant. A link whose key is dead says
    nothing any more.
    """
    known: set[bytes] = set()
    fresh = {streams.principal_key(one) for one in principals}
    seen: set[UUID] = set()
    directives: list[UUID] = []
    while fresh:
        known |= fresh
        rows = streams.reads.lookups(list(fresh), PERSON_KINDS)
        directives += [row.stream for row in rows if row.kind == "directive"]
        links = [row.stream for row in rows if row.kind == "link" and row.stream not in seen]
        seen.update(links)
        fresh = {
            streams.principal_key(end)
            for facts in (streams.facts(links, None).values() if links else ())
            for end in _ends(link.fold(None, cast("list[Fact[LinkEvent | Expired]]", facts)))
        } - known
    return directives


def _ends(state: link.State | None) -> tuple[PrincipalRef, ...]:
    if state is None or state.a is None or state.b is None:
        return ()
    return state.a, state.b
