"""Links between identifiers: which there are, and what was directed across those that fell.

A stop is received for each identifier that is linked on that day. A link that falls afterwards
leaves it standing, so whoever looks for it follows the links that fell as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from ledger.format.events import ExpiredEvent, Fact, LinkEvent
from ledger.persons import link
from ledger.streams.streams import PERSON_KINDS, Streams
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class Link:
    """Two identifiers that are held to be one person, or once were (名寄せ).

    Attributes:
        a, b: as the newest event writes them.
        version: of its stream: who acts on a link says which one they saw.
        facts: what was done to it and on what evidence, oldest first; what is dead is left out.
    """

    a: PrincipalRef
    b: PrincipalRef
    is_active: bool
    version: int
    facts: tuple[Fact[LinkEvent], ...]


def links_of(streams: Streams, principals: Iterable[PrincipalRef]) -> list[Link]:
    """The links of whoever is linked with `principals` now: those that stand first, newest first.

    A link that fell is told of the identifier that is left, so that it can be made again. One whose
    key is dead says nothing any more.
    """
    person = streams.cluster(principals, None)
    rows = streams.reads.lookups(list(person.keys), ["link"]) if person.keys else []
    # A link has a row of each of its ends.
    found = {row.stream: facts for row, facts in streams.facts_by_row(rows, None).items()}
    links = [one for facts in found.values() if (one := _link(facts)) is not None]
    return sorted(links, key=lambda one: (not one.is_active, -one.facts[-1].position))


def _link(facts: Iterable[object]) -> Link | None:
    link_facts = cast("list[Fact[LinkEvent | ExpiredEvent]]", facts)
    state = link.fold(None, link_facts)
    if state is None or state.a is None or state.b is None:
        return None
    kept = cast(
        "tuple[Fact[LinkEvent], ...]",
        tuple(one for one in link_facts if not isinstance(one.event, ExpiredEvent)),
    )
    return Link(state.a, state.b, state.is_active, state.version, kept)


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
        ends: set[PrincipalRef] = set()
        asked = [row for row in rows if row.stream not in seen]
        for row, facts in streams.facts_by_row(asked, None).items():
            seen.add(row.stream)
            if row.kind == "directive":
                directives.append(row.stream)
            else:
                link_facts = cast("list[Fact[LinkEvent | ExpiredEvent]]", facts)
                ends.update(_ends(link.fold(None, link_facts)))
        fresh = {streams.principal_key(end) for end in ends} - known
    return directives


def _ends(state: link.State | None) -> tuple[PrincipalRef, ...]:
    if state is None or state.a is None or state.b is None:
        return ()
    return state.a, state.b
