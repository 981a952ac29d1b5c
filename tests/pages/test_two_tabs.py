"""受付登録 in two tabs: one command, two requests; neither is lost, neither is taken in twice."""

import re

import pytest

from api.web.items import random_command
from tests.canary import NAME
from tests.pages.office import Office, Person
from tests.pages.overtaken import differing_rows
from tests.pages.test_intake import typed

ANOTHER = "別人 二郎"
TAKEN = "として受け付けています"
RECEIVED = "SELECT count(*) FROM ledger.events WHERE topic = 'case-received'"
LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"
_COMMAND = re.compile(r'name="command" value="([0-9a-f-]{36})"')


def command_of(text: str) -> str:
    found = _COMMAND.search(text)
    assert found is not None
    return found[1]


@pytest.fixture
def person(office: Office) -> Person:
    opened = office.person("officer")
    opened.post("/desk/new/discard")
    return opened


def two_tabs(person: Person) -> tuple[str, str]:
    """The commands of two tabs that were opened from one draft."""
    person.post("/desk/new/draft", typed(command=str(random_command())))
    first, second = (command_of(person.get("/desk/new").text) for _ in range(2))
    return first, second


def taken(person: Person, **changes: object) -> str:
    """Where the case that the form became stands."""
    answer = person.post("/desk/new", typed(**changes))
    assert answer.status_code == 303, answer.status_code
    return answer.headers["location"].removesuffix("/next")


def test_one_request_sent_from_two_tabs_is_one_case(person: Person) -> None:
    first, second = two_tabs(person)
    assert taken(person, command=first) == taken(person, command=second)


def test_another_request_under_a_used_command_is_not_passed_off_as_taken_in(
    office: Office, person: Person
) -> None:
    first, second = two_tabs(person)
    case = taken(person, command=first)
    before, [[looks]] = office.rows(RECEIVED), office.rows(LOOKS)
    answer = person.post("/desk/new", typed(command=second, name=ANOTHER))
    assert answer.status_code == 409
    assert TAKEN in answer.text
    assert f'href="{case}"' in answer.text
    assert f'value="{ANOTHER}"' in answer.text
    assert office.rows(RECEIVED) == before
    assert office.rows(LOOKS) == [(looks + 1,)], "what is told of the case is a look at it"


def test_what_differs_from_the_request_that_was_taken_in_is_told_field_by_field(
    office: Office, person: Person
) -> None:
    command = str(random_command())
    taken(office.person("colleague"), command=command)
    more = {
        "medium": "electronic",
        "birth_date_day": "6",
        "identifier": ["CNRY-M-0042-7782", "", ""],
    }
    page = person.post("/desk/new", typed(command=command, name=ANOTHER, **more)).text
    assert "ほかの担当者" in page
    rows = {label: (stands, mine) for label, stands, mine in differing_rows(page)}
    assert rows["契約者の氏名"] == (NAME, ANOTHER)
    assert rows["希望する開示方法"][1] == "電磁的記録"
    assert rows["契約者の生年月日"][0][:-1] == rows["契約者の生年月日"][1][:-1]
    assert rows["識別子"][1].endswith("CNRY-M-0042-7782")
    assert len(rows) == 4


def test_it_is_taken_in_when_it_is_sent_again_and_once_alone(person: Person) -> None:
    first, second = two_tabs(person)
    case = taken(person, command=first)
    refused = person.post("/desk/new", typed(command=second, name=ANOTHER)).text
    anew = command_of(refused)
    assert anew != second
    other = taken(person, command=anew, name=ANOTHER)
    assert other != case
    assert taken(person, command=anew, name=ANOTHER) == other
    assert ANOTHER in person.get(other).text
    assert ANOTHER not in person.get(case).text


def test_what_was_taken_in_is_not_kept_again_by_a_late_draft(person: Person) -> None:
    """A page keeps what is typed by itself, also while it is being sent."""
    command = str(random_command())
    taken(person, command=command)
    person.post("/desk/new/draft", typed(command=command))
    part = {"HX-Request": "true"}
    told = person.post("/desk/new/draft", typed(command=command), headers=part).text
    assert told.startswith("この内容は受け付けてあるため")
    kept = person.get("/desk/new").text
    assert NAME not in kept
    assert "下書きから再開" not in kept
