"""存否の除外: who answers for it looks at a record and hides it, on the page as by the API."""

import re
from itertools import pairwise
from typing import Any

import pytest

from ledger.clock import now
from ledger.exclusions.exclusion import AccessRecords, ExclusionsFullError
from ledger.exclusions.service import Exclusions
from ledger.policies.my_number import check_digit
from tests.database import Database
from tests.doors.samples import RECIPIENT, provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.looked import wrong
from tests.pages.office import Office, Person, open_office
from tests.pages.recorded import ABSENT, member, position_of, sent, verified
from tests.pages.sending import press
from tests.pages.test_rescued import TYPED, WAITED

PAGE = "/desk/exclusions"
WHY = "所在が知れると危害が及ぶおそれ"
LINE = ("command", "lifted", "lifted_for")


def recorded(office: Office, *more: dict[str, Any]) -> tuple[dict[str, str], str, int]:
    """A record of somebody of this test, and perhaps of others: (who, its id, its position)."""
    who = member()
    [transfer] = sent(office, provision(principals=[{**who, "name": NAME}, *more]))
    return who, transfer, position_of(office, transfer)


def sending(person: Person, **typed: object) -> tuple[int, str]:
    """Fill the form in and send it: (status, page or address)."""
    fields: dict[str, Any] = {**sheet(person.get(PAGE).text, PAGE).fields}
    token = fields.pop("form_token")[0]
    answer = person.post(PAGE, {**fields, "ground": "i", "reason": WHY, **typed}, token=token)
    return answer.status_code, answer.headers.get("location") or answer.text


def found(office: Office, who: dict[str, str]) -> int:
    """How many records an officer finds of somebody."""
    case: Worked = verified(Work(office), who, name=NAME)
    case.do("principal", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})
    return case.last["search"]["provided"]


@pytest.fixture
def chief(office: Office) -> Person:
    return office.person("chief")


@pytest.mark.parametrize("by", ["positions", "transfers"])
def test_a_record_is_excluded_and_shown_again(office: Office, chief: Person, by: str) -> None:
    who, transfer, position = recorded(office)
    named = f"＃{position}" if by == "positions" else transfer
    assert sending(chief, **{by: named}) == (303, f"{PAGE}?done=excluded")
    assert found(office, who) == 0
    page = chief.get(f"{PAGE}?done=excluded").text
    assert "除外しました" in words_of(page)
    [row] = [one for one in page.split("<tr role") if f"#{position}<" in one]
    for told in (transfer, WHY, "あなた", "第1号"):
        assert told in row
    lifting: dict[str, Any] = {
        **{name: re.findall(rf'name="{name}" value="([^"]*)"', row)[0] for name in LINE},
        "lift_reason": "おそれがなくなった",
    }
    assert chief.post(f"{PAGE}/lift", lifting).headers["location"] == f"{PAGE}?done=asked"
    page = chief.get(f"{PAGE}?done=asked").text
    assert "ほかの管理責任者の承認が必要です" in words_of(page)
    assert found(office, who) == 0, "one person lifts nothing"
    second = office.person("deputy")
    page = second.get(PAGE).text
    waiting = page.partition('id="h-waiting"')[2].partition("</section>")[0]
    [row] = [one for one in waiting.split("<tr role") if f"#{position}<" in one]
    assert "承認して解く" in row
    assert "おそれがなくなった" in row
    confirming = {
        **{name: re.findall(rf'name="{name}" value="([^"]*)"', row)[0] for name in LINE},
        "lift_reason": "消滅を確認した",
    }
    assert second.post(f"{PAGE}/lift", confirming).headers["location"] == f"{PAGE}?done=lifted"
    assert f"#{position}<" not in chief.get(PAGE).text
    assert found(office, who) == 1


def test_an_emitters_mark_is_lifted_from_the_form_by_two(office: Office, chief: Person) -> None:
    who = member()
    content = provision(principals=[{**who, "name": NAME}])
    [transfer] = sent(office, content, order_11="i")
    assert found(office, who) == 0
    for person, done in ((chief, "asked"), (office.person("deputy"), "lifted")):
        fields: dict[str, Any] = {**sheet(person.get(PAGE).text, PAGE).fields}
        token = fields.pop("form_token")[0]
        given = {**fields, "transfers": transfer, "reason": "おそれがなくなった"}
        answer = person.post(f"{PAGE}/lift", given, token=token)
        assert answer.headers["location"] == f"{PAGE}?done={done}"
    assert found(office, who) == 1
    assert transfer in chief.get(PAGE).text.partition('id="h-unmarked"')[2]


