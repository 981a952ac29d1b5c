"""What an audit names of records that were hidden or shown without a decision, or searched late."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from api.case_replies.records import RecordFinder
from ledger.cases import service
from ledger.cases.case import records_digest
from ledger.cases.events.case import CaseRecordsIdentified
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.current import CurrentExclusions, Draft
from ledger.exclusions.exclusion import ActiveExclusions, LiftExclusion, RecordAt
from ledger.format.events import ExcludedRange
from tests.ledger.case_given import ABSENT
from tests.ledger.excluding import CHIEF, SECOND, ask_to_lift, exclude, lift
from tests.ledger.given import ACTOR, data
from tests.replying.auditing import (
    AGREE,
    DAY,
    Office,
    appended,
    named,
    with_line,
    without,
)

# -- how old the search is -----------------------------------------------------------------------


def searched_as_of(office: Office, case: UUID, as_of: int) -> None:
    """Search as of a position, as the operator's own software could."""
    refs = office.state(case).application.identifiers
    office.kept.inside.follow()
    found = office.finder.find(refs, as_of, office.state(case).application)
    digest = records_digest(found.provided, found.received)
    counts = (len(found.provided), len(found.received))
    event = CaseRecordsIdentified(as_of, refs, (ABSENT,), "会員番号", *counts, digest)
    appended(office, case, event)


def unchecked(*_: object) -> None:
    """In place of a check that refuses."""


def answered_as_of(office: Office, case: UUID, as_of: int) -> None:
    """As `searched_as_of`, and answer although something befell the records since."""
    searched_as_of(office, case, as_of)
    office.decided(case)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RecordFinder, "check_unchanged", unchecked)
        office.approved(case)


def test_a_search_from_before_its_case_could_be_searched_is_named(office: Office) -> None:
    case = office.asked()
    answered_as_of(office, case, office.state(case).searchable_from - 1)
    [one] = named(office)
    assert "is as of a position from before its case could be searched" in one


def test_what_a_search_as_of_an_old_position_leaves_out_is_named(office: Office) -> None:
    case = office.asked()
    as_of = office.state(case).searchable_from
    office.kept.on("2026-06-10")
    lines = [office.line_of(office.kept.sent(key, "P1"), "P1") for key in ("e", "f")]
    office.correct(office.kept.transfers["a"], items=["住所"])
    office.kept.sent("g", "P2")
    office.kept.clock_says(date(2026, 6, 11))
    office.kept.sent("of that day", "P1")
    answered_as_of(office, case, as_of)
    found = named(office)
    assert [one.split(" ", 5)[-1] for one in found] == [
        "tells a record in an old version (recorded at position 1)",
        *(
            "leaves out what was recorded of the person on a day before the search"
            f" (recorded at position {line.first})"
            for line in lines
        ),
    ]


def test_what_is_recorded_while_somebody_searches_accuses_nobody(office: Office) -> None:
    office.kept.clock_says(date(2026, 6, 11))
    inside = office.kept.inside
    inside.now = inside.now.replace(hour=14, minute=59)  # midnight in Japan is at 15:00
    case = office.asked()
    as_of = office.kept.inside.follow()
    office.kept.sent("e", "P1")
    inside.now += timedelta(minutes=2)
    answered_as_of(office, case, as_of)
    assert office.audit() == ([], {AGREE: 1})


def test_what_was_hidden_when_it_was_searched_accuses_nobody(office: Office) -> None:
    case = office.asked()
    as_of, inside = office.state(case).searchable_from, office.kept.inside
    lines = [office.line_of(office.kept.sent(key, "P1"), "P1") for key in ("e", "f")]
    office.kept.record("m", data("P1", transferred_on=DAY), mark=2)
    for line in lines:
        exclude(inside, line.first, of="P1")
    daily(office, DAY)
    office.kept.on("2026-04-13")
    searched_as_of(office, case, as_of)
    lift(inside, lines[0].first, of="P1")
    daily(office, "2026-04-15")
    office.decided(case)
    office.approved(case)
    assert office.audit() == ([], {AGREE: 1})


