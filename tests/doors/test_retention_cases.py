"""Open cases in what the doors of retention say: how many there are, and what they keep."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from api.container import Container
from api.server.secrets import secrets_of
from ledger.cases.case import ReceiveCase
from ledger.cases.steps import Step, StepCase, Withdraw
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import SETTINGS
from tests.doors.keeping import Kept, opened
from tests.ledger.case_given import OFFICER, application


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


@pytest.fixture
def house(kept: Kept, database: Database) -> Iterator[Container]:
    """The same ledger, by the same clock."""
    secrets = secrets_of(SETTINGS)
    with closing(Container(database.urls, LEDGER_NAME, secrets, kept.clock.now)) as made:
        yield made


def _received(house: Container, kept: Kept, *identifiers: PrincipalRef) -> UUID:
    asked = application(arrived_on=kept.clock.day, identifiers=identifiers)
    command = ReceiveCase(random_uuid(), OFFICER, asked)
    return house.ledger().receive_case(command, kept.clock.now()).stream


def _do(house: Container, kept: Kept, case: UUID, step: Step) -> None:
    command = StepCase(random_uuid(), OFFICER, case, 1, step)
    house.ledger().step_case(command, kept.clock.now())


def test_an_open_case_that_gives_a_name_alone_is_listed_until_it_ends(
    kept: Kept, house: Container
) -> None:
    kept.record()
    case = _received(house, kept)
    known = house.ledger().case(case)
    assert known is not None
    listed = [{"case": str(case), "number": known.number}]
    assert kept.told("GET", "")["nameless_cases"] == listed
    assert kept.plan()["nameless_cases"] == listed
    _do(house, kept, case, Withdraw(kept.clock.day, "書面"))
    seen = kept.told("GET", "")
    assert (seen["cases_open"], seen["nameless_cases"]) == (0, [])
