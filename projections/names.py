"""Who is called so: candidates for a person whose identifiers nobody knows.

A folded name is looked up exactly; nothing is compared with what is sealed. A match proves nothing:
the officer decides who the person is, by an identifier.

What is excluded under Order 11 is left out before anything is counted, so that a person of whom
only excluded records speak is a candidate no more than one of whom none does, and takes no place in
the bound.

Source: `docs/reference/event-format.md`, sections 4 and 6.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.errors import BrokenWorldError, NamesOutdatedError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    PersonLine,
    PrincipalRenamed,
    PrincipalsAppended,
    RecordedEvent,
    TransferCorrected,
    TransferEvent,
    TransferReclassified,
)
from ledger.store.columns import uuids
from ledger.store.connections import Connections
from ledger.streams.streams import AnyFact, Streams
from ledger.transfers import transfer
from ledger.values import PrincipalRef
from projections.histories import Histories

# Persons looked at in one go, persons of whom something is read in one go, and further transfers of
# one of them: nearly always the first one says it.
PERSONS = 64
READ = 16
TRANSFERS = 8

_VERSION: LiteralString = "SELECT names FROM projections.progress WHERE serving"
# From one person to the next within the index: a person with a million records is one step.
CALLED: LiteralString = """
    WITH RECURSIVE entry AS (
        (SELECT principal_key FROM projections.entries
          WHERE name_key = %(name)s AND principal_key > %(after)s
          ORDER BY principal_key LIMIT 1)
         UNION ALL
        SELECT (SELECT i.principal_key FROM projections.entries AS i
                 WHERE i.name_key = %(name)s AND i.principal_key > entry.principal_key
                 ORDER BY i.principal_key LIMIT 1)
          FROM entry WHERE entry.principal_key IS NOT NULL
    )
    SELECT principal_key
      FROM ((SELECT principal_key FROM entry WHERE principal_key IS NOT NULL LIMIT %(limit)s)
             UNION
            (SELECT DISTINCT principal_key FROM projections.namings
              WHERE name_key = %(name)s AND principal_key > %(after)s
              ORDER BY principal_key LIMIT %(limit)s)) AS called
     ORDER BY principal_key LIMIT %(limit)s
"""
# A copy's row stands at the copy's position, and what it carries at its original's. The order is
# that of the transfers.
_STATED: LiteralString = """
    SELECT DISTINCT i.principal_key, e.originator_id, first.notification_id,
           e.topic = 'principal-renamed'
      FROM (SELECT principal_key, position FROM projections.entries
             WHERE name_key = %(name)s AND principal_key = ANY(%(persons)s)
             UNION ALL
            SELECT principal_key, position FROM projections.namings
             WHERE name_key = %(name)s AND principal_key = ANY(%(persons)s)) AS i
      JOIN ledger.events AS e ON e.notification_id = i.position
      JOIN ledger.events AS first
        ON first.originator_id = e.originator_id AND first.originator_version = 1
     WHERE first.notification_id <= %(as_of)s
       AND (i.position <= %(as_of)s OR e.topic = 'record-carried-forward')
     ORDER BY 1, 3
"""
_SINCE: LiteralString = """
    SELECT DISTINCT i.principal_key, e.originator_id, first.notification_id,
           e.topic = 'principal-renamed'
      FROM (SELECT principal_key, position FROM projections.entries
             WHERE principal_key = ANY(%(persons)s) AND position > %(since)s
             UNION ALL
            SELECT principal_key, position FROM projections.namings
             WHERE principal_key = ANY(%(persons)s) AND position > %(since)s) AS i
      JOIN ledger.events AS e ON e.notification_id = i.position
      JOIN ledger.events AS first
        ON first.originator_id = e.originator_id AND first.originator_version = 1
"""
_KNOWN: LiteralString = """
    SELECT DISTINCT i.principal_key, e.originator_id, first.notification_id,
           e.topic = 'principal-renamed'
      FROM projections.entries AS i
      JOIN ledger.events AS e ON e.notification_id = i.position
      JOIN ledger.events AS first
        ON first.originator_id = e.originator_id AND first.originator_version = 1
     WHERE i.principal_key = ANY(%(persons)s) AND first.notification_id <= %(since)s
