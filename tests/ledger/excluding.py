"""A chief who excludes, and a desk that decides on a case, on a real ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg

from api.container import Container
from ledger.cases.case import ReceiveCase, StepCase
from ledger.cases.namesakes import NamesSearched
from ledger.cases.steps import CheckDocuments, Decide, IdentifyRecords, Step, Verify
from ledger.crypto.blobs import seal_blob
from ledger.crypto.epoch import FixedMasters, demo_masters, demo_secret
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.crypto.sealed_parts import padded_to
from ledger.crypto.secrets import Secrets
from ledger.exclusions.exclusion import ActiveExclusions, Exclude, LiftExclusion
from ledger.exclusions.ranges import Span
from ledger.exclusions.rows import DraftRow, ExclusionRows
from ledger.format.encoder import seal
from ledger.format.envelope import Append, EventDraft
from ledger.format.events import ExclusionsSealed
from ledger.format.json import encoded
from ledger.store.append import AppendedBatch, Appender
from ledger.values import Json, PrincipalRef
from tests.ledger.case_given import ABSENT, GOOD, MEMBER, NOON, OFFICER, application
from tests.ledger.inside import Inside

Keys = tuple[tuple[bytes | None, ...], ...] | None
CHIEF, SECOND = "c" * 32, "d" * 32
VERSION_1: dict[str, Json] = {
    "excluded": [[1, 1, "i", 0]],
    "lifted": [[2, 2, "ii", 0]],
    "acts": [{"at": "2026-05-01T01:02:03.004Z", "actor": CHIEF, "reason": "危害"}],
}
"""What a daily event said before exclusions were of one person."""


def exclude(
    house: Inside, *positions: int, ground: str = "i", reason: str = "危害", of: str | None = None
) -> ActiveExclusions:
    """Exclude the records for a member, or (None) for every person in them."""
    spans = tuple((one, one) for one in positions)
    keys = _keys(house, of, spans)
    command = Exclude(random_uuid(), CHIEF, spans, ground, reason, keys)
    return house.house.exclusions().change(command, house.now)


def ask_to_lift(
    house: Inside,
    *positions: int,
    by: str = CHIEF,
    of: str | None = None,
    reason: str = "おそれがない",
) -> ActiveExclusions:
    """One of the two requests that lift."""
    spans = tuple((one, one) for one in positions)
    keys = _keys(house, of, spans)
    command = LiftExclusion(random_uuid(), by, spans, reason, keys)
    return house.house.exclusions().change(command, house.now)


def lift(house: Inside, *positions: int, of: str | None = None) -> ActiveExclusions:
    """Lift, as two chiefs ask for it."""
    ask_to_lift(house, *positions, of=of)
    return ask_to_lift(house, *positions, by=SECOND, of=of)


def _keys(house: Inside, of: str | None, spans: tuple[Span, ...]) -> Keys:
    if of is None:
        return None
    house.follow()
    return house.house.exclusions().keys_in(PrincipalRef("member", of), spans)


def second_house(
    house: Inside, fixed_bytes: int = 8_192, masters: FixedMasters | None = None
) -> Container:
    """Another process on the same ledger."""
    secrets = Secrets(demo_secret(), masters or demo_masters())
    name = house.database.ledger_name
    return Container(house.database.urls, name, secrets, lambda: house.now, fixed_bytes)


def rows(house: Inside, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(house.database.admin) as connection:
        return connection.execute(statement).fetchall()


def store_version_1(house: Container, now: datetime, *, as_draft: bool = False) -> None:
    """What an older process wrote the day before: the draft, or the daily event."""
    at, stream = now - timedelta(days=1), random_stream()
    key = house.keys.key_for("exclusion", day=at.date() + timedelta(days=1_000))
    if as_draft:
        content = encoded({"command": str(random_uuid()), "record": VERSION_1})
        sealed = seal_blob(key, "exclusions", stream, padded_to(content, 8_192))
        assert ExclusionRows(house.writer).put(
            DraftRow(stream, random_uuid(), key.id, sealed, 0), None
        )
        return
    append_daily(house, VERSION_1, at, stream, key)


def append_daily(
    house: Container,
    record: Mapping[str, Json],
    at: datetime,
    stream: UUID,
    key: DataKey,
    version: int = 1,
) -> None:
    """Append a daily event that says so, as the first one of its stream unless said otherwise."""
    draft = EventDraft(
        ExclusionsSealed.TYPE, stream, version, at, CHIEF, random_uuid(), {}, record=record
    )
    event = seal(draft, key, house.name, fixed_bytes=8_192)
    [appended] = Appender(house.writer, house.secret.event_mac).append([Append((event,))])
    assert isinstance(appended, AppendedBatch)


@dataclass(slots=True)
class Case:
    """A case at its desk."""

    house: Inside
    stream: UUID

    @classmethod
    def begun(cls, house: Inside) -> "Case":
        house.now = max(house.now, NOON)
        command = ReceiveCase(random_uuid(), OFFICER, application())
        return cls(house, house.ledger.receive_case(command, house.now).stream)

    def do(self, *steps: Step) -> "Case":
        for step in steps:
            state = self.house.ledger.case(self.stream)
            assert state is not None
            command = StepCase(random_uuid(), OFFICER, self.stream, state.version, step)
            self.house.ledger.step_case(command, self.house.now)
        return self

    def found(self) -> list[UUID]:
        """The person's records as a search finds them now."""
        as_of = self.house.follow()
        page = self.house.house.histories.page([MEMBER], as_of, None, 1_000)
        return [one.transfer for one in page.entries]

    def searched(self) -> "Case":
        found = tuple(self.found())
        self.do(CheckDocuments(GOOD), Verify())
        said = ((MEMBER,), "会員番号", found, (), (ABSENT,))
        return self.do(
            IdentifyRecords(self.house.head(), *said, searched=NamesSearched(("見本 花子",)))
        )

    def decided(self, records: Sequence[UUID] | None = None) -> "Case":
        found = self.found() if records is None else records
        return self.do(Decide(tuple(found)))

    def topics(self) -> list[str]:
        stored = self.house.house.reads.facts_of_streams([self.stream], None)
        return [one.type for one in stored]
