"""What must outlive its key: dependants, corrections, holds; and what is gone all the same."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ledger.commands import CorrectTransfer, LinkIdentifiers, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import NotFoundError
from ledger.streams.history import HistoryEntry
from tests.ledger.given import ACTOR, person
from tests.retaining.keeper import Keeper

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


def in_clear(kept: Keeper) -> str:
    """Everything the ledger's tables still hold in a form that the ring opens."""
    return "\n".join(str(seen) for seen in kept.inside.events())


def test_a_base_lives_as_long_as_a_chain_of_dependants(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", recorded_on=DAY)
    kept.on("2025-04-01")
    kept.sent("b", "P1", base_record="a", omitted_items=["COUNTERPARTY"])
    kept.on("2026-04-01")
    kept.sent("c", "P1", base_record="b", omitted_items=["COUNTERPARTY"])
    kept.on(AFTER)
    before = content_of(told(kept, "P1"))
    kept.purge()
    assert kept.living() == {"a", "b", "c"}
    assert content_of(told(kept, "P1")) == before
    kept.on("2028-04-02")
    kept.purge()
    assert kept.living() == {"a", "b", "c"}
    kept.on("2029-04-01")
    kept.purge()
    assert kept.living() == {"a", "b", "c"}
    kept.on("2029-04-02")
    kept.purge()
    assert kept.living() == set()


def test_base_and_dependant_of_one_day_are_both_kept_for_a_third(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("b", "P1", base_record="a", omitted_items=["COUNTERPARTY"])
    kept.sent("alone", "P1")
    kept.on("2024-06-01")
    kept.sent("c", "P1", base_record="b", omitted_items=["COUNTERPARTY"])
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"a", "b", "c"}


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


def test_a_retracted_dependant_keeps_nothing_alive(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2025-04-01")
    kept.sent("b", "P1", base_record="a", omitted_items=["COUNTERPARTY"])
    command = RetractTransfer(random_uuid(), ACTOR, kept.transfers["b"], "not_occurred")
    kept.inside.ledger.retract(command, kept.inside.now)
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"b"}


def test_a_prolonging_correction_keeps_the_whole_record_and_its_answers(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2", recorded_on="2024-03-01")
    first = kept.inside.head()
    kept.on("2024-05-01")
    correct(kept, "a", {"recorded_on": DAY, "items": ["氏名"]})
    second = kept.inside.head()
    kept.on("2027-03-02")
    before = [content_of(told(kept, "P1", as_of)) for as_of in (first, second)]
    kept.purge()
    assert kept.lives("a")
    assert [content_of(told(kept, "P1", as_of)) for as_of in (first, second)] == before
    correct(kept, "a", {"purpose": "広告"})
    kept.on(AFTER)
    kept.purge()
    assert not kept.lives("a")


def test_a_shortening_correction_never_leaves_the_wrong_version_alone(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", recorded_on=DAY)
    correct(kept, "a", {"recorded_on": "2024-03-01", "items": ["氏名"]})
    kept.on("2027-03-15")
    kept.purge()
    [entry] = told(kept, "P1")
    assert entry.record.recorded_on == date(2024, 3, 1)
    kept.on(AFTER)
    kept.purge()
    assert not kept.lives("a")


def test_a_hold_on_a_transfer_keeps_it_whole_until_the_day_after_its_release(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    kept.sent("b", "P1", "P2")
    kept.on("2027-03-01")
    hold = kept.hold("訴訟", transfer=kept.transfers["a"])
    kept.on(AFTER)
    before = content_of(told(kept, "P2"))
    kept.purge()
    assert kept.living() == {"a"}
    assert content_of(told(kept, "P2")) == before[:1]
    kept.on("2027-06-01")
    kept.release(hold)
    kept.purge()
    assert kept.living() == {"a"}
    kept.on("2027-06-02")
    kept.purge()
    assert kept.living() == set()


def test_a_hold_on_a_person_keeps_that_persons_line_and_nobody_elses(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "CANARY-OTHER", "CANARY-THIRD")
    kept.sent("linked", "P1-OLD", "CANARY-FOURTH")
    kept.sent("strangers", "CANARY-OTHER")
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P1-OLD"), "会員台帳")
    kept.inside.ledger.link(link, kept.inside.now)
    as_of = kept.inside.head()
    kept.hold("調査", "P1")
    kept.on(AFTER)
    before = content_of(told(kept, "P1", as_of))
    assert len(before) == 2
    kept.purge()
    assert kept.living() == {"a", "linked"}
    assert content_of(told(kept, "P1", as_of)) == before
    assert told(kept, "CANARY-OTHER") == []
    assert "CANARY" not in in_clear(kept)


def test_two_holds_add_up_and_the_first_release_takes_only_its_own(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2", "P3")
    one, other = kept.hold("訴訟", "P1"), kept.hold("調査", "P2")
    kept.on(AFTER)
    kept.purge()
    assert [len(told(kept, who)) for who in ("P1", "P2", "P3")] == [1, 1, 0]
    kept.on("2027-06-01")
    kept.release(one)
    kept.on("2027-06-03")
    kept.purge()
    assert [len(told(kept, who)) for who in ("P1", "P2", "P3")] == [0, 1, 0]
    kept.release(other)
    kept.on("2027-06-05")
    kept.purge()
    assert kept.living() == set()


def test_a_hold_placed_after_the_plan_is_honoured(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(AFTER)
    kept.plan()
    kept.hold("訴訟", "P1")
    kept.expire()
    assert kept.living() == {"a"}


def test_what_is_held_twice_in_a_row_is_copied_from_the_copy(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    hold = kept.hold("訴訟", "P1")
    kept.on(AFTER)
    before = content_of(told(kept, "P1"))
    kept.purge()
    kept.hold("調査", "P1")
    kept.release(hold)
    kept.on("2027-05-01")
    kept.purge()
    assert content_of(told(kept, "P1")) == before


def test_a_second_run_copies_nothing_again(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.hold("訴訟", "P1")
    kept.on(AFTER)
    assert kept.purge().carried == 1
    kept.on(AFTER + timedelta(days=1))
    report = kept.purge()
    assert (report.carried, report.expired) == (0, ())


def test_the_index_rows_of_the_dead_are_gone_and_the_copies_have_theirs(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "P2")
    kept.hold("訴訟", "P1")
    kept.on(AFTER)
    kept.purge()
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute("SELECT count(*) FROM projections.entries").fetchone()
    assert rows == (1,)


def test_a_held_transfer_that_is_unknown_is_refused(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    with pytest.raises(NotFoundError):
        kept.hold("訴訟", transfer=UUID(int=5))
