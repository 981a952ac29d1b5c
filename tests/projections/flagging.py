"""Transfers with findings on a test's own database: what is listed, counted, settled and stored."""

from typing import Any
from uuid import UUID

from psycopg import sql

from ledger.commands import SettleFindings
from ledger.crypto.pseudonyms import random_uuid
from projections.finding_list import FindingCounts, FindingFilter, FindingList
from projections.verification import IndexDifference, differences
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside
from tests.projections.log import log_of

LAWLESS = {"consent": {"obtained": False}}
CODE = "CONSENT_NOT_OBTAINED"


def reader(house: Inside, **settings: Any) -> FindingList:  # noqa: ANN401 -- handed on
    inner = house.house
    return FindingList(inner.reader, inner.streams, inner.histories, **settings)


def listed(house: Inside, *, sees_all: bool = False, **asked: Any) -> list[int]:  # noqa: ANN401 -- handed on
    """Positions of all pages."""
    house.follow()
    found: list[int] = []
    before: int | None = None
    while True:
        page = reader(house).page(FindingFilter(before=before, **asked), includes_hidden=sees_all)
        found += [one.position for one in page.found]
        before = page.following
        if before is None:
            return found


def counts(house: Inside, *, sees_all: bool = False) -> FindingCounts:
    house.follow()
    return reader(house).counts(includes_hidden=sees_all)


def settle(house: Inside, transfer: UUID, *codes: str) -> int:
    command = SettleFindings(random_uuid(), ACTOR, transfer, codes, "reported", "報告した")
    return house.ledger.settle(command, house.now).position


def named(house: Inside) -> list[IndexDifference]:
    return list(differences(house.connection, log_of(house.house), house.house.secret))


def rows(house: Inside, slot: str = "a") -> list[tuple[object, ...]]:
    asked = sql.SQL("SELECT position, code, standing, is_unlawful FROM {} ORDER BY 1, 2")
    table = sql.Identifier("projections", f"findings_{slot}")
    return house.connection.execute(asked.format(table)).fetchall()
