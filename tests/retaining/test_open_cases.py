"""An open case keeps the records of its person past their day; they go the day after its end."""

from datetime import date

import psycopg
import pytest

from ledger.cases.steps import RecordDeath
from ledger.commands import LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.law.requests import WITHOUT_RECORDS
from tests.ledger.given import ACTOR, person
from tests.ledger.test_case_stored import step
from tests.retaining.desk import (
    closed,
    held_keys,
    identified,
    received,
    sent,
    verified,
    withdrawn,
)
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, in_clear, told

DAY = "2024-04-01"
BEFORE = "2027-03-30"
AFTER = date(2027, 4, 2)
LATER = "2027-06-01"
DAY_AFTER = "2027-06-02"


def link(kept: Keeper, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "会員台帳")
    kept.inside.ledger.link(command, kept.inside.now)


def test_a_deletion_run_while_a_request_is_pending_destroys_nothing(kept: Keeper) -> None:
    """D19: the request came before the day; the run after the closing destroys."""
    kept.on("2021-04-30")
    kept.sent("R1", "P1", recorded_on="2021-04-30")
    kept.on("2024-04-25")
    case = received(kept, "P1")
    kept.on("2024-05-01")
    before = content_of(told(kept, "P1"))
    plan = kept.purge()
    assert kept.living() == {"R1"}
    assert content_of(told(kept, "P1")) == before
    assert plan.carried == 1
    kept.on("2024-05-03")
    verified(kept, case)
    assert sent(kept, case, "P1") == "full_disclosure"
    kept.on("2024-05-20")
    closed(kept, case)
    assert kept.purge().expired == ()
    assert kept.living() == {"R1"}
    kept.on("2024-05-21")
    kept.purge()
    assert kept.living() == set()
    assert told(kept, "P1") == []


@pytest.mark.parametrize("kind", sorted(WITHOUT_RECORDS))
def test_a_request_that_no_record_answers_keeps_none(kept: Keeper, kind: str) -> None:
    kept.on("2024-04-01")
    kept.sent("a", "P1")
    kept.on("2027-04-01")
    received(kept, "P1", kind=kind)
    kept.on("2027-04-02")
    kept.purge()
    assert kept.living() == set()


def test_a_record_that_was_destroyed_before_the_request_is_not_there(kept: Keeper) -> None:
    """D18: nothing brings it back, and there is nothing to disclose."""
    kept.on("2021-03-01")
    kept.sent("R1", "P1", recorded_on="2021-03-01")
    kept.on("2024-03-02")
    kept.purge()
    assert kept.living() == set()
    kept.on("2024-05-01")
    case = received(kept, "P1")
    kept.on("2024-05-07")
    verified(kept, case)
    assert told(kept, "P1") == []
    assert sent(kept, case) == "not_exist"
    assert held_keys(kept) == []


def test_a_plan_that_was_made_before_the_request_destroys_nothing(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("b", "P2")
    kept.on(AFTER)
    planned = kept.plan().planned
    assert planned is not None
    assert planned.cases == ()
    received(kept, "P1")
    kept.expire()
    assert kept.living() == {"a"}


def test_a_plan_names_the_open_cases_that_keep_something_back_under_its_seal_alone(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    hold = kept.hold("訴訟", "P2")
    keeps, _stranger = received(kept, "P1"), received(kept, "P3")
    kept.on(BEFORE)
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
    kept.on(BEFORE)
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
    withdrawn(kept, case)
    assert kept.plan().nameless == ()


def test_a_withdrawn_case_and_one_whose_principal_died_let_go_on_the_next_day(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("b", "P2")
    kept.on(BEFORE)
    one, other = received(kept, "P1"), received(kept, "P2")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"a", "b"}
    kept.on(LATER)
    withdrawn(kept, one)
    step(kept.inside, other, RecordDeath(kept.today, "ご家族からの電話"))
    kept.purge()
    assert kept.living() == {"a", "b"}
    kept.on(DAY_AFTER)
    kept.purge()
    assert kept.living() == set()


def test_an_identifier_that_is_linked_later_is_kept_too(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("old", "P1-OLD")
    kept.sent("older", "P1-OLDER")
    kept.sent("stranger", "P9")
    case = received(kept, "P1")
    kept.on(BEFORE)
    link(kept, "P1", "P1-OLD")
    kept.on(AFTER)
    kept.plan()
    link(kept, "P1-OLD", "P1-OLDER")
    kept.expire()
    assert kept.living() == {"a", "old", "older"}
    kept.on(LATER)
    withdrawn(kept, case)
    kept.on(DAY_AFTER)
    kept.purge()
    assert kept.living() == set()


def test_of_a_record_about_two_persons_only_the_line_of_the_one_who_asks_is_carried(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "CANARY-OTHER")
    received(kept, "P1")
    kept.on(AFTER)
    before = content_of(told(kept, "P1"))
    kept.purge()
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "CANARY-OTHER") == []
    assert "CANARY" not in in_clear(kept)


def test_a_case_and_a_hold_on_one_record_keep_until_the_later_ends(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    hold = kept.hold("訴訟", "P1")
    case = received(kept, "P1")
    kept.on(AFTER)
    before = content_of(told(kept, "P1"))
    assert kept.purge().carried == 1
    kept.on(LATER)
    kept.release(hold)
    kept.on("2027-06-03")
    assert kept.purge().carried == 1
    assert content_of(told(kept, "P1")) == before
    assert held_keys(kept) == [(case, None)]
    withdrawn(kept, case)
    kept.on("2027-06-05")
    kept.purge()
    assert kept.living() == set()
    assert held_keys(kept) == []


def test_two_cases_of_two_persons_in_one_record_each_keep_their_own(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2", "P3")
    one, other = received(kept, "P1"), received(kept, "P2")
    kept.on(AFTER)
    assert kept.purge().carried == 2
    assert [len(told(kept, who)) for who in ("P1", "P2", "P3")] == [1, 1, 0]
    withdrawn(kept, one)
    kept.on("2027-04-04")
    kept.purge()
    assert [len(told(kept, who)) for who in ("P1", "P2", "P3")] == [0, 1, 0]
    withdrawn(kept, other)
    kept.on("2027-04-06")
    kept.purge()
    assert kept.living() == set()


def test_the_series_the_links_and_the_stops_of_a_person_live_as_long_as_the_case(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    series = {"method": "collective", "series_id": "s"}
    kept.sent("s1", "P1", **series)
    kept.sent("s2", "P1", **series, transferred_on=None, transferred_from=DAY, transferred_to=DAY)
    link(kept, "P1", "P1-OLD")
    stop = ReceiveDirective(random_uuid(), ACTOR, person("P1"), "consent_withdrawn", kept.today)
    kept.inside.ledger.direct(stop, kept.inside.now)
    kept.on(BEFORE)
    case = received(kept, "P1-OLD")
    kept.on("2027-08-01")
    kept.purge()
    assert kept.living() == {"s1", "s2"}
    assert classes(kept) >= {"series", "link", "directive"}
    withdrawn(kept, case)
    # The day of an object's key is judged anew each day; its records die first.
    for day in ("2027-08-03", "2027-08-05", "2027-08-07"):
        kept.on(day)
        kept.purge()
    assert kept.living() == set()
    assert not classes(kept) & {"series", "link", "directive", "held"}


def classes(kept: Keeper) -> set[str]:
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute("SELECT key_class FROM ledger.data_keys").fetchall()
    return {row[0] for row in rows}
