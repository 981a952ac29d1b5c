"""Two officers at one case: the version that was seen, and requests that are sent again."""

from typing import Any

import pytest

from tests.doors.cases.desk import WHO, Case, begun, look, received, request
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import provision

NOT_ONE_STRONG_TAG = {
    "weak": 'W/"1"',
    "any": "*",
    "a list": '"1", "2"',
    "bare": "1",
    "half quoted": '"1',
    "nothing": "",
}


def key() -> str:
    return f'"case-{fresh_id()}"'


def test_of_two_officers_the_second_is_told_to_look_again(corridor: Corridor) -> None:
    first = begun(corridor)
    second = Case(corridor, first.id, first.etag)
    first.do("documents", look())
    late = second.ask("documents", look(note="同時に見た"), by="officer-2")
    assert (late.status, late.code) == (412, "PRECONDITION_FAILED")
    second.read()
    second.do("verification", by="officer-2")
    assert second.status == "search"


def test_a_step_without_a_tag_is_not_taken(corridor: Corridor) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(), If_Match=None)
    assert (answer.status, answer.code) == (428, "PRECONDITION_REQUIRED")
    assert case.read()["version"] == 1


@pytest.mark.parametrize("name", NOT_ONE_STRONG_TAG)
def test_what_is_not_one_strong_tag_is_refused_as_such(corridor: Corridor, name: str) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(), If_Match=NOT_ONE_STRONG_TAG[name])
    assert (answer.status, answer.code) == (400, "IF_MATCH_MALFORMED")
    assert answer.body["type"] == "/problems/if-match-malformed"
    assert case.read()["version"] == 1


@pytest.mark.parametrize("tag", ['"2"', '"01"', '"0"', '""', '"v1"', f'"{10**20}"'])
def test_a_tag_of_something_else_is_stale(corridor: Corridor, tag: str) -> None:
    answer = begun(corridor).ask("documents", look(), If_Match=tag)
    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")


def test_the_tag_moves_with_each_step_and_with_nothing_else(corridor: Corridor) -> None:
    case = begun(corridor)
    tags = [case.etag]
    case.read()
    assert case.etag == tags[0]
    for door, body in (("documents", look()), ("verification", {})):
        tags.append(case.do(door, body).etag)
        case.read()
        assert case.etag == tags[-1]
    assert tags == ['"1"', '"2"', '"3"']


def test_a_request_that_is_sent_again_begins_one_case(corridor: Corridor) -> None:
    sent, body = {"Idempotency-Key": key()}, request()
    first, again = received(corridor, body, **sent), received(corridor, body, **sent)
    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]


def every_door(case: Case, **how: Any) -> dict[str, Answer]:  # noqa: ANN401 -- as `ask` takes it
    """What each door that reads no body of its own answers."""
    doors = ("correction-request", "verification", "refusal", "submit")
    return {door: case.ask(door, **how) for door in doors}


def test_a_case_that_is_not_there_and_something_else_are_one_answer(corridor: Corridor) -> None:
    transfer = corridor.record(provision())["transfer"]
    bodies: list[dict[str, Any]] = []
    for stream in ("00000000-0000-4000-8000-000000000007", transfer):
        case = Case(corridor, stream, '"1"')
        answers = [*every_door(case).values(), case.fetch(""), case.fetch("/preview.pdf")]
        answers.append(case.ask("candidates", {"identifiers": [WHO]}, If_Match=None))
        for answer in answers:
            assert answer.status == 404
            bodies.append({k: v for k, v in answer.body.items() if k != "instance"})
    assert all(one == bodies[0] for one in bodies)
