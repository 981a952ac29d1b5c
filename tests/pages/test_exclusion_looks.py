"""存否の除外: who decides about a record sees it there, and the look is told by nothing else."""

from typing import Any

import pytest

from ledger.clock import now
from ledger.exclusions.exclusion import ExclusionsFullError, LookAt
from ledger.exclusions.service import Exclusions
from tests.database import Database
from tests.doors.samples import RECIPIENT
from tests.pages.casework import Work
from tests.pages.deciding import NAME
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person, open_office
from tests.pages.recorded import member
from tests.pages.test_exclusions import PAGE, WHY, found, recorded, sending

LOOK = f"{PAGE}/look"
EVENTS = "SELECT count(*) FROM ledger.events"
SIZE = "SELECT octet_length(sealed) FROM ledger.exclusions"


@pytest.fixture
def chief(office: Office) -> Person:
    return office.person("chief")


def looking(person: Person, **typed: object) -> tuple[int, str]:
    """Fill the form in and press 「内容を確かめる」: (status, page)."""
    fields: dict[str, Any] = {**sheet(person.get(PAGE).text, PAGE).fields}
    token = fields.pop("form_token")[0]
    answer = person.post(LOOK, {**fields, "reason": WHY, **typed}, token=token)
    return answer.status_code, answer.text


def listed(page: str) -> str:
    """The list of looks since the last daily event."""
    return words_of(page.partition('id="h-looked"')[2].partition("</section>")[0])


@pytest.mark.parametrize("by", ["positions", "transfers"])
def test_the_chief_sees_what_the_record_is_and_nobody_s_line(
    office: Office, chief: Person, by: str
) -> None:
    other = member()
    who, transfer, position = recorded(office, {**other, "name": NAME})
    status, page = looking(chief, **{by: str(position) if by == "positions" else transfer})
    assert status == 200
    shown = words_of(page.partition('id="seen"')[2].partition('id="h-exclude"')[0])
    for told in (transfer, RECIPIENT["name"], "本人 2人", f"#{position}"):
        assert told in shown
    assert "年月日" in shown
    assert "項目" in shown
    for hidden in (NAME, who["id"], other["id"]):
        assert hidden not in page
    assert found(office, who) == 1, "a look excludes nothing"


def test_who_looked_when_why_and_for_which_case_is_told_there_and_by_no_event(
    office: Office, chief: Person, caplog: pytest.LogCaptureFixture
) -> None:
    case = Work(office).begun()
    _, _, position = recorded(office)
    looking(chief, positions=str(position))
    before, size = office.rows(EVENTS), office.rows(SIZE)
    caplog.clear()
    with caplog.at_level("INFO", "api.access"):
        status, page = looking(chief, positions=str(position), look_case=case.number)
    assert status == 200
    assert (office.rows(EVENTS), office.rows(SIZE)) == (before, size)
    for told in (f"#{position}", "あなた", WHY, case.number):
        assert told in listed(page)
    assert not {one for one in (vars(r).get("route") for r in caplog.records) if one}
    assert "exclusions/look" not in office.stranger().get("/metrics").text
    key = office.key("audit:read", owner="auditor")
    looks = office.api("GET", "/v1/accesses?limit=200", key).json()["accesses"]
    assert "transfer" not in {one["what"] for one in looks}, "no list of looks tells of it"


def fill(exclusions: Exclusions, position: int) -> None:
    """Look with the shortest reasons, until not even one of them fits."""
    for n in range(100, 999):
        exclusions.look(LookAt("c" * 32, ((position, position),), str(n)), now())


def test_a_look_that_leaves_no_room_is_refused_and_excluding_goes_on(database: Database) -> None:
    with open_office(database.urls) as office:
        who, _, position = recorded(office)
        with pytest.raises(ExclusionsFullError):
            fill(office.app.state.services.exclusions, position)
        chief = office.person("chief")
        status, page = looking(chief, positions=str(position))
        assert status == 409
        assert "これ以上の記録を確かめられません" in words_of(page)
        assert 'id="seen"' not in page
        assert sheet(page, PAGE).text("reason") == WHY
        assert sending(chief, positions=str(position)) == (303, f"{PAGE}?done=excluded")
        assert found(office, who) == 0
