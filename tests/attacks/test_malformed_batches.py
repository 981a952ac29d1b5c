"""A batch of transfers that are wrong everywhere costs about what a valid one costs.

Attack: an emitter sends a small body of a thousand items with a hundred empty persons each. To name
what is wrong with an item costs a multiple of what the item costs, and the event loop waits: one
connection that sends such a body again and again keeps everybody else waiting.

Held off by: where one defect is to be named none is looked for beyond it, and for a whole body
there are bounds of the defects that are named and of the members and elements in which they are
looked for (`api.web.items.DefectBudget`). An item beyond them has one defect, which says that it
was not checked in detail; it is kept in quarantine like the others.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

import jsonschema_rs
import pytest

from api.contract import shape
from api.contract.bounds import NOT_CHECKED, VALUES_MAX
from api.web.items import (
    BATCH_DEFECTS_MAX,
    BATCH_VALUES_MAX,
    DefectBudget,
    ParsedItem,
    Sender,
    items_of,
)
from ledger.clock import now
from ledger.errors import Defect, MalformedError
from ledger.values import Json
from tests.doors.corridor import Corridor
from tests.doors.samples import SOURCE, provision

ITEMS: Final = 1_000
EMPTY: Final[dict[str, object]] = {"principals": [dict[str, object]() for _ in range(100)]}


def instant() -> datetime:
    return now()


SENDER: Final = Sender("emitter", SOURCE, may_mark=False)


def batch(data: Mapping[str, object], items: int = ITEMS) -> list[Json]:
    return [{"source": SOURCE, "id": f"i{n}", "data": cast("Json", data)} for n in range(items)]


def named(item: ParsedItem) -> tuple[Defect, ...]:
    assert isinstance(item.error, MalformedError)
    return item.error.defects


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many errors of the schema were made, for each value that was validated in detail."""
    counts: list[int] = []
    errors_of = vars(shape)["_errors"]

    def counted(data: object) -> list[jsonschema_rs.ValidationError]:
        errors = errors_of(data)
        counts.append(len(errors))
        return errors

    monkeypatch.setattr(shape, "_errors", counted)
    return counts


def test_errors_are_made_for_the_defects_that_are_named_and_for_few_others(made: list[int]) -> None:
    items = items_of(batch(EMPTY), SENDER, instant(), DefectBudget())
    defects = sum(len(named(item)) for item in items)
    assert defects <= BATCH_DEFECTS_MAX + ITEMS
    # An empty person lacks two members, and each transfer lacks some besides.
    assert sum(made) < 3 * BATCH_DEFECTS_MAX


def test_an_item_beyond_the_defects_of_its_body_is_said_not_to_be_checked_in_detail() -> None:
    items = items_of(batch(EMPTY), SENDER, instant(), DefectBudget())
    assert len(named(items[0])) == 100
    assert named(items[-1]) == (Defect("/items/999", NOT_CHECKED.code, NOT_CHECKED.detail),)


def test_an_item_beyond_the_values_that_are_looked_at_is_said_not_to_be_checked() -> None:
    # One defect each, in very many values.
    large = {**provision(), "items": ["名"] * VALUES_MAX, "unknown_member": 1}
    items = items_of(batch(large, 60), SENDER, instant(), DefectBudget())
    detailed = [item for item in items if named(item)[0].detail != NOT_CHECKED.detail]
    assert 1 <= len(detailed) <= BATCH_VALUES_MAX // VALUES_MAX + 1
    assert named(items[-1])[0].detail == NOT_CHECKED.detail


def test_an_item_that_was_not_checked_in_detail_is_kept_in_quarantine(corridor: Corridor) -> None:
    body = {"items": batch(EMPTY, 60)}
    answer = corridor.ask("POST", "/v1/transfers", body, key=corridor.emitter)
    results = answer.body["results"]
    assert results[-1]["problem"]["errors"][0]["detail"] == NOT_CHECKED.detail
    assert len({one["quarantine"] for one in results}) == 60