# -- Order 11 ------------------------------------------------------------------------------------


def test_what_is_excluded_by_decision_or_marked_is_left_out_and_nobody_accused(
    office: Office,
) -> None:
    inside = office.kept.inside
    hidden = office.line_of(office.kept.transfers["b"], "P1").first
    office.kept.record("m", data("P1", transferred_on=DAY), mark=2)
    exclude(inside, hidden, of="P1")
    office.answered()
    office.answered("P2")
    inside.house.exclusions().repeat(inside.now, ACTOR)
    office.answered()
    lift(inside, hidden, of="P1")
    office.answered()
    inside.house.exclusions().repeat(inside.now, ACTOR)
    assert office.audit() == ([], {AGREE: 4})


def draft_of(active: ActiveExclusions) -> Callable[[object], Draft]:
    """What the operator's software believes to be excluded, which is written nowhere."""
    return lambda _: Draft(active)


def test_an_exclusion_that_stands_in_the_review_of_a_case_alone_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = office.line_of(office.kept.transfers["b"], "P1")
    lie = ActiveExclusions((ExcludedRange(line.first, line.first, "i"),))
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(lie))
        office.answered()
    [one] = named(office)
    assert "no daily event says who decided it" in one
    assert f"position {line.first}" in one


def test_a_marked_record_that_one_person_shows_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.kept.record("m", data("P1", transferred_on=DAY), mark=2)
    inside = office.kept.inside
    position = inside.head()
    [named_record] = inside.house.exclusions().named([office.kept.transfers["m"]])
    lie = ActiveExclusions(unmarked=(ExcludedRange(position, position, "ii"),))
    assert named_record.span == (position, position)
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(lie))
        office.answered()
    [one] = named(office)
    assert "not two persons lifted the mark" in one


def test_a_record_that_was_excluded_and_told_all_the_same_is_named(office: Office) -> None:
    line = office.line_of(office.kept.transfers["b"], "P1")
    exclude(office.kept.inside, line.first, of="P1")
    office.answered(lie=with_line(line))
    [one] = named(office)
    assert "tells a record that was excluded" in one


def never(_: object) -> bool:
    return False


def test_a_decision_without_a_review_is_named_whatever_its_answer_tells(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(service, "is_decision", never)
        office.answered(lie=without(1))
        office.answered("P2")
    office.answered("P3")
    found, counts = office.audit()
    assert len(found) == 2
    assert all("has no review of what was excluded" in one for one in found)
    assert counts == {AGREE: 1, "do not agree": 2}


def test_a_review_that_is_destroyed_is_none_that_never_was(office: Office) -> None:
    office.posted(office.answered())
    office.kept.on("2029-05-02")
    office.kept.purge()
    assert office.kept.living() == {"a", "b", "c"}, "the open case keeps them"
    lost = "can no longer be made again: what was excluded then is destroyed"
    assert office.audit() == ([], {lost: 1})


def daily(office: Office, day: str) -> None:
    """A day comes, and the event that repeats what is excluded."""
    office.kept.on(day)
    office.kept.inside.house.exclusions().repeat(office.kept.inside.now, ACTOR)


def told_as_if_nothing_was_excluded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's software believes so while it searches, decides and reviews."""
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(ActiveExclusions()))
        case = office.answered()
    assert len(office.state(case).answers) == 1


@pytest.mark.parametrize("then", ["it stands", "two persons lift it later", "one person lifts it"])
def test_a_record_that_the_daily_events_exclude_and_that_is_told_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    first, inside = office.line_of(office.kept.transfers["b"], "P1").first, office.kept.inside
    exclude(inside, first, of="P1")
    daily(office, DAY)
    daily(office, "2026-04-11")
    office.kept.clock_says(date(2026, 4, 12))
    if then == "one person lifts it":
        ask_to_lift(inside, first, of="P1")
    told_as_if_nothing_was_excluded(office, monkeypatch)
    if then == "two persons lift it later":
        office.kept.clock_says(date(2026, 4, 13))
        lift(inside, first, of="P1")
    for _ in ("by the draft", "by the next daily event"):
        [one] = named(office)
        assert f"tells a record that was excluded (recorded at position {first})" in one
        daily(office, "2026-04-14")


