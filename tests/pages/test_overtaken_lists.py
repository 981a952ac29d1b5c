"""Lists of things to act on, for whoever comes second at one: who was first, and nothing lost."""

import pytest

from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.sending import press
from tests.pages.test_exceptions import LATE, pages_of, reassess, waiting
from tests.pages.test_exclusions import PAGE as EXCLUSIONS
from tests.pages.test_holds import PAGE as HOLDS
from tests.pages.test_holds import SUIT, held

FIRST, SECOND = "先に書いた理由", "後から書いた理由"
GONE = "登録できません。必要な内容は書き写してください"
OWN = "別の画面から更新されています"


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


def test_who_releases_a_hold_second_reads_who_was_first_and_why(office: Office) -> None:
    hold, person = held(office, "CNRY-M-SECOND-HOLD", SUIT), office.person("chief")
    address = f"{HOLDS}/{hold}/release"
    form = sheet(person.get(HOLDS).text, address)
    first = sheet(person.get(HOLDS).text, address)
    assert press(person, first, release_reason=FIRST)[0] == 303
    status, page = press(person, form, release_reason=SECOND)
    assert (status, OWN in page) == (409, True)
    assert differing_rows(page) == [("解除の理由", FIRST, SECOND)]
    assert GONE in words_of(page)
    key = office.key("records:exclude", owner="colleague")
    office.person("colleague")
    hold = held(office, "CNRY-M-THIRD-HOLD", SUIT)
    form = sheet(person.get(HOLDS).text, f"{HOLDS}/{hold}/release")
    path = f"/v1/holds/{hold}/release"
    assert office.api("POST", path, key, {"reason": FIRST}).status_code == 200
    status, page = press(person, form, release_reason=SECOND)
    assert status == 409
    assert office.called("colleague") in told(page)
    assert differing_rows(page) == [("解除の理由", FIRST, SECOND)]
