"""What an audit names of lies that the holder of every key planted, and that it names no others."""

from dataclasses import replace
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from api.settings.settings import Settings
from ledger.cases.events.reply import AnswerCommitted
from ledger.cases.steps import Approve
from ledger.crypto.answers import BoundAnswer
from ledger.crypto.epoch import demo_masters, demo_secret
from tests.ledger.case_given import APPROVER
from tests.ledger.given import person
from tests.replying.auditing import (
    AGREE,
    DOCUMENTS,
    EMAIL,
    P2,
    Lie,
    Office,
    appended,
    flipped,
    instead,
    named,
    twice,
    with_line,
    without,
)
from tests.serving.processes import on_outer, run


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
