"""A chief who excludes, and a desk that decides on a case, on a real ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg

from api.house import House
from ledger.case import ReceiveCase, StepCase
from ledger.case.namesakes import NamesSearched
from ledger.case.steps import CheckDocuments, Decide, IdentifyRecords, Step, Verify
from ledger.crypto.epoch import FixedMasters, demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.secrets import Secrets
from ledger.exclusion_ranges import Span
from ledger.exclusions import Exclude, LiftExclusion, Standing
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT, GOOD, MEMBER, NOON, OFFICER, application
from tests.ledger.inside import Inside

Keys = tuple[tuple[bytes | None, ...], ...] | None
CHIEF, SECOND = "c" * 32, "d" * 32


def exclude(
    house: Inside, *positions: int, ground: str = "i", reason: str = "危害", of: str | None = None
) -> Standing:
    """Exclude the records for a member, or (None) for every person in them."""
    spans = tuple((one, one) for one in positions)
    keys = _keys(house, of, spans)
    command = Exclude(random_uuid(), CHIEF, spans, ground, reason, keys)
    return house.house.exclusions().change(command, house.now)


def ask_to_lift(house: Inside, *positions: int, by: str = CHIEF, of: str | None = None) -> Standing:
    """One of the two requests that lift."""
    spans = tuple((one, one) for one in positions)
    keys = _keys(house, of, spans)
    command = LiftExclusion(random_uuid(), by, spans, "おそれがない", keys)
    return house.house.exclusions().change(command, house.now)


def lift(house: Inside, *positions: int, of: str | None = None) -> Standing:
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
) -> House:
    """Another process on the same ledger."""
    secrets = Secrets(demo_secret(), masters or demo_masters())
    name = house.database.ledger_name
    return House(house.database.urls, name, secrets, lambda: house.now, fixed_bytes)


def rows(house: Inside, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(house.database.admin) as connection:
        return connection.execute(statement).fetchall()


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
        return self.do(IdentifyRecords(self.house.head(), *said, searched=NamesSearched()))

    def decided(self, records: Sequence[UUID] | None = None) -> "Case":
        found = self.found() if records is None else records
        return self.do(Decide(tuple(found)))

    def topics(self) -> list[str]:
        stored = self.house.house.reads.facts_of_streams([self.stream], None)
        return [one.type for one in stored]
