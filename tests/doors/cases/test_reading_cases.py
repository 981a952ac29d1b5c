"""What is read of a case: the whole one, its addresses, earlier ones, candidates; and by whom."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from api.auth import Scope
from api.resources.cases.schemas import answers
from api.resources.cases.schemas.case_view import masked
from api.resources.cases.step_endpoints import ENDPOINTS
from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import (
    ADDRESS,
    DESK,
    POST_NUMBER,
    WHO,
    Case,
    begun,
    fits,
    look,
    received,
    request,
    today,
)
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import provision
from tests.matrix import every

NEWEST = "SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
# -- one case -------------------------------------------------------------------------------------


def test_a_look_at_a_case_is_on_record(corridor: Corridor) -> None:
    case = begun(corridor)
    head = corridor.head()
    assert case.read()["viewed_at_position"] == head + 1 == corridor.head()
    assert corridor.fetch(NEWEST) == [("document-viewed",)]
    auditor = corridor.key("audit:read")
    looks = corridor.ask("GET", f"/v1/accesses?case={case.last['number']}", key=auditor)
    assert looks.status == 200, looks.text
    assert [one["what"] for one in looks.body["accesses"]] == ["case_file"]


# -- earlier cases and candidates ------------------------------------------------------------------


def test_earlier_cases_of_the_same_person_are_links_and_nothing_more(corridor: Corridor) -> None:
    mine = [{"scheme": "email", "id": "CNRY-once@cnry.example"}]
    first = begun(corridor, identifiers=mine).verified()
    again = begun(corridor, identifiers=[{**mine[0], "id": "cnry-ONCE@cnry.example "}])
    [link] = again.last["similar"]
    assert link == {
        "case": first.id,
        "number": first.last["number"],
        "arrived_on": today(),
        "status": "search",
    }
    assert (again.status, again.read()["check"]["outcome"]) == ("received", None)
    key = corridor.key(*DESK, label="officer")
    answer = corridor.ask("POST", "/v1/cases/search", {"identifiers": mine}, key=key)
    fits(answers.SIMILAR, answer.body)
    assert [one["case"] for one in answer.body["similar"]] == [again.id, first.id]
    assert corridor.ask("POST", "/v1/cases/search", {"identifiers": []}, key=key).status == 422


# -- What is wrong with a case's bodies is told with pointer and code, and never lets a door fall --


def day_to_come() -> str:
    return (day_in_japan(now()) + timedelta(days=3)).isoformat()


FORM = {"name": "見本 花子", "address": ADDRESS}
MY_NUMBER = "12345678901" + check_digit("12345678901").__str__()
GROUPED = f"{MY_NUMBER[:4]}-{MY_NUMBER[4:8]}-{MY_NUMBER[8:]}"
REQUESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "tomorrow": ({"arrived_on": day_to_come()}, "/arrived_on", "DATE_IN_FUTURE"),
    "the agent's address": (
        {"requester": "mandated_agent", "reply_address": "representative_identity_document"},
        "/reply_address",
        "REPLY_ADDRESS_NOT_ALLOWED",
    ),
    "an unknown member": ({"favourite": "blue"}, "/favourite", "SCHEMA"),
    "an individual number": (
        {"form": {**FORM, "note": f"番号 {MY_NUMBER}"}},
        "/form/note",
        "MY_NUMBER_SHOWN",
    ),
    "an individual number in groups": (
        {"form": {**FORM, "name": GROUPED}},
        "/form/name",
        "MY_NUMBER_SHOWN",
    ),
    "too many identifiers": ({"identifiers": [WHO] * 51}, "/identifiers", "SCHEMA"),
}


@every("name", REQUESTS)
def test_a_request_that_contradicts_itself_is_not_taken_in(corridor: Corridor, name: str) -> None:
    changes, pointer, code = REQUESTS[name]
    answer = received(corridor, request(**changes))
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors[pointer] == code
    assert MY_NUMBER not in answer.text


def test_an_identifier_of_twelve_digits_is_a_name_and_no_individual_number(
    corridor: Corridor,
) -> None:
    named = [{"scheme": "contract", "id": MY_NUMBER}]
    assert received(corridor, request(identifiers=named)).status == 201


def test_what_the_form_lacks_is_named_by_a_field_that_a_letter_can_name(
    corridor: Corridor,
) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(form_missing=["seal", "favourite_colour"]))
    assert answer.status == 422
    assert answer.errors == {"/form_missing/1": "FORM_FIELD_UNKNOWN"}
    case.do("documents", look(form_missing=["seal"]))


# -- The work list: pages of cases, masked, by status and by the day on which something falls due --


def listed(corridor: Corridor, query: str = "") -> dict[str, Any]:
    """A page of the work list."""
    key = corridor.key(*DESK, label="officer")
    answer = corridor.ask("GET", f"/v1/cases{query}", key=key)
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    fits(answers.WORK_LIST, answer.body)
    return answer.body


def ids(corridor: Corridor, query: str = "") -> list[str]:
    return [one["case"] for one in listed(corridor, query)["cases"]]


@every(
    "name, shown",
    [
        ("山田 太郎", "山＊\u3000太＊"),
        ("山田\u3000太郎", "山＊\u3000太＊"),
        ("林", "＊"),
        ("林 太郎", "＊\u3000太＊"),
        ("林 誠", "＊\u3000＊"),
        ("邉\U000e0110", "＊"),
        ("邉\U000e0110田 花子", "邉\U000e0110＊\u3000花＊"),
        ("", ""),
    ],
)
def test_a_name_is_masked_but_for_its_first_characters(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_the_work_list_comes_in_pages_and_masks_names(corridor: Corridor) -> None:
    cases = [begun(corridor).id for _ in range(3)]
    everything = ids(corridor, "?limit=100")
    assert everything[:3] == list(reversed(cases))
    found, cursor = list[str](), ""
    while True:
        page = listed(corridor, f"?limit=2{cursor}")
        found += [one["case"] for one in page["cases"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert found == everything
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == cases[0]]
    assert row["name"] == "神＊\u3000金＊"
    assert NAME not in repr(listed(corridor))


class Days:
    """A desk whose days pass."""

    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now

    @property
    def today(self) -> date:
        return day_in_japan(self.now)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def desk(database: Database, days: Days) -> Iterator[Corridor]:
    with open_doors(database.urls, clock=days) as corridor:
        yield corridor


def test_cases_are_found_by_the_clock_that_falls_due_next(desk: Corridor, days: Days) -> None:
    case = begun(desk, arrived_on=days.today.isoformat())
    first = date.fromisoformat(case.read()["due"]["on"])
    assert first > days.today
    before = (first - timedelta(days=1)).isoformat()
    assert ids(desk, f"?due={before}") == []
    assert ids(desk, f"?due={first.isoformat()}") == [case.id]
    assert ids(desk, "?due=today") == ids(desk, "?due=overdue") == []
    days.now += first - days.today
    assert (ids(desk, "?due=today"), ids(desk, "?due=overdue")) == ([case.id], [])
    days.now += timedelta(days=1)
    assert ids(desk, "?due=today") == ids(desk, "?due=overdue") == [case.id]
    case.do("withdrawal", {"withdrawn_on": days.today.isoformat(), "evidence": "取下書"})
    assert ids(desk, "?due=overdue") == []
    assert ids(desk) == [case.id]


def test_a_second_process_sees_what_the_first_one_did(desk: Corridor, days: Days) -> None:
    with open_doors(desk.urls, clock=days, followed=False) as other:
        case = begun(desk)
        assert ids(other) == ids(desk) == [case.id]
        there = Case(other, case.id, case.etag).do("documents", look())
        assert listed(desk)["cases"][0]["status"] == there.status


# -- What is refused for the case's status names the door asked at, and those that are open --


EVERYTHING: tuple[Scope, ...] = (*DESK, "cases:approve")
WHY = {"reason": "理由"}
FOUND = {"identifiers": [WHO], "evidence": "会員番号が一致"}
# A body that each door takes, as far as the body goes.


def bodies() -> dict[str, dict[str, Any]]:
    return {
        "documents": look(),
        "same-papers": {"form_checked": True},
        "resubmission": {"arrived_on": today()},
        "principal": FOUND,
        "person": FOUND,
        "measures": {"outcome": "not_taken", **WHY},
        "return": WHY,
        "reopen": WHY,
        "end-mistake": WHY,
        "mistake-dismissal": WHY,
        "entry-mistake": {"cause": "other", **WHY},
        "dispatch": {"dispatched_on": today(), "item_number": POST_NUMBER},
        "password-letter": {"dispatched_on": today(), "item_number": "123-45-67891-2"},
        "delivery": {"delivered_on": today()},
        "returned-mail": {"returned_on": today(), "reason": "not_collected"},
        "withdrawal": {"withdrawn_on": today(), "evidence": "取下書"},
        "death": {"learned_on": today(), "evidence": "電話"},
        "print-as": {"substitutes": []},
    }


def test_every_door_that_is_not_open_says_so_by_its_name(corridor: Corridor) -> None:
    case = begun(corridor)
    shut = {one.path for one in ENDPOINTS.values()} - set(case.read(EVERYTHING)["next"])
    assert len(shut) > len(ENDPOINTS) / 2
    for door in sorted(shut):
        answer = case.ask(door, bodies().get(door, {}), scopes=EVERYTHING)
        assert (answer.status, answer.code) == (409, "CASE_STATUS"), (door, answer.text)
        assert (answer.body["step"], answer.body["case_status"]) == (door, "received")
        assert answer.body["open"] == case.read(EVERYTHING)["next"]


def test_the_open_doors_are_those_of_who_asks(corridor: Corridor) -> None:
    case = begun(corridor)
    answer = case.ask("return", WHY, scopes=("cases:read", "cases:approve"), by="approver")
    assert (answer.code, answer.body["open"]) == ("CASE_STATUS", [])


# -- Two officers at one case: the version that was seen, and requests that are sent again --


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


@every("name", NOT_ONE_STRONG_TAG)
def test_what_is_not_one_strong_tag_is_refused_as_such(corridor: Corridor, name: str) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(), If_Match=NOT_ONE_STRONG_TAG[name])
    assert (answer.status, answer.code) == (400, "IF_MATCH_MALFORMED")
    assert answer.body["type"] == "/problems/if-match-malformed"
    assert case.read()["version"] == 1


@every("tag", ['"2"', '"01"', '"0"', '""', '"v1"', f'"{10**20}"'])
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
