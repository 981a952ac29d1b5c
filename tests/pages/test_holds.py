"""保全: placed and released on the page, with nobody named; and who comes second at a list."""

import itertools

import pytest

from api.web.items import random_command
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.sending import press
from tests.pages.test_exceptions import LATE, pages_of, reassess, waiting
from tests.pages.test_exclusions import PAGE as EXCLUSIONS
from tests.pages.watching import CANARY, looks, marked

PAGE = "/desk/holds"
SUIT = "訴訟の提起"
WHO = "CNRY-M-HELD-0117"
# An id in a reason would be taken for an individual number once in a thousand times.
_COUNTED = itertools.count(1)


def form_of(person: Person) -> Sheet:
    return sheet(person.get(PAGE).text, PAGE)


def place(person: Person, **typed: str) -> tuple[int, str]:
    """Fill the form in and send it; (status, page or address)."""
    found = form_of(person)
    fields = {name: texts[0] for name, texts in found.fields.items()}
    given = {**fields, "scheme_1": "member", **typed}
    answer = person.post(PAGE, given, token=fields["form_token"])
    return answer.status_code, answer.headers.get("location") or answer.text


def held(office: Office, who: str = WHO, reason: str = SUIT) -> str:
    """A hold on a person, placed at the API; its id."""
    key = office.key("records:exclude", owner="chief")
    named = [{"scheme": "member", "id": who}]
    body = {"identifiers": named, "reason": f"{reason}　その{next(_COUNTED)}"}
    answer = office.api("POST", "/v1/holds", key, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["hold"]


def line_of(person: Person, hold: str, page: str = PAGE) -> str:
    return person.get(page).text.partition(f'id="hold-{hold}"')[2].partition("</tr>")[0]


def test_a_hold_is_placed_once_however_often_its_form_is_sent(office: Office) -> None:
    person = office.person("officer")
    found = form_of(person)
    fields = {name: texts[0] for name, texts in found.fields.items()}
    given = {**fields, "scheme_1": "member", "id_1": "CNRY-M-ONCE", "reason": "二度送られた申立て"}
    for _ in range(2):
        answer = person.post(PAGE, given, token=fields["form_token"])
        assert answer.headers["location"] == f"{PAGE}?done=placed"
    page = person.get(f"{PAGE}?done=placed").text
    assert page.count("二度送られた申立て") == 1
    assert "保全しました" in page
    changed = person.post(PAGE, {**given, "reason": "別の理由"}, token=fields["form_token"])
    assert changed.status_code in (409, 422)
    assert "別の理由" not in person.get(PAGE).text


def test_a_record_that_was_hidden_is_as_unknown_as_one_that_there_is_not(office: Office) -> None:
    hidden = marked(office)
    person = office.person("officer")
    pages: list[str] = []
    for transfer in (hidden, str(random_command())):
        status, page = place(person, transfer=transfer, reason="照会のため")
        assert status == 404
        told = page.partition('role="alert"')[2].partition("</div>")[0]
        pages.append(told)
    assert pages[0] == pages[1]
    chief = office.person("chief")
    assert place(chief, transfer=hidden, reason="隠された記録の照会")[0] == 303
    assert hidden in chief.get(PAGE).text
    assert hidden not in person.get(PAGE).text
    assert "隠された記録の照会" not in person.get(f"{PAGE}?all=1").text


def test_only_who_may_exclude_releases(office: Office) -> None:
    hold = held(office)
    officer, chief = office.person("officer"), office.person("chief")
    assert "release" not in line_of(officer, hold)
    action = f"{PAGE}/{hold}/release"
    assert officer.post(action, {"release_reason": "和解"}).status_code == 403
    refused = chief.post(action, {"release_reason": " "})
    assert refused.status_code == 422
    assert "解除の理由：入力してください" in refused.text
    assert line_of(chief, hold)
    fields = {name: texts[0] for name, texts in sheet(chief.get(PAGE).text, action).fields.items()}
    given = {**fields, "release_reason": "和解の成立"}
    for _ in range(2):
        done = chief.post(action, given, token=fields["form_token"])
        assert done.headers["location"] == f"{PAGE}?done=released"
    assert not line_of(chief, hold)
    assert "解除済み" in line_of(chief, hold, f"{PAGE}?all=1")
    again = chief.post(action, {"release_reason": "もう一度"})
    assert again.status_code == 409
    nobodys = chief.post(f"{PAGE}/{random_command()}/release", {"release_reason": "和解"})
    assert nobodys.status_code == 404


def test_nobody_is_named_and_no_look_is_put_on_record(office: Office) -> None:
    hold = held(office, who=CANARY)
    before = looks(office)
    for who in ("officer", "chief", "auditor"):
        page = office.person(who).get(f"{PAGE}?all=1").text
        assert hold in page
        assert "カナリア" not in page
        assert "識別子 1個" in page
    assert looks(office) == before


def test_who_audits_sees_that_holds_stand_and_not_why(office: Office) -> None:
    hold = held(office, reason="監査者に見えない理由")
    page = office.person("auditor").get(PAGE).text
    assert hold in page
    assert "監査者に見えない理由" not in page
    assert "<h2>保全する</h2>" not in page
    assert "監査者に見えない理由" in office.person("officer").get(PAGE).text


FIRST, SECOND = "先に書いた理由", "後から書いた理由"
GONE = "登録できません。必要な内容は書き写してください"


def late_form(person: Person, transfer: str) -> Sheet:
    action = f"{LATE}/{transfer}/reassess"
    return sheet(next(one for one in pages_of(person, LATE) if action in one), action)


def told(page: str) -> str:
    assert CONFLICT in page
    words = words_of(page)
    assert GONE in words
    return words


@pytest.mark.parametrize("way", ["reassessed", "retracted"])
def test_who_judges_a_record_anew_second_reads_who_was_first_and_why(
    office: Office, way: str
) -> None:
    transfer, _ = waiting(office, f"CNRY-M-SECOND-{way}")
    person = office.person("officer")
    form = late_form(person, transfer)
    if way == "reassessed":
        first = reassess(office.person("colleague"), transfer, reassess_reason=FIRST)
        assert first.status_code == 303
    else:
        key = office.key("records:write", owner="colleague")
        office.person("colleague")
        body = {"reason": "duplicate", "note": FIRST}
        path = f"/v1/transfers/{transfer}/retraction"
        assert office.api("POST", path, key, body).status_code == 200
    status, page = press(person, form, reassess_reason=SECOND)
    assert status == 409
    assert office.called("colleague") in told(page)
    [(label, stands, typed)] = differing_rows(page)
    assert (label, typed) == ("判断の理由", SECOND)
    assert FIRST in stands
    status, page = press(person, form, reassess_reason="")
    assert (status, CONFLICT in page) == (422, False)


def test_a_record_that_one_may_not_know_of_tells_nothing_of_who_was_first(office: Office) -> None:
    transfer, _ = waiting(office, "CNRY-M-SECOND-HIDDEN")
    person = office.person("officer")
    form = late_form(person, transfer)
    assert reassess(office.person("colleague"), transfer, reassess_reason=FIRST).status_code == 303
    chief = office.person("chief")
    excluding = sheet(chief.get(EXCLUSIONS).text, EXCLUSIONS)
    named = {"transfers": transfer, "ground": "i", "reason": "危害のおそれ"}
    assert press(chief, excluding, **named)[0] == 303
    status, page = press(person, form, reassess_reason=SECOND)
    assert status == 404
    assert (CONFLICT in page, FIRST in page, SECOND in page) == (False, False, True)
