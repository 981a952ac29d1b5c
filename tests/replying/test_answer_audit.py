"""What an audit names of lies that the holder of every key planted, and that it names no others."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from api.settings.settings import Settings
from ledger.cases import service
from ledger.cases.case import records_digest
from ledger.cases.events.case import CaseRecordsIdentified
from ledger.cases.events.reply import AnswerCommitted
from ledger.cases.steps import Approve
from ledger.crypto.answers import BoundAnswer
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.current import CurrentExclusions, Draft
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.envelope import Append
from ledger.format.event_writer import EventMetadata
from ledger.format.events import ExcludedRange
from ledger.retention.holds_and_cases import HoldsAndCases, Keeper
from ledger.service import Sealer
from ledger.store.append import AppendedBatch, Appender
from ledger.streams import sealer
from tests.database import Database
from tests.ledger.case_given import ABSENT, APPROVER
from tests.ledger.excluding import ask_to_lift, exclude, lift
from tests.ledger.given import ACTOR, data, person
from tests.replying.auditing import (
    DOCUMENTS,
    EMAIL,
    P2,
    Lie,
    Office,
    flipped,
    instead,
    members,
    twice,
    with_line,
    without,
)
from tests.replying.desk import whole
from tests.retaining.keeper import keeper
from tests.serving.processes import on_outer, run

AGREE = "agree"
DAY = "2026-04-10"


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """Three records of a person, one of them with somebody else, and one of that other person."""
    with keeper(database) as kept:
        kept.on(DAY)
        made = Office(kept)
        kept.sent("a", "P1")
        kept.sent("b", "P1", "P2", items=["氏名"])
        kept.sent("c", "P1")
        kept.sent("d", "P2")
        yield made


def named(office: Office) -> list[str]:
    return office.audit()[0]


def appended(office: Office, case: UUID, event: AnswerCommitted | CaseRecordsIdentified) -> None:
    """Append an event to a case as the operator's own software could."""
    house = office.kept.inside.house
    sealing = Sealer(house.keys, house.secret, house.name)
    version = office.state(case).version + 1
    place = EventMetadata(case, version, office.kept.inside.now, ACTOR, random_uuid())
    sealed = sealing.seal(event, place, house.keys.key_for("case", owner=case))
    [done] = Appender(house.writer, house.secret.event_mac).append([Append((sealed,))])
    assert isinstance(done, AppendedBatch)


def changed(office: Office, statement: LiteralString, *values: object) -> None:
    """Change rows as the owner of the database may."""
    office.kept.inside.follow()
    with psycopg.connect(office.kept.inside.database.admin) as connection:
        connection.execute("ALTER TABLE ledger.lookups DISABLE TRIGGER USER")
        done = connection.execute(sql.SQL(statement).format(*map(sql.Literal, values)))
        assert done.rowcount > 0


def test_honest_answers_of_several_persons_agree(office: Office) -> None:
    first = office.answered()
    office.answered("P2")
    office.answered("P3")
    office.posted(first)
    office.closed(first)
    office.correct(office.kept.transfers["a"], items=["住所"])
    office.retract(office.kept.transfers["c"])
    office.kept.sent("e", "P1")
    assert office.audit() == ([], {AGREE: 3})


LIES: dict[str, tuple[Lie, str]] = {
    "a record left out": (without(1), "leaves a record of the person out"),
    "a record told twice": (twice(0), "tells a record twice"),
    "said to be withheld": (flipped(2), "says otherwise than the decision"),
    "all of it left out": (lambda _: [], "leaves a record of the person out"),
    "a version of no event": (instead(0, version=9), "something else than the records say"),
}


@pytest.mark.parametrize("name", LIES)
def test_what_an_answer_binds_instead_of_the_records_is_named(office: Office, name: str) -> None:
    lie, sentence = LIES[name]
    office.answered(lie=lie)
    office.answered("P2")
    found, counts = office.audit()
    assert found
    assert all(sentence in one for one in found)
    assert counts == {AGREE: 1, "do not agree": 1}


def test_a_record_told_as_it_was_before_its_correction_is_named(office: Office) -> None:
    before = office.line_of(office.kept.transfers["a"], "P1")
    office.correct(office.kept.transfers["a"], items=["住所"])

    office.answered(lie=lambda lines: [(before, False), *lines[1:]])
    [one] = named(office)
    assert "tells a record in an old version" in one


def test_a_neighbours_record_is_named_whether_the_person_stands_in_it_or_not(
    office: Office,
) -> None:
    shared = office.line_of(office.kept.transfers["b"], "P2")
    alone = office.line_of(office.kept.transfers["d"], "P2")
    office.answered(lie=with_line(shared))
    office.answered(lie=with_line(alone))
    found = named(office)
    assert len(found) == 2
    assert all("tells a record of somebody else" in one for one in found)
    assert f"position {alone.first}" in found[1]


def test_an_answer_made_for_another_person_case_or_search_is_named(office: Office) -> None:
    case = office.asked()
    office.searched(case, EMAIL)
    office.searched(case)
    office.decided(case)
    office.approved(case, who=(EMAIL,))
    other = office.asked()
    office.searched(other)
    office.decided(other)
    office.approved(other, of=case)
    stranger = office.asked()
    office.searched(stranger)
    office.decided(stranger)
    office.approved(stranger, who=(P2,))
    assert [one.split(" ", 5)[-1] for one in named(office)] == [
        "is not of its case",
        "is not of its case",
        "tells something else than the records say",
    ]