"""


@dataclass(frozen=True, slots=True)
class PersonsByName:
    """The persons who are called so.

    Attributes:
        identifiers: one of each person, by which the name is said.
        more: whether there are others: they are found by an identifier only.
    """

    identifiers: tuple[PrincipalRef, ...]
    more: bool


@dataclass(slots=True)
class _NameSources:
    """What says the name of one person, after exclusion.

    Attributes:
        transfers, renames: streams, by their first positions.
    """

    transfers: list[UUID] = field(default_factory=list[UUID])
    renames: list[UUID] = field(default_factory=list[UUID])

    @property
    def streams(self) -> list[UUID]:
        """All of them as they are read: the transfers first."""
        return [*self.transfers, *self.renames]


@dataclass(frozen=True, slots=True)
class _NameQuery:
    name: UUID
    as_of: int
    excluded: ActiveExclusions


class Names:
    """Finds candidates. Thread-safe."""

    def __init__(self, connections: Connections, streams: Streams, histories: Histories) -> None:
        self._connections = connections
        self._streams = streams
        self._histories = histories

    def called(
        self, name: str, as_of: int, limit: int, known: Collection[PrincipalRef] = ()
    ) -> PersonsByName:
        """At most `limit` persons whom a record gives this name, or who took it later.

        A person has a history as of the position, after exclusion, and what says the name is not
        excluded either.

        Args:
            as_of: a position that the read side has reached.
            known: identifiers of persons who are not told once more.

        Raises:
            NamesOutdatedError: the read side has no names, or of another version.
        """
        self._check_version()
        excluded = self._streams.exclusions.active()
        query = self._query(name, as_of, excluded)
        seen = set(self._streams.cluster(known, as_of).keys) if known else set[bytes]()
        found: list[PrincipalRef] = []
        for ref in self._refs(query):
            if self._streams.principal_key(ref) in seen:
                continue
            seen.update(self._streams.cluster([ref], as_of).keys)
            if not self._histories.page([ref], as_of, None, 1, excluded).entries:
                continue
            if len(found) == limit:
                return PersonsByName(tuple(found), more=True)
            found.append(ref)
        return PersonsByName(tuple(found), more=False)

    def called_any(
        self, names: Sequence[str], as_of: int, limit: int, known: Collection[PrincipalRef]
    ) -> tuple[dict[PrincipalRef, str], bool]:
        """At most `limit` persons → the name that found each; and whether there are others.

        Args:
            as_of, known: as of `called`.

        Raises:
            NamesOutdatedError: as `called`.
        """
        found: dict[PrincipalRef, str] = {}
        more = False
        for name in names:
            called = self.called(name, as_of, limit - len(found), (*known, *found))
            found |= dict.fromkeys(called.identifiers, name)
            more = more or called.more
        return found, more

    def touched(
        self, name: str, since: int, now: int, excluded: ActiveExclusions
    ) -> Iterator[tuple[bytes, bool, bool]]:
        """Keys of who is called so and may have got a record, a name or a link behind a position.

        And whether each was known by then (has a link, or a transfer that was recorded by it), and
        whether the index says that something came: of others there is a link alone.

        Nothing but the index is read, so that a common name costs little. Whoever is called so in
        nothing that all may see is left out: nothing depends on how many of those there are.

        Args:
            excluded: what is left out.

        Raises:
            NamesOutdatedError: as `called`.
        """
        self._check_version()
        after, query = UUID(int=0), self._query(name, now, excluded)
        while persons := self._persons(query.name, after):
            after = persons[-1]
            came = {one for one, _, _ in self._visible(_SINCE, query, persons, since)}
            # A link has no row of the index; of those who have one, whoever reads on finds out.
            keys = [one.bytes for one in persons]
            linked = {UUID(bytes=row.key) for row in self._streams.reads.lookups(keys, ["link"])}
            named = self._sources(query, [one for one in persons if one in came | linked])
            shown = [one for one, sources in named.items() if sources.streams]
            known = {one for one, _, _ in self._visible(_KNOWN, query, shown, since)}
            yield from ((one.bytes, one in known | linked, one in came) for one in shown)

    def identifiers(
        self, name: str, keys: Sequence[bytes], as_of: int, excluded: ActiveExclusions
    ) -> Iterator[PrincipalRef]:
        """The identifier of each of these persons by which something all may see says the name.

        Args:
            keys: of identifiers.
            as_of: as of `called`.
            excluded: what is left out.

        Raises:
            NamesOutdatedError: as `called`.
        """
        self._check_version()
        query = self._query(name, as_of, excluded)
        yield from self._read(self._sources(query, [UUID(bytes=one) for one in keys]), query)

    def transfers_of(
        self, keys: Sequence[bytes], now: int, excluded: ActiveExclusions
    ) -> dict[bytes, set[UUID]]:
        """Of each of these persons, the transfers that name it; of whom none does: absent.

        Args:
            now: those that were recorded by then.
            excluded: what is left out.
        """
        query = _NameQuery(UUID(int=0), now, excluded)
        found: dict[bytes, set[UUID]] = {}
        for begin in range(0, len(keys), PERSONS):
            persons = [UUID(bytes=one) for one in keys[begin : begin + PERSONS]]
            for person, stream, _ in self._visible(_KNOWN, query, persons, now):
                found.setdefault(person.bytes, set()).add(stream)
        return found

    def _check_version(self) -> None:
        if self._connections.read(_version) != self._streams.secret.names_version:
            raise NamesOutdatedError

    def _query(self, name: str, as_of: int, excluded: ActiveExclusions) -> _NameQuery:
        return _NameQuery(UUID(bytes=self._streams.secret.name_key(name)), as_of, excluded)

    def _refs(self, query: _NameQuery) -> Iterator[PrincipalRef]:
        """The identifiers by which something that all may see says the name, by their keys."""
        after = UUID(int=0)
        while True:
            persons = self._persons(query.name, after)
            sources = self._sources(query, persons)
            for begin in range(0, len(persons), READ):
                chosen = {
                    one: sources.get(one, _NameSources()) for one in persons[begin : begin + READ]
                }
                yield from self._read(chosen, query)
            if len(persons) < PERSONS:
                return
            after = persons[-1]

    def _persons(self, name: UUID, after: UUID) -> list[UUID]:
        values = {"name": name, "after": after, "limit": PERSONS}
        rows = self._connections.read(lambda c: c.execute(CALLED, values, prepare=True).fetchall())
        return [row[0] for row in rows]

    def _sources(self, query: _NameQuery, persons: Sequence[UUID]) -> dict[UUID, _NameSources]:
        """Person → what says the name; what is hidden is left out before any of it is read."""
        found: dict[UUID, _NameSources] = {}
        for person, stream, is_rename in self._visible(_STATED, query, persons):
            sources = found.setdefault(person, _NameSources())
            (sources.renames if is_rename else sources.transfers).append(stream)
        return found

    def _visible(
        self, statement: LiteralString, query: _NameQuery, persons: Sequence[UUID], since: int = 0
    ) -> Iterator[tuple[UUID, UUID, bool]]:
        """(person, stream, whether it is a later name) of what the index says and nothing hides."""
        if not persons:
            return
        values = {"name": query.name, "as_of": query.as_of}
        values |= {"persons": uuids(persons), "since": since}
        rows = self._connections.read(
            lambda c: c.execute(statement, values, prepare=True).fetchall()
        )
        found = cast("list[tuple[UUID, UUID, int, bool]]", rows)
        left = [
            (person, stream, first, is_rename)
            for person, stream, first, is_rename in found
            if is_rename or not query.excluded.covers(first, (person.bytes,))
        ]
        marked = self._streams.marked({one for _, one, _, is_rename in left if not is_rename})
        for person, stream, first, is_rename in left:
            # Where persons are told apart, an identifier that was linked since may matter.
            is_marked = stream in marked and not query.excluded.distinguishes_persons(first)
            if not is_marked or not query.excluded.hides(first, (person.bytes,), is_marked=True):
                yield person, stream, is_rename

    def _read(
        self, sources: Mapping[UUID, _NameSources], query: _NameQuery
    ) -> Iterator[PrincipalRef]:
        """The identifier of each of these persons, out of the first thing that all may see.

        What comes next of each is read in one go, of those whom nothing names yet: whose records
        nobody may see costs next to nothing, so that the time of an answer does not tell how many
        of them bear the name.
        """
        found: dict[UUID, PrincipalRef] = {}
        begin, end = 0, 1  # nearly always the first one says it
        while True:
            chosen = {
                person: one.streams[begin:end]
                for person, one in sources.items()
                if person not in found and one.streams[begin:end]
            }
            if not chosen:
                break
            next_streams = [stream for streams in chosen.values() for stream in streams]
            read = self._streams.facts(next_streams, query.as_of)
            for person, streams in chosen.items():
                facts = ((one, read.get(one, [])) for one in streams)
                ref = self._ref_of(person.bytes, sources[person], facts, query)
                if ref is not None:
                    found[person] = ref
            begin, end = end, end + TRANSFERS
        yield from (found[person] for person in sources if person in found)

    def _ref_of(
        self,
        person: bytes,
        sources: _NameSources,
        read: Iterable[tuple[UUID, Sequence[AnyFact]]],
        query: _NameQuery,
    ) -> PrincipalRef | None:
        """What names the person so, out of what was read."""
        for stream, facts in read:
            if stream in sources.renames or self._is_visible(facts, person, query):
                ref = self._named(facts, person, query)
                if ref is not None:
                    return ref
        return None

    def _is_visible(self, facts: Sequence[AnyFact], person: bytes, query: _NameQuery) -> bool:
        """Whether the person's history tells of it: it is in effect, alive, and not hidden."""
        state = transfer.fold(None, cast("list[Fact[TransferEvent | ExpiredEvent]]", facts))
        if state is None or state.effective_position is None:
            return False
        if state.entry is None or state.record is None:
            return False
        position, keys = state.first_position, (person,)
        if query.excluded.distinguishes_persons(position):
            # It may stand there for another identifier of the person, which was linked since.
            key_of = self._streams.principal_key
            named = (ref for fact in facts for ref in _principals(fact.event))
            own = next((ref for ref in named if key_of(ref) == person), None)
            keys = keys if own is None else self._streams.cluster([own], query.as_of).keys
        return not query.excluded.hides(position, keys, is_marked=state.entry.order_11 != 0)

    def _named(
        self, facts: Sequence[AnyFact], person: bytes, query: _NameQuery
    ) -> PrincipalRef | None:
        """The person's identifier where it is said with the name."""
        for fact in facts:
            for ref in _principals(fact.event):
                if (
                    ref.name is not None
                    and self._streams.principal_key(ref) == person
                    and self._streams.secret.name_key(ref.name) == query.name.bytes
                ):
                    return self._streams.normal(ref)
        return None


def _principals(event: object) -> Iterator[PrincipalRef]:
    """Whom an event names, with the name that it gives them."""
    lines: Collection[PersonLine] = ()
    match event:
        case PrincipalRenamed():
            yield PrincipalRef(event.principal.scheme, event.principal.id, event.name)
        case PrincipalsAppended() | TransferCorrected() | TransferReclassified():
            lines = event.lines.values()
        case _ if isinstance(event, RecordedEvent):
            lines = event.entry.lines.values()
        case _:
            pass
    for line in lines:
        yield line.principal


def _version(connection: psycopg.Connection) -> str | None:
    row = connection.execute(_VERSION, prepare=True).fetchone()
    if row is None:
        raise BrokenWorldError("no slot of the read side serves")
    return cast("str | None", row[0])