def test_a_record_that_is_excluded_and_told_before_any_daily_event_says_so_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = office.line_of(office.kept.transfers["b"], "P1").first
    exclude(office.kept.inside, first, of="P1")
    office.kept.inside.now += timedelta(hours=1)
    told_as_if_nothing_was_excluded(office, monkeypatch)
    [one] = named(office)
    assert "tells a record that was excluded" in one


def test_what_is_told_between_a_lift_and_another_exclusion_accuses_nobody(office: Office) -> None:
    first, inside = office.line_of(office.kept.transfers["b"], "P1").first, office.kept.inside
    exclude(inside, first)
    daily(office, DAY)
    office.kept.clock_says(date(2026, 4, 11))
    lift(inside, first, of="P1")
    office.answered()
    office.answered("P2")
    exclude(inside, first, of="P1")
    assert office.audit() == ([], {AGREE: 2})
    daily(office, "2026-04-12")
    assert office.audit() == ([], {AGREE: 2})


# -- within one day ------------------------------------------------------------------------------


def later(office: Office) -> None:
    office.kept.inside.now += timedelta(hours=1)


def test_a_record_that_is_left_out_first_and_excluded_later_that_day_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, inside = office.line_of(office.kept.transfers["b"], "P1").first, office.kept.inside
    lie = ActiveExclusions((ExcludedRange(first, first, "i"),))
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(lie))
        office.answered()
    later(office)
    exclude(inside, first, of="P1")
    for _ in ("by the draft", "by the next daily event"):
        [one] = named(office)
        assert "no daily event says who decided it" in one
        daily(office, "2026-04-14")


def test_a_record_that_is_told_although_excluded_and_lifted_later_that_day_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, inside = office.line_of(office.kept.transfers["b"], "P1").first, office.kept.inside
    exclude(inside, first, of="P1")
    later(office)
    told_as_if_nothing_was_excluded(office, monkeypatch)
    later(office)
    lift(inside, first, of="P1")
    for _ in ("by the draft", "by the next daily event"):
        [one] = named(office)
        assert f"tells a record that was excluded (recorded at position {first})" in one
        daily(office, "2026-04-14")


def test_a_mark_that_is_lifted_after_its_record_was_told_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.kept.record("m", data("P1", transferred_on=DAY), mark=2)
    inside = office.kept.inside
    position = inside.head()
    lie = ActiveExclusions(unmarked=(ExcludedRange(position, position, "ii"),))
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(lie))
        office.answered()
    later(office)
    records = {position: RecordAt(frozenset(), "ii")}
    for actor in (CHIEF, SECOND):
        span = ((position, position),)
        command = LiftExclusion(random_uuid(), actor, span, "おそれがない", records=records)
        inside.house.exclusions().change(command, inside.now)
    for _ in ("by the draft", "by the next daily event"):
        [one] = named(office)
        assert "not two persons lifted the mark" in one
        daily(office, "2026-04-14")


def test_what_is_excluded_again_on_another_ground_and_lifted_that_day_accuses_nobody(
    office: Office,
) -> None:
    first, inside = office.line_of(office.kept.transfers["b"], "P1").first, office.kept.inside
    exclude(inside, first, of="P1")
    later(office)
    office.answered()
    later(office)
    exclude(inside, first, ground="ii", of="P1")
    assert office.audit() == ([], {AGREE: 1})
    later(office)
    lift(inside, first, of="P1")
    later(office)
    office.answered()
    assert office.audit() == ([], {AGREE: 2})
    daily(office, "2026-04-14")
    assert office.audit() == ([], {AGREE: 2})
