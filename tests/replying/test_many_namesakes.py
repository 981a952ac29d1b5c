"""Very many persons of the name that was searched for, who were sent after the search."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest

from api.case_replies.namesakes import FRESH_MAX
from api.case_replies.points import NOT_EXHAUSTIVE
from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from ledger.cases.namesakes import NAMESAKES_MAX
from ledger.cases.points import REASSESSMENT
from ledger.commands import LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR
from tests.replying.desk import MEMBER, NAME, Desk
from tests.replying.test_late_facts import NONE
from tests.replying.test_namesakes import come, desk_days, searched, verified


def crowd(desk: Desk, count: int = 200, first: int = 0, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
    """A transfer of so many persons of the name."""
    ids = range(first, first + count)
    many = [{"scheme": "member", "id": f"N{n:03}", "name": NAME} for n in ids]
    return desk.record(principals=many, **changes)


def count_finds(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often records are looked for from now on."""
    find, calls = RecordFinder.find, 0

    def counted(self: RecordFinder, *given: Any, **more: Any) -> ReplyRecords:  # noqa: ANN401 -- any
        nonlocal calls
        calls += 1
        return find(self, *given, **more)

    monkeypatch.setattr(RecordFinder, "find", counted)
    return lambda: calls


OLD: Final[dict[str, dict[str, Any]]] = {
    "that were asked for": {},
    "that nobody asks for": {"basis": "exempt_27_1_i", "consent": None},
}


def test_very_many_of_the_name_who_were_sent_since_are_not_looked_at_one_by_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(desk)
    searched(desk).later(minutes=1)
    crowd(desk, **desk_days(desk))
    desk.inside.follow()
    calls = count_finds(monkeypatch)
    found = desk.replies.find_records(desk.state)
    assert desk.replies.points(desk.state, found) == ()
    desk.decided()
    assert desk.flags() == set()
    assert calls() < NAMESAKES_MAX


@pytest.mark.parametrize("name", OLD)
def test_very_many_who_were_sent_since_with_older_records_want_another_search(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    verified(desk)
    searched(desk).decided()
    crowd(desk, **{**desk_days(desk, before=1), **OLD[name]})
    desk.inside.follow()
    calls = count_finds(monkeypatch)
    assert desk.flags() == {"DECISION_VOID"}
    assert calls() < NAMESAKES_MAX


def hidden_crowd(desk: Desk, how: str, count: int, **changes: Any) -> None:  # noqa: ANN401 -- JSON
    """Persons of the name, whom a mark or an exclusion hides."""
    for first in range(0, count, 500):
        marked: dict[str, Any] = {"mark": 2} if how == "marked" else {}
        transfer = crowd(desk, min(500, count - first), first=first, **marked, **changes)
        if how == "excluded":
            desk.inside.follow()
            exclusions = desk.inside.house.exclusions()
            spans = tuple(one.span for one in exclusions.named([transfer]))
            command = Exclude(random_uuid(), ACTOR, spans, "i", "危害", None)
            exclusions.change(command, desk.inside.now)


@pytest.mark.parametrize("how", ["marked", "excluded"])
@pytest.mark.parametrize("days", [1, 0], ids=["before the search", "after it"])
def test_nothing_depends_on_how_many_of_the_name_are_hidden(
    desk: Desk, how: str, days: int
) -> None:
    verified(desk)
    searched(desk).decided()
    desk.later(minutes=1)
    count = 200 if days else FRESH_MAX + 1
    hidden_crowd(desk, how, count, **desk_days(desk, before=days))
    assert desk.flags() == set()


@pytest.mark.parametrize("how", ["marked", "excluded"])
def test_nothing_depends_on_what_is_hidden_of_persons_of_whom_something_is_not(
    desk: Desk, how: str
) -> None:
    verified(desk)
    searched(desk).decided()
    desk.later(minutes=1)
    # What came since and was made since counts for nothing: but they would, by what is hidden.
    crowd(desk, NAMESAKES_MAX + 1, **desk_days(desk))
    hidden_crowd(desk, how, NAMESAKES_MAX + 1, **desk_days(desk, before=1))
    assert desk.flags() == set()


@pytest.mark.parametrize("how", ["marked", "excluded"])
def test_what_is_hidden_of_those_who_are_known_makes_no_point(desk: Desk, how: str) -> None:
    verified(desk)
    desk.record()
    crowd(desk, 201, basis="exempt_27_1_i")
    said: dict[str, Any] = {
        "identifiers": [{"scheme": MEMBER.scheme, "id": MEMBER.id}],
        "tried": [],
    }
    seen = desk.inside.house.names.called(NAME, desk.inside.follow(), NAMESAKES_MAX).identifiers
    searched(desk, *seen, others_left_out="住所で絞り込んだ", **said)
    hidden_crowd(desk, how, 201, basis="exempt_27_1_i")
    desk.inside.follow()
    assert desk.replies.points(desk.state, desk.replies.find_records(desk.state)) == ()


def test_more_than_can_be_judged_want_another_search_whenever_they_were_made(desk: Desk) -> None:
    verified(desk)
    searched(desk).decided()
    desk.later(minutes=1)
    for first in range(0, FRESH_MAX + 1, 500):
        crowd(desk, 500, first=first, **desk_days(desk))
    assert desk.flags() == {"DECISION_VOID"}


def test_of_very_many_of_the_name_to_whom_something_came_it_is_told_that_some_are_not_looked_at(
    desk: Desk,
) -> None:
    verified(desk)
    desk.record()
    crowd(desk, basis="exempt_27_1_i")
    said: dict[str, Any] = {
        "identifiers": [{"scheme": MEMBER.scheme, "id": MEMBER.id}],
        "tried": [],
    }
    seen = desk.inside.house.names.called(NAME, desk.inside.follow(), NAMESAKES_MAX).identifiers
    searched(desk, *seen, others_left_out="住所で絞り込んだ", **said)
    found = desk.replies.find_records(desk.state)
    assert desk.replies.points(desk.state, found) == ()
    crowd(desk, basis="exempt_27_1_i")
    desk.inside.follow()
    [told] = desk.replies.points(desk.state, found)
    assert (told.point.kind, told.point.subjects) == (REASSESSMENT, (NOT_EXHAUSTIVE,))
    assert told.labels == ("氏名が一致する方が多いため、一部の方の記録は確認していません。",)


def test_very_many_who_are_linked_hide_nobody_to_whom_a_record_came(desk: Desk) -> None:
    verified(desk)
    crowd(desk, basis="exempt_27_1_i", consent=None)
    for n in range(192):
        ends = (PrincipalRef("member", f"N{n:03}"), PrincipalRef("email", f"n{n}@example.jp"))
        link = LinkIdentifiers(random_uuid(), ACTOR, *ends, "住民票")
        desk.inside.ledger.link(link, desk.inside.now)
    seen = desk.inside.house.names.called(NAME, desk.inside.follow(), NAMESAKES_MAX).identifiers
    narrowed: dict[str, Any] = {"others_left_out": "住所で絞り込んだ"}
    found = searched(desk, *seen, **narrowed)
    told = [
        one.point
        for one in desk.replies.points(found.state, desk.replies.find_records(found.state))
    ]
    desk.decided(points=told, answers={REASSESSMENT: NONE})
    assert desk.flags() == set()
    left = (
        PrincipalRef("member", f"N{n:03}") for n in range(4 * NAMESAKES_MAX - 8, 4 * NAMESAKES_MAX)
    )
    come(desk, next(one for one in left if one not in seen))
    assert desk.flags() == {"DECISION_VOID"}
