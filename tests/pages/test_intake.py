"""受付登録: what was typed becomes a case as it was typed, once; what is wrong is told by field."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from api.web.items import random_command
from ledger.cases.intake import LATE_ENTRY_DAYS
from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.canary import NAME
from tests.doors.cases.desk import look
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.filling import sheet
from tests.pages.office import Office, Person
from tests.pages.recorded import member


def this_day() -> date:
    return day_in_japan(now())


TOMORROW = this_day() + timedelta(days=3)
MY_NUMBER = f"12345678901{check_digit('12345678901')}"
LATE = this_day() - timedelta(days=LATE_ENTRY_DAYS + 2)
ADDRESS = "東京都千代田区永田町２－１１－１　山王パークタワー"


def day(name: str, era: str, year: object, month: object, on: object) -> dict[str, str]:
    return {
        f"{name}_era": era,
        f"{name}_year": str(year),
        f"{name}_month": str(month),
        f"{name}_day": str(on),
    }


def typed(**changes: object) -> dict[str, Any]:
    """A form that is right."""
    return {
        "kind": "provision_records",
        **day("arrived_on", "ad", this_day().year, this_day().month, this_day().day),
        "channel": "post",
        "requester": "self",
        "name": NAME,
        "name_kana": "カグラザカ　カナリア",
        **day("birth_date", "showa", 64, 1, 7),
        "postal_code": "100-6150",
        "address": ADDRESS,
        "scheme": ["member", "", ""],
        "identifier": ["CNRY-M-0042-7781", "", ""],
        "provided": "yes",
        "received": "yes",
        "medium": "paper",
        "reply_address": "registered",
        **changes,
    }


def taken(office: Office, **changes: object) -> dict[str, Any]:
    """The case that the form became, as the API tells it."""
    answer = office.person("officer").post("/desk/new", typed(**changes))
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)
    path = answer.headers["location"]
    found = re.fullmatch("/desk/cases/([0-9a-f-]{36})/next", path)
    assert found is not None
    told = office.api("GET", f"/v1/cases/{found[1]}", Work(office).key("officer"))
    assert told.status_code == 200
    return told.json()


def wrong(office: Office, **changes: object) -> dict[str, str]:
    """Field → what the page says is wrong with it."""
    answer = office.person("officer").post("/desk/new", typed(**changes))
    assert answer.status_code == 422, answer.status_code
    found = dict(re.findall(r'<p class="error-text" id="([a-z_]+)-error">([^<]+)</p>', answer.text))
    listed = re.findall(r'<li><a href="#([a-z_]+)">', answer.text)
    assert [*found] == listed
    for name in listed:
        assert f'id="{name}"' in answer.text
        assert f"{name}-error" in answer.text
    return found


def test_a_form_becomes_a_case_with_every_character_as_it_was_typed(office: Office) -> None:
    told = taken(office, name="渡邉\U000e0101 﨑", phone="03-1234-5678")
    application = told["application"]
    assert application["form"] == {
        "name": "渡邉\U000e0101 﨑",
        "name_kana": "カグラザカ　カナリア",
        "postal_code": "100-6150",
        "address": ADDRESS,
        "phone": "03-1234-5678",
    }
    assert application["birth_date"] == "1989-01-07"
    assert application["arrived_on"] == this_day().isoformat()
    assert application["identifiers"] == [{"scheme": "member", "id": "CNRY-M-0042-7781"}]
    assert (application["medium"], application["reply_address"]) == ("paper", "registered")
    assert (told["status"], told["events"][0]["type"]) == ("received", "case-received")


def test_a_late_entry_says_why_and_the_case_shows_it(office: Office) -> None:
    arrived = day("arrived_on", "ad", LATE.year, LATE.month, LATE.day)
    reason = "別の部署に届いていた"
    told = taken(office, **arrived, late_entry_reason=reason)
    application = told["application"]
    assert application["late_entry_reason"] == reason
    assert "late_entry_reason" not in application["form"]
    shown = office.person("officer").get(f"/desk/cases/{told['case']}").text
    assert f"<dt>到達から31日を超えて登録した理由</dt><dd>{reason}</dd>" in shown


def test_an_agent_and_a_representative_are_taken_in_with_theirs(office: Office) -> None:
    agent = taken(
        office,
        requester="mandated_agent",
        agent_name="代理 太郎",
        agent_address="東京都港区1-1",
        agent_relation="弁護士",
    )["application"]
    assert agent["form"]["agent_relation"] == "弁護士"
    parent = taken(
        office,
        requester="legal_representative",
        representation="parent_of_minor",
        representative_name="親権 花子",
        representative_address="東京都港区1-2",
        reply_address="representative_identity_document",
    )["application"]
    assert parent["representation"] == "parent_of_minor"


def test_a_draft_outlives_the_session_and_is_one_s_own(office: Office) -> None:
    person = office.signed_in("officer")
    assert person.post("/desk/new/draft", typed(name="下書 花子")).status_code == 200
    person.post("/sign-out")
    again = office.signed_in("officer").get("/desk/new").text
    assert 'value="下書 花子"' in again
    assert "下書きから再開しています" in again
    assert "下書 花子" not in office.person("colleague").get("/desk/new").text


def test_a_draft_lies_sealed_and_is_gone_once_it_became_a_case(office: Office) -> None:
    person = office.person("officer")
    person.post("/desk/new/draft", typed(name="下書 花子"))
    rows = office.rows("SELECT sealed, octet_length(place) FROM ledger.form_drafts")
    assert rows
    for sealed, length in rows:
        assert "下書".encode() not in bytes(sealed)
        assert length == 16
    taken(office)
    assert "下書きから再開" not in person.get("/desk/new").text


def test_the_officer_goes_straight_on_to_the_papers_and_sees_requests_of_the_same_person(
    office: Office, work: Work, officer: Person
) -> None:
    """Links alone: nothing that was found out about the other request is taken over."""
    who = member()
    first = work.begun(identifiers=[who]).do("documents", look()).do("verification")
    form = typed(scheme=[who["scheme"], "", ""], identifier=[who["id"], "", ""])
    answer = officer.post("/desk/new", form)
    papers = officer.get(answer.headers["location"], follow_redirects=True)
    assert papers.url.path.endswith("/papers")
    case = papers.url.path.removesuffix("/papers")
    link = f'<a href="/desk/cases/{first.id}">{first.number}</a>（同じ識別子・記録特定中）'
    for page in (papers.text, officer.get(case).text):
        assert link in page
    told = office.api("GET", f"/v1/cases/{case.rpartition('/')[2]}", work.key("officer")).json()
    assert told["status"] == "received"
    assert not sheet(papers.text, f"{case}/papers").fields.keys() & {"p0_original", "form_checked"}


@every(
    "changes, fields",
    [
        ({"name": "", "name_kana": " ", "address": ""}, {"name", "name_kana", "address"}),
        (day("arrived_on", "ad", TOMORROW.year, TOMORROW.month, TOMORROW.day), {"arrived_on"}),
        (day("arrived_on", "ad", LATE.year, LATE.month, LATE.day), {"late_entry_reason"}),
        ({"late_entry_reason": f"番号 {MY_NUMBER}"}, {"late_entry_reason"}),
        ({"kind": "provision_stop"}, {"medium"}),
        ({"requester": "mandated_agent"}, {"agent_name", "agent_address"}),
        (
            {"requester": "legal_representative"},
            {"representation", "representative_name", "representative_address"},
        ),
        ({"reply_address": "billing"}, {"billing_address"}),
        ({"channel": "counter"}, {"channel_reason"}),
        ({"scheme": ["", "", ""]}, {"identifiers"}),
        (
            {**day("first_day", "ad", 2026, 2, 2), **day("last_day", "ad", 2026, 2, 1)},
            {"last_day"},
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_taken_in(
    office: Office, changes: dict[str, Any], fields: set[str]
) -> None:
    before = office.rows("SELECT position FROM ledger.head")
    assert set(wrong(office, **changes)) == fields
    assert office.rows("SELECT position FROM ledger.head") == before


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


def tabs_taken(person: Person, **changes: object) -> str:
    """Where the case that the form became stands."""
    answer = person.post("/desk/new", typed(**changes))
    assert answer.status_code == 303, answer.status_code
    return answer.headers["location"].removesuffix("/next")


def test_one_request_sent_from_two_tabs_is_one_case(person: Person) -> None:
    first, second = two_tabs(person)
    assert tabs_taken(person, command=first) == tabs_taken(person, command=second)


def test_another_request_under_a_used_command_is_not_passed_off_as_taken_in(
    office: Office, person: Person
) -> None:
    first, second = two_tabs(person)
    case = tabs_taken(person, command=first)
    before, [[looks]] = office.rows(RECEIVED), office.rows(LOOKS)
    answer = person.post("/desk/new", typed(command=second, name=ANOTHER))
    assert answer.status_code == 409
    assert TAKEN in answer.text
    assert f'href="{case}"' in answer.text
    assert f'value="{ANOTHER}"' in answer.text
    assert office.rows(RECEIVED) == before
    assert office.rows(LOOKS) == [(looks + 1,)], "what is told of the case is a look at it"


def test_it_is_taken_in_when_it_is_sent_again_and_once_alone(person: Person) -> None:
    first, second = two_tabs(person)
    case = tabs_taken(person, command=first)
    refused = person.post("/desk/new", typed(command=second, name=ANOTHER)).text
    anew = command_of(refused)
    assert anew != second
    other = tabs_taken(person, command=anew, name=ANOTHER)
    assert other != case
    assert tabs_taken(person, command=anew, name=ANOTHER) == other
    assert ANOTHER in person.get(other).text
    assert ANOTHER not in person.get(case).text
