"""対応を記録: what was done about the findings of a record, on its page."""

from typing import Any

from ledger.law.findings import FINDINGS
from tests.doors.samples import RECIPIENT
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.test_correcting import form_at, now, sent, typed, types
from tests.pages.watching import recorded

PAGE = "/desk/exceptions"
LAWLESS = {"consent": {"obtained": False}}
WHY = "10月1日に提供を止め、相手方に消去を求めた"


def two_findings(office: Office) -> str:
    party = {**RECIPIENT, "representative": None}
    done = recorded(office, counterparty=party, **LAWLESS)
    assert done["findings"] == ["CONSENT_NOT_OBTAINED", "COUNTERPARTY_INCOMPLETE"]
    return done["transfer"]


def test_what_was_done_is_put_on_record_once_and_changes_no_verdict(office: Office) -> None:
    transfer, person = two_findings(office), office.person("officer")
    before = now(office, transfer)
    given: dict[str, Any] = form_at(person, transfer, "settlement")
    assert set(given["code"]) == set(before["findings"])
    given |= {"action": "stopped", "reason": WHY}
    first, answer = (sent(person, transfer, "settlement", given) for _ in range(2))
    assert (first.status_code, answer.status_code) == (303, 303), answer.text
    after = now(office, transfer)
    assert types(after) == ["provision-recorded", "transfer-findings-settled"]
    for member in ("data", "findings", "lawful"):
        assert after[member] == before[member]
    page = words_of(person.get(answer.headers["location"]).text)
    for words in ("対応を記録しました", "提供を停止した", WHY, "全て対応済みです"):
        assert words in page
    for code in before["findings"]:
        assert FINDINGS[code].label in page.partition("対応した所見")[2]
    assert "▲ 要対応" not in page


def test_nobody_settles_what_they_have_not_seen(office: Office) -> None:
    transfer, person = two_findings(office), office.person("officer")
    given = {**form_at(person, transfer, "settlement"), "action": "accepted", "reason": WHY}
    other = office.person("colleague")
    first = typed(other, transfer, "correction", consent_obtained="true", reason="同意書の確認")
    assert first.status_code == 303
    answer = sent(person, transfer, "settlement", given)
    assert answer.status_code == 409
    assert "表示していた所見と、今の所見が違います" in answer.text
    again = sheet(answer.text, f"{PAGE}/{transfer}/settlement").fields
    assert again["code"] == ["COUNTERPARTY_INCOMPLETE"]
    assert again["reason"] == [WHY]
    assert types(now(office, transfer)) == ["provision-recorded", "transfer-corrected"]
    again |= {"action": ["accepted"]}
    assert sent(person, transfer, "settlement", again).status_code == 303
