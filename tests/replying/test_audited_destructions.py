"""What an audit says of records that were destroyed, and of answers that told them."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from ledger.retention.holds_and_cases import HoldsAndCases, Keeper
from ledger.streams import sealer
from tests.ledger.given import ACTOR, data, person
from tests.replying.auditing import (
    AGREE,
    DAY,
    EMAIL,
    Office,
    members,
    named,
    without,
)
from tests.replying.desk import whole

LATER, OVER = "2028-10-02", "2029-04-12"
"""A day of requests, and one on which the records of the office have ended, but not the cases."""
_GONE = "can no longer be made again: a record is destroyed;"
TOLD = f"{_GONE} it is proven which one, and that it and all others were told"
UNPROVEN = f"{_GONE} which one is proven, what was told is not"


def in_forty_days(_through: date, at: datetime) -> date:
    """A day of death that the law does not know."""
    return at.date() + timedelta(days=40)


def keeps_nothing(*_: object) -> list[Keeper]:
    return []


def test_what_was_destroyed_on_its_day_is_counted_and_not_called_good(office: Office) -> None:
    office.kept.on(LATER)
    case = office.answered()
    office.posted(case)
    office.closed(case)
    office.kept.sent("late", "P1")
    office.kept.on(OVER)
    office.kept.purge()
    assert office.kept.living() == {"late"}
    assert office.audit() == ([], {TOLD: 1})


def test_a_destroyed_record_excuses_no_lie_about_a_living_one(office: Office) -> None:
    """Another's record died: what was told of the living ones can be made again as ever."""
    office.kept.on(LATER)
    office.kept.sent("late", "P3")
    office.posted(case := office.answered("P3", lie=without(0)))
    office.closed(case)
    office.kept.on(OVER)
    office.kept.purge()
    [one] = named(office)
    assert "leaves a record of the person out" in one


def all_but_late_destroyed(office: Office, case: UUID) -> None:
    """Days pass; of the records of the person `late` alone lives."""
    office.posted(case)
    office.closed(case)
    office.kept.on(OVER)
    office.kept.purge()
    assert office.kept.living() == {"late"}


def test_a_destroyed_record_of_the_person_excuses_no_lie_about_a_living_one(
    office: Office,
) -> None:
    office.kept.on(LATER)
    late = office.line_of(office.kept.sent("late", "P1"), "P1")
    all_but_late_destroyed(office, office.answered(lie=without(3)))
    found, counts = office.audit()
    [one] = found
    assert f"leaves a record of the person out (recorded at position {late.first})" in one
    assert counts == {"do not agree": 1}


def test_a_living_record_told_in_an_old_version_beside_destroyed_ones_is_named(
    office: Office,
) -> None:
    office.kept.on(LATER)
    before = office.line_of(office.kept.sent("late", "P1"), "P1")
    office.correct(office.kept.transfers["late"], items=["住所"])
    all_but_late_destroyed(office, office.answered(lie=lambda own: [*own[:3], (before, False)]))
    [one] = named(office)
    assert f"tells a record in an old version (recorded at position {before.first})" in one


def test_a_destroyed_record_that_was_left_out_is_named(office: Office) -> None:
    office.kept.on(LATER)
    office.kept.sent("late", "P1")
    all_but_late_destroyed(office, office.answered(lie=without(1)))
    [one] = named(office)
    assert "leaves a record of the person out (recorded at position 2)" in one


def test_corrected_and_withheld_records_that_are_destroyed_are_known_by_their_headers(
    office: Office,
) -> None:
    office.correct(office.kept.transfers["a"], items=["住所"])
    office.correct(office.kept.transfers["b"], principals=members("P1", "P2", "P3"))
    office.kept.on(LATER)
    office.kept.sent("late", "P1")
    cases = [office.answered("P1", whole(office.kept.transfers["c"])), office.answered("P2")]
    for case in cases:
        office.posted(case)
        office.closed(case)
    office.kept.on(OVER)
    office.kept.purge()
    assert office.audit() == ([], {TOLD: 2})


