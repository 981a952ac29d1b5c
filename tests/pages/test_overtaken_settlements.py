"""対応を記録 and its neighbours for whoever comes second: what differs is told until it is sent."""

import pytest

from tests.doors.samples import RECIPIENT
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.test_correcting import PAGE, form_at, now, sent, typed, types
from tests.pages.test_settling import WHY, two_findings
from tests.pages.watching import recorded

CODES, DONE, REASON = "対応した所見", "行った対応", "理由"
STOPPED, REPORTED = "提供を停止した", "委員会への報告又は本人への通知をした"
THEIRS = "10月2日に委員会へ報告した"
RIGHT = "東京都港区見本町9番9号"


def again_at(page: str, transfer: str, way: str) -> dict[str, list[str]]:
    return {**sheet(page, f"{PAGE}/{transfer}/{way}").fields}


def opened(person: Person, transfer: str) -> dict[str, object]:
    """The form of what was done, filled in."""
    return {**form_at(person, transfer, "settlement"), "action": "stopped", "reason": WHY}


def test_what_a_colleague_settled_stands_beside_what_was_typed(office: Office) -> None:
    transfer = two_findings(office)
    person, other = office.person("officer"), office.person("colleague")
    given = opened(person, transfer)
    first = typed(other, transfer, "settlement", action="reported", reason=THEIRS)
    assert first.status_code == 303
    answer = sent(person, transfer, "settlement", given)
    assert answer.status_code == 409
    assert differing_rows(answer.text) == [(DONE, REPORTED, STOPPED), (REASON, THEIRS, WHY)]
    told = words_of(answer.text)
    by = office.called("colleague")
    for words in (CONFLICT, f"対応の記録（{by}）", "記録が変更されました"):
        assert words in told, words
    assert "今の所見が違います" not in told, "the findings are the same ones"
    again = again_at(answer.text, transfer, "settlement")
    assert (again["action"], again["reason"]) == (["stopped"], [WHY])
    assert sent(person, transfer, "settlement", again).status_code == 303
    assert types(now(office, transfer))[1:] == ["transfer-findings-settled"] * 2


@pytest.mark.parametrize(
    "way",
    [
        "correction",
    ],
)
def test_a_defect_after_a_conflict_does_not_take_away_what_differs(
    office: Office, way: str
) -> None:
    transfer = recorded(office)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    given = {**form_at(person, transfer, way), "items": "氏名\n購入履歴", "reason": WHY}
    if way == "basis":
        given["basis"] = "none"
    theirs = {"counterparty_address": RIGHT, "items": "氏名", "reason": WHY}
    assert typed(other, transfer, "correction", **theirs).status_code == 303
    answer = sent(person, transfer, way, given)
    assert answer.status_code == 409
    rows = differing_rows(answer.text)
    assert [one[0] for one in rows] == ["相手方の住所", "個人データの項目"]
    for _ in range(2):
        again = {**again_at(answer.text, transfer, way), "reason": [""]}
        answer = sent(person, transfer, way, again)
        assert answer.status_code == 422
        assert differing_rows(answer.text) == rows
        assert CONFLICT in words_of(answer.text)
    # A third one comes between, too: both are told.
    more = {"counterparty_representative": "代表 花子", "reason": WHY}
    assert typed(other, transfer, "correction", **more).status_code == 303
    answer = sent(person, transfer, way, {**again_at(answer.text, transfer, way), "reason": [WHY]})
    assert answer.status_code == 409
    assert {one[0] for one in differing_rows(answer.text)} == {
        *(one[0] for one in rows),
        "相手方の代表者の氏名",
    }
    again = again_at(answer.text, transfer, way)
    assert (again["items"], again["counterparty_address"]) == (["氏名\n購入履歴"], [RIGHT])
    assert sent(person, transfer, way, again).status_code == 303
    assert CONFLICT not in words_of(person.get(f"{PAGE}/{transfer}/correction").text)
    party = now(office, transfer)["data"]["counterparty"]
    assert party == {**RECIPIENT, "address": RIGHT, "representative": "代表 花子"}