def test_the_answer_of_another_reply_is_named(office: Office) -> None:
    first = office.answered()
    [(_, event)] = office.state(first).answers.values()
    case = office.asked("P2")
    office.searched(case)
    office.decided(case)
    rendered = office.submitted(case)
    search = office.state(case).search
    assert search is not None
    answer = BoundAnswer(search.as_of, event.answer, event.salt)
    office.do(case, Approve(rendered, DOCUMENTS, 4, answer), by=APPROVER)
    [one] = named(office)
    assert "is the answer of another reply" in one


# -- what is not bound, or bound alone -----------------------------------------------------------


def test_a_reply_that_binds_nothing_is_named_but_counted_where_it_is_of_before(
    office: Office,
) -> None:
    for _ in range(2):
        case = office.asked()
        office.searched(case)
        office.decided(case)
        office.do(case, Approve(office.submitted(case), DOCUMENTS, 4), by=APPROVER)
        if _ == 0:
            office.answered("P2")
    found, counts = office.audit()
    [one] = found
    assert "is approved, and no answer is bound for it" in one
    before = "are of before answers were bound: nothing says what they told"
    assert counts == {AGREE: 1, before: 1, "do not agree": 1}


def test_an_answer_that_nobody_approved_is_not_of_its_case(office: Office) -> None:
    case = office.asked()
    office.searched(case)
    office.decided(case)
    office.submitted(case)
    answer = office.bound(case)
    appended(office, case, AnswerCommitted(answer.as_of, answer.value, bytes(32), answer.salt))
    [one] = named(office)
    assert "is not of its case" in one


def test_an_answer_as_of_another_position_than_its_search_is_not_of_its_case(
    office: Office,
) -> None:
    case = office.answered()
    [(content, (_, event))] = office.state(case).answers.items()
    appended(office, case, AnswerCommitted(event.as_of - 1, event.answer, content, event.salt))
    [one] = named(office)
    assert "is not of its case" in one


FORM_1 = "agree as far as form 1 binds (not which version was told)"


def test_of_form_1_is_said_what_it_does_not_bind_and_behind_form_2_it_is_named(
    office: Office,
) -> None:
    cases = [office.asked() for _ in range(2)]
    for case in cases:
        office.searched(case)
        office.decided(case)
    office.approved(cases[1], form=1)
    assert office.audit() == ([], {FORM_1: 1})
    office.answered("P2")
    assert office.audit() == ([], {FORM_1: 1, AGREE: 1})
    office.approved(cases[0], flipped(0), form=1)
    [one] = named(office)
    assert "is bound in form 1, and an answer before it in form 2" in one
    assert f"position {office.kept.inside.head()} " in one


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


def answered_as_of(office: Office, case: UUID, as_of: int) -> None:
    """As `searched_as_of`, and answer although something befell the records since."""
    searched_as_of(office, case, as_of)
    office.decided(case)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RecordFinder, "check_unchanged", lambda *_: None)
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


def test_a_decision_without_a_review_is_named_whatever_its_answer_tells(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(service, "is_decision", lambda _: False)
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
    nothing = ActiveExclusions()
    with monkeypatch.context() as patched:
        patched.setattr(CurrentExclusions, "draft", draft_of(nothing))
        patched.setattr(CurrentExclusions, "active", lambda _: nothing)
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


# -- how records are found -----------------------------------------------------------------------


def test_a_record_that_the_index_hid_from_the_whole_case_is_named(office: Office) -> None:
    line = office.line_of(office.kept.transfers["b"], "P1")
    changed(office, "DELETE FROM projections.entries_a WHERE position = {}", line.first)
    office.answered()
    [one] = named(office)
    assert f"the event at position {line.first}: the index lacks a row of it" in one


def test_a_link_that_an_identifier_does_not_find_is_named(office: Office) -> None:
    office.link(person("P1"), EMAIL)
    position = office.kept.inside.head()
    changed(office, "DELETE FROM ledger.lookups WHERE kind = {}", "link")
    office.answered()
    found = named(office)
    assert len(found) == 2
    assert all(f"the link at position {position} is not found" in one for one in found)


def test_a_record_that_the_software_hid_from_search_decision_and_answer_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, honest = office.kept.transfers["b"], RecordFinder.find

    def find(self: RecordFinder, *asked: Any, **more: Any) -> ReplyRecords:  # noqa: ANN401 -- handed on
        found = honest(self, *asked, **more)
        left = tuple(one for one in found.entries if one.transfer != hidden)
        return replace(
            found, entries=left, provided=tuple(one for one in found.provided if one != hidden)
        )

    with monkeypatch.context() as patched:
        patched.setattr(RecordFinder, "find", find)
        office.answered()
    [one] = named(office)
    assert "leaves a record of the person out" in one


# -- what was destroyed --------------------------------------------------------------------------

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


# -- the command ---------------------------------------------------------------------------------


def test_the_command_says_what_it_found_without_anybody_and_ends_with_a_code(
    office: Office,
) -> None:
    database = office.kept.inside.database
    masters = demo_masters().masters
    settings = Settings(name=database.ledger_name, secret=demo_secret(), epoch_masters=masters)
    given = on_outer(database, settings)
    office.answered()
    office.kept.inside.follow()
    code, printed = run("audit", given=given)
    assert code == 0, printed
    assert "1 agree" in printed
    office.answered(lie=without(0))
    office.kept.inside.follow()
    code, printed = run("audit", given=given)
    assert code == 1, printed
    assert "leaves a record of the person out (recorded at position 1)" in printed
    assert not any(one in printed for one in ("P1", "member", "見本"))
    code, printed = run("audit", given=given | {"LEDGER_SECRET": "00" * 32})
    assert code == 2, printed