def test_a_record_of_several_persons_is_excluded_only_for_all_of_them(
    office: Office, chief: Person
) -> None:
    other = member()
    who, _, position = recorded(office, {**other, "name": NAME})
    status, page = sending(chief, positions=str(position))
    assert status == 422
    assert "複数の方" in wrong(page)["for_all_persons"]
    assert sheet(page, PAGE).text("positions") == str(position)
    assert (found(office, who), found(office, other)) == (1, 1)
    assert sending(chief, positions=str(position), for_all_persons="yes")[0] == 303
    assert (found(office, who), found(office, other)) == (0, 0)


def test_it_needs_a_fresh_proof_to_be_seen_and_none_to_be_urgent(office: Office) -> None:
    chief = office.signed_in("chief")
    who, _, position = recorded(office)
    fields: dict[str, Any] = {**sheet(chief.get(PAGE).text, PAGE).fields, "ground": "i"}
    token = fields.pop("form_token")[0]
    office.age_proofs()
    asked = chief.get(PAGE)
    assert (asked.status_code, "proof=1" in asked.headers["location"]) == (303, True)
    lifted = chief.post(f"{PAGE}/lift", {"lifted": f"{position}"}, token=token)
    assert lifted.headers["location"] == f"/sign-in?page={PAGE}&proof=1"
    given = {**fields, "positions": str(position), "reason": WHY}
    assert chief.post(PAGE, given, token=token).status_code == 303
    assert found(office, who) == 0


def test_neither_numbers_nor_the_log_tell_of_the_page(
    office: Office, chief: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "api.access"):
        _, _, position = recorded(office)
        assert sending(chief, positions=str(position))[0] == 303
        chief.post(f"{PAGE}/lift", {"lifted": str(position), "lift_reason": "誤り"})
        chief.get("/desk")
    routes = {vars(one).get("route") for one in caplog.records}
    assert "/desk" in routes, "the log is kept"
    assert not {one for one in routes if one and "exclusions" in one}
    numbers = office.stranger().get("/metrics").text
    assert 'route="/desk"' in numbers
    assert "exclusions" not in numbers


ROWS = "SELECT count(*) FROM ledger.form_drafts"
MY_NUMBER = f"12345678901{check_digit('12345678901')}"
EVERYBODY = ("officer", "colleague", "approver", "auditor", "reception")
PLACES = ("/desk", "/desk/new", "/desk/exceptions", "/desk/holds", "/desk/audit", PAGE)


def form_of(person: Person) -> Sheet:
    return sheet(person.get(PAGE).text, PAGE)


def excluded(office: Office) -> int:
    _, _, position = recorded(office)
    chief = office.person("chief")
    done = press(chief, form_of(chief), positions=position, ground="i", reason=WHY)
    assert done == (303, f"{PAGE}?done=excluded")
    return position


def test_nobody_else_sees_it_nor_that_it_is_there(office: Office) -> None:
    _, _, position = recorded(office)
    before = {who: [bare(office.person(who), one) for one in PLACES] for who in EVERYBODY}
    chief = office.signed_in("chief")
    form = form_of(chief)
    office.let_sessions_lapse()
    assert press(chief, form, positions=position, ground="i", reason=TYPED)[0] == 303
    after = {who: [bare(office.person(who), one) for one in PLACES] for who in EVERYBODY}
    assert after == before
    office.person("chief").get(PAGE)


def bare(person: Person, path: str) -> tuple[int, bool, bool]:
    answer = person.get(path, follow_redirects=True)
    return answer.status_code, TYPED in answer.text, WAITED in answer.text


@pytest.mark.parametrize(("typed", "rows"), [(MY_NUMBER, 0), (TYPED, 2)])
def test_in_the_table_it_is_a_draft_as_any_other_and_the_log_tells_nothing(
    office: Office, caplog: pytest.LogCaptureFixture, typed: str, rows: int
) -> None:
    chief = office.signed_in("chief")
    form, holding = form_of(chief), sheet(chief.get("/desk/holds").text, "/desk/holds")
    office.let_sessions_lapse()
    counts = [office.rows(ROWS)[0][0]]
    caplog.clear()
    with caplog.at_level("INFO"):
        assert press(chief, form, positions="1", ground="i", reason=typed)[0] == 303
    counts.append(office.rows(ROWS)[0][0])
    # A server of the tests logs requests of its own; the product's is asked here.
    assert not [one for one in caplog.records if one.name.partition(".")[0] == "api"]
    press(chief, holding, id_1="CNRY-M-1", scheme_1="member", reason=typed)
    counts.append(office.rows(ROWS)[0][0])
    assert [after - before for before, after in pairwise(counts)] == [rows, rows]
    for path in (PAGE, "/desk/holds"):
        office.signed_in("chief").get(path)


LOOK = f"{PAGE}/look"
EVENTS = "SELECT count(*) FROM ledger.events"
SIZE = "SELECT octet_length(sealed) FROM ledger.exclusions"


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
        exclusions.record_access(AccessRecords("c" * 32, ((position, position),), str(n)), now())


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