def test_of_records_of_which_no_header_says_enough_nothing_is_proven(office: Office) -> None:
    office.link(person("P1"), EMAIL)
    both = [*members("P1"), {"scheme": EMAIL.scheme, "id": EMAIL.id}]
    office.kept.record("two lines", data(principals=both, transferred_on=DAY))
    office.kept.on(LATER)
    office.kept.sent("late", "P1")
    all_but_late_destroyed(office, office.answered(lie=without(0)))
    assert office.audit() == ([], {UNPROVEN: 1})


def test_of_a_case_that_is_destroyed_nothing_is_said_but_that_it_is(office: Office) -> None:
    office.posted(case := office.answered())
    office.closed(case)
    office.kept.on(OVER)
    office.kept.purge()
    assert office.audit() == (
        [],
        {"can no longer be made again: the case is destroyed": 1},
    )


def test_a_record_under_a_key_of_an_early_day_is_named_with_both_days(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sealer, "record_day", in_forty_days)
        transfer = office.kept.sent("early", "P1")
    position = office.kept.inside.head()
    office.kept.on("2026-06-01")
    office.kept.purge()
    [one] = named(office)
    assert f"the transfer {transfer}, at position {position}, was destroyed on 2026-06-01" in one
    assert "it was to be kept until 2029-04-11" in one


def test_a_clock_that_was_set_ahead_to_destroy_is_named(office: Office) -> None:
    office.kept.on(OVER)
    office.kept.purge()
    office.kept.clock_says(date(2026, 4, 20))
    office.kept.inside.house.exclusions().repeat(office.kept.inside.now, ACTOR)
    found = named(office)
    assert len(found) == 4
    assert all("was destroyed on 2026-04-20" in one for one in found)


def test_a_held_transfer_that_was_destroyed_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = office.kept.hold("訴訟", transfer=office.kept.transfers["b"])
    office.kept.hold("訴訟", transfer=office.kept.transfers["a"])
    office.kept.on(OVER)
    with monkeypatch.context() as patched:
        patched.setattr(HoldsAndCases, "keepers", keeps_nothing)
        office.kept.purge()
    office.kept.release(hold)
    found = named(office)
    assert len(found) == 2
    assert f"the transfer {office.kept.transfers['b']}, at position 2, was destroyed" in found[0]
    assert "kept it" in found[0]


def test_what_a_hold_or_an_open_case_keeps_until_its_end_accuses_nobody(office: Office) -> None:
    hold = office.kept.hold("訴訟", transfer=office.kept.transfers["b"])
    office.kept.on(LATER)
    case = office.answered()
    office.posted(case)
    office.kept.on(OVER)
    office.kept.purge()
    assert office.kept.living() == {"a", "b", "c"}
    assert office.audit() == ([], {AGREE: 1})
    office.kept.release(hold)
    office.closed(case)
    office.kept.on("2029-05-01")
    office.kept.purge()
    assert office.kept.living() == set()
    assert office.audit() == ([], {TOLD: 1})


@pytest.mark.parametrize("keeper_name", ["case", "hold"])
def test_a_record_that_a_reply_told_and_that_went_while_it_was_kept_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch, keeper_name: str
) -> None:
    office.kept.on(LATER)
    case = office.answered()
    office.posted(case)
    if keeper_name == "hold":
        office.kept.hold("訴訟", "P1")
        office.closed(case)
    office.kept.on(OVER)
    with monkeypatch.context() as patched:
        patched.setattr(HoldsAndCases, "keepers", keeps_nothing)
        office.kept.purge()
    found, counts = office.audit()
    assert len(found) == 3
    assert all(f"was destroyed on {OVER}" in one and "kept it" in one for one in found)
    assert counts == {TOLD: 1}
