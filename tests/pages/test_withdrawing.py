"""取下げ: typed, looked at and put on record on the pages, by the command of the API's door."""

from tests.doors.samples import notice
from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.publishing import PAGE, confirmed, on, sent
from tests.pages.watching import day


def stands(office: Office, notice_id: str) -> str:
    """A notice that was published at the API; where its page is."""
    key = office.key("notices:write", owner="chief")
    told = office.api("POST", "/v1/notices", key, notice(notice_id=notice_id))
    assert told.status_code == 200, told.text
    return f"{PAGE}/{told.json()['position']}"


def withdrawn_on(office: Office, notice_id: str) -> str | None:
    answer = office.api("GET", "/v1/notices", office.key("notices:write", owner="chief"))
    [found] = [one for one in answer.json()["notices"] if one["notice_id"] == notice_id]
    return found["withdrawn_on"]


def test_a_notice_is_withdrawn_after_a_look_at_what_that_means(office: Office) -> None:
    chief, address = office.person("chief"), stands(office, "w-once")
    path = f"{address}/withdrawal"
    form = sheet(chief.get(path).text, path)
    status, page = sent(chief, form, **on("day", day(-10)), reason="共同利用の終了")
    assert status == 200
    assert "まだ取り下げていません" in page
    assert "共同利用の終了" in page
    assert withdrawn_on(office, "w-once") is None
    first, second = (confirmed(chief, page, path, "withdraw") for _ in range(2))
    assert first == second == (303, f"{address}/waiting?done=withdrawn")
    assert withdrawn_on(office, "w-once") == day(-10)
    shown = chief.get(first[1]).text
    assert "取下げを登録しました" in shown
    assert f'href="{path}"' not in chief.get(address).text
    assert "取り下げられています" in chief.get(path).text


def test_what_others_did_in_between_is_told_and_what_was_typed_stands(office: Office) -> None:
    chief, address = office.person("chief"), stands(office, "w-raced")
    path, key = f"{address}/withdrawal", office.key("notices:write", owner="legal")
    form = sheet(chief.get(path).text, path)
    _, page = sent(chief, form, **on("day", day(0)), reason="私の理由")
    later = {**notice()["version"], "version": "その間の版"}
    told = office.api("POST", "/v1/notices", key, notice(notice_id="w-raced", version=later))
    assert told.status_code == 200
    status, again = confirmed(chief, page, path, "withdraw")
    assert status == 409
    assert "別の公表又は取下げがありました" in again
    _, page = sent(chief, sheet(again, path))
    body = {"day": day(0), "reason": "先の取下げ"}
    told = office.api("POST", "/v1/notices/w-raced/withdrawal", key, body)
    assert told.status_code == 200
    status, again = confirmed(chief, page, path, "withdraw")
    assert status == 409
    assert "取り下げられています" in again
    assert "私の理由" in again


def test_a_withdrawal_that_was_not_looked_at_does_nothing(office: Office) -> None:
    chief, path = office.person("chief"), f"{stands(office, 'w-blind')}/withdrawal"
    form = sheet(chief.get(path).text, path)
    form.action = f"{path}/withdraw"
    assert sent(chief, form, **on("day", day(0)), reason="終了")[0] == 409
    assert withdrawn_on(office, "w-blind") is None
