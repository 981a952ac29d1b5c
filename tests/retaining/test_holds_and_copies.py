"""What must outlive its key, where a run meets something new on its way; and what it reports.

What lives how long is in the stories (`stories`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from ledger.cases.steps import RecordDeath
from ledger.commands import CorrectTransfer, LinkIdentifiers, UnlinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import BrokenWorldError
from ledger.law.requests import WITHOUT_RECORDS
from ledger.retention import destruction
from ledger.retention.batches import Transaction
from ledger.retention.reasons import Need
from ledger.streams.history import HistoryEntry
from tests.ledger.given import ACTOR, person
from tests.ledger.test_case_stored import step
from tests.retaining.desk import (
    closed,
    held_keys,
    identified,
    received,
    reopened,
    sent,
    verified,
    withdrawn,
)
from tests.retaining.keeper import Keeper, retaining

DAY = "2024-04-01"
LAST = date(2027, 4, 1)
AFTER = LAST + timedelta(days=1)


def told(kept: Keeper, who: str, as_of: int | None = None) -> list[HistoryEntry]:
    return list(kept.inside.page(who, as_of=as_of).entries)


def correct(kept: Keeper, key: str, changes: dict[str, Any]) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, kept.transfers[key], changes, "誤り")
    kept.inside.ledger.correct(command, kept.inside.now)


def content_of(entries: list[HistoryEntry]) -> list[tuple[Any, ...]]:
    """What an entry says; which events spoke of it grows with each copy."""
    return [
        (
            e.transfer,
            e.heading,
            e.position,
            e.record,
            e.lines,
            e.verdict,
            e.retracted,
            e.entry.source,
        )
        for e in entries
    ]


def test_a_base_whose_dependant_is_due_and_in_no_plan_is_not_copied_under_a_key_that_dies(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    shorter = {"recorded_on": "2024-03-14", "transferred_on": "2024-03-14"}
    kept.sent("b", "P1", base_record="a", omitted_items=["COUNTERPARTY"], **shorter)
    hold = kept.hold("訴訟", transfer=kept.transfers["b"])
    kept.on("2027-03-16")
    kept.purge()
    assert kept.living() == {"a", "b"}
    kept.on(LAST)
    kept.plan()
    kept.release(hold)
    # The copy of b is due today, as the base is, and the hold's key that seals nothing; the plan
    # knows of the base alone.
    kept.clock_says(AFTER)
    before = content_of(told(kept, "P1"))
    report = kept.expire()
    assert (report.carried, len(report.expired), len(report.unnamed)) == (1, 1, 2)
    assert content_of(told(kept, "P1")) == before
    kept.clock_says(AFTER + timedelta(days=1))
    kept.purge()
    assert kept.living() == set()


def test_what_is_held_or_asked_for_after_the_plan_is_honoured_and_copied_once(kept: Keeper) -> None:
    kept.on(DAY)
    for who in ("P1", "P2", "P3"):
        kept.sent(who, who)
    kept.on(AFTER)
    planned = kept.plan().planned
    assert planned is not None
    assert planned.cases == ()
    kept.hold("訴訟", "P1")
    received(kept, "P2")
    assert kept.expire().carried == 2
    assert kept.living() == {"P1", "P2"}
    kept.on(AFTER + timedelta(days=1))
    report = kept.purge()
    assert (report.carried, report.expired) == (0, ())


def test_requests_that_no_record_answers_keep_none(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(LAST)
    for kind in sorted(WITHOUT_RECORDS):
        received(kept, "P1", kind=kind)
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == set()


def test_a_plan_names_the_open_cases_that_keep_something_back_under_its_seal_alone(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    hold = kept.hold("訴訟", "P2")
    keeps, _stranger = received(kept, "P1"), received(kept, "P3")
    kept.on("2027-03-30")
    planned = kept.plan().planned
    assert planned is not None
    assert (planned.cases, planned.holds) == ((keeps,), (hold,))
    [stored] = [one for one in kept.retaining.plans.plans() if one.planned_at == kept.inside.now]
    assert (stored.cases, stored.holds) == ((keeps,), (hold,))
    # Counts stand in clear.
    assert (stored.counts["cases"], stored.counts["holds"]) == (0, 0)


def test_a_request_that_names_nobody_by_an_identifier_keeps_nothing_and_the_plan_says_so(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("b", "P2")
    kept.on("2027-03-30")
    case = received(kept)
    other = received(kept, "P3")
    [nameless] = kept.plan().nameless
    known = kept.inside.ledger.case(case)
    assert known is not None
    assert (nameless.case, nameless.number) == (case, known.number)
    verified(kept, case)
    identified(kept, case, "P2")
    assert kept.plan().nameless == ()
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"b"}
    withdrawn(kept, other)
    step(kept.inside, case, RecordDeath(kept.today, "ご家族からの電話"))
    assert kept.plan().nameless == ()
    # Whose principal died lets go on the next day.
    kept.purge()
    assert kept.living() == {"b"}
    kept.on(AFTER + timedelta(days=1))
    kept.purge()
    assert kept.living() == set()


# -- what happens while a run is on its way ------------------------------------------------------


def opened_again(kept: Keeper) -> Callable[[], None]:
    """A case whose copies are named, and due; it is opened again."""
    case = received(kept, "P1")
    verified(kept, case)
    kept.on(AFTER)
    kept.purge()
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-04")
    kept.plan()
    assert [day for _, day in held_keys(kept)] == [AFTER + timedelta(days=1)]
    return lambda: reopened(kept, case)


def linked_again(kept: Keeper) -> Callable[[], None]:
    """Somebody whose copies are due because they were unlinked; they are linked again."""
    pair = (ACTOR, person("P9"), person("P1"))
    ledger, now = kept.inside.ledger, kept.inside.now
    ledger.link(LinkIdentifiers(random_uuid(), *pair, "会員台帳"), now)
    kept.hold("訴訟", "P9")
    kept.on(AFTER)
    kept.purge()
    ledger.link(UnlinkIdentifiers(random_uuid(), *pair, "別人"), kept.inside.now)
    kept.plan()
    again = LinkIdentifiers(random_uuid(), *pair, "会員台帳")
    return lambda: _linked(kept, again)


def _linked(kept: Keeper, command: LinkIdentifiers) -> None:
    kept.inside.ledger.link(command, kept.inside.now)


def asked_for(kept: Keeper) -> Callable[[], None]:
    """A series that is due, of which a request arrives."""
    ends = {"transferred_on": None, "transferred_from": DAY, "transferred_to": DAY}
    kept.sent("s", "P1", method="collective", series_id="s", **ends)
    kept.on(AFTER)
    kept.plan()
    return lambda: _asked(kept)


def _asked(kept: Keeper) -> None:
    received(kept, "P1")


MEANWHILE: Final = {
    "opened again": (opened_again, (0, 1, 2)),
    "linked again": (linked_again, (0, 1, 2)),
    "asked for": (asked_for, (1,)),
}
"""What happens → before the run (0), or at its first or second look at the read side."""


@pytest.mark.parametrize(
    ("name", "moment"), [(name, one) for name, (_, moments) in MEANWHILE.items() for one in moments]
)
def test_what_is_kept_again_while_a_run_is_on_its_way_stays_as_it_was(
    kept: Keeper, name: str, moment: int
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    happens = MEANWHILE[name][0](kept)
    before = content_of(told(kept, "P1"))
    waits = 0

    def followed() -> None:
        nonlocal waits
        waits += 1
        if waits == moment:
            happens()
        kept.inside.follow()

    if moment == 0:
        happens()
    kept.retaining = retaining(kept.inside, followed)
    report = kept.expire()
    assert waits >= moment
    assert content_of(told(kept, "P1")) == before
    if name != "asked for":
        assert (report.carried, report.expired) == (0, ())
        kept.plan()
        assert [day for _, day in held_keys(kept)] == [None]


# -- a fault in what is spared or kept ends a run with an error; it never hangs --------------------


def test_a_run_whose_copies_live_by_a_dying_key_ends_with_an_error(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on(DAY)
    kept.sent("base", "P1")
    shorter = {"recorded_on": "2024-03-14", "transferred_on": "2024-03-14"}
    kept.sent("dependant", "P1", base_record="base", omitted_items=["COUNTERPARTY"], **shorter)
    hold = kept.hold("訴訟", transfer=kept.transfers["dependant"])
    kept.on("2027-03-16")
    kept.purge()
    kept.on("2027-04-01")
    kept.plan()
    kept.release(hold)
    kept.clock_says(date(2027, 4, 2))

    def as_they_are(needs: Mapping[UUID, Sequence[Need]], _: date) -> Mapping[UUID, Sequence[Need]]:
        return needs

    # The dependant is due and in no plan, so it gives its base the day on which both die.
    monkeypatch.setattr(destruction, "_beyond", as_they_are)
    with pytest.raises(BrokenWorldError, match="dies with this run"):
        kept.expire()


def test_a_run_of_which_no_event_names_the_keys_ends_with_an_error(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-04-02")
    kept.plan()

    def none(*_: object) -> list[Transaction]:
        return []

    monkeypatch.setattr(destruction, "transactions", none)
    with pytest.raises(BrokenWorldError, match="no event names"):
        kept.expire()
    assert kept.living() == {"a"}
