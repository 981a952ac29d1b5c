"""監査ログ: who looked at what and why, and who did what; never whom, nothing in addresses."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.resources.accesses import audit_list
from api.resources.accesses.act_pages import ACTS, KINDS
from api.resources.accesses.pages import WHAT
from ledger.accesses import access
from ledger.accesses import acts as ledger_acts
from ledger.format.types import TYPES
from tests.doors.exported import EXPORTER, exported
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent

NAMED = "氷室 冴子"
AUDIT = "/desk/audit"


@pytest.fixture(scope="module")
def auditor(office: Office) -> Person:
    return office.person("auditor")


@pytest.fixture(scope="module")
def case(office: Office) -> Worked:
    """A case that the officer and the approver have looked at."""
    begun = Work(office).begun(form={"name": NAMED, "address": "東京都千代田区永田町2-11-1"})
    for who in ("officer", "approver"):
        assert office.person(who).get(f"/desk/cases/{begun.id}").status_code == 200
    return begun


def looked(office: Office, case: str, reason: str = "照会への回答") -> str:
    """Look at somebody's history over the API; whose it was."""
    who = member()
    body = {"identifiers": [who], "case": case, "reason": reason}
    answer = office.api("POST", "/v1/histories", office.key("records:read", owner="officer"), body)
    assert answer.status_code == 200, answer.text
    return who["id"]


def asked(auditor: Person, **typed: str) -> str:
    answer = auditor.post(AUDIT, typed)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(page: str) -> list[str]:
    found = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)
    return [words_of(one) for one in found]


def listed(office: Office, query: str) -> list[dict[str, Any]]:
    answer = office.api("GET", f"/v1/accesses{query}", office.key("audit:read", owner="auditor"))
    assert answer.status_code == 200, answer.text
    return answer.json()["accesses"]


def test_the_page_tells_what_the_api_tells(office: Office, auditor: Person, case: Worked) -> None:
    page = asked(auditor, case=case.number)
    told = listed(office, f"?case={case.number}")
    assert len(told) >= 2
    shown = rows(page)
    assert len(shown) == len(told)
    for one, row in zip(told, shown, strict=True):
        assert f"#{one['position']}" in row
        assert one["actor"][:8] in row
        assert WHAT[one["what"]] in row
        assert case.number in row
        is_file = one["what"] == access.CASE_FILE
        assert ("請求の状態：受付" if is_file else one["reason"]) in row
    assert NAMED not in page


def test_whom_somebody_looked_at_is_not_shown(office: Office, auditor: Person) -> None:
    who = looked(office, "A-101", "照会への回答のため")
    page = asked(auditor, case="A-101")
    [row] = rows(page)
    assert who not in page
    assert "本人の記録" in row
    assert "照会への回答のため" in row
    assert "識別子 1件（会員ID）" in row
    assert "▲ この台帳の受付番号ではない" in row


def test_exports_stand_among_the_looks(office: Office, auditor: Person, tmp_path: Path) -> None:
    left = exported(office.app, tmp_path / "why", case="A-110", reason="報告の求め", whole=True)
    [row] = rows(asked(auditor, case="A-110", what="export"))
    for told in ("記録の書き出し", str(left.export), EXPORTER[:8], "A-110", "報告の求め"):
        assert told in row, told
    assert f"台帳の位置 #{left.made.size} 時点" in row
    for hidden in ("全件", "仮名", "件（", "期間"):
        assert hidden not in row, hidden
    plain = exported(office.app, tmp_path / "plain")
    [row] = [one for one in rows(asked(auditor, what="export")) if f"#{plain.position}" in one]
    assert "請求によらない" in row
    assert "理由の入力なし" in row
    assert rows(asked(auditor, case="A-110", what="history")) == []


def test_days_kinds_cases_and_persons_choose(office: Office, auditor: Person, case: Worked) -> None:
    looked(office, case.number)
    everything = rows(asked(auditor, case=case.number))
    histories = rows(asked(auditor, case=case.number, what="history"))
    files = rows(asked(auditor, case=case.number, what="case_file"))
    assert len(histories) == 1
    assert len(histories) + len(files) == len(everything)
    assert rows(asked(auditor, case=case.number, what="letter")) == []
    actor = listed(office, f"?case={case.number}")[0]["actor"]
    own = rows(asked(auditor, case=case.number, actor=actor))
    assert 1 <= len(own) < len(everything)
    assert all(actor[:8] in one for one in own)
    past = {"last_year": "2020", "last_month": "1", "last_day": "1", "last_era": "ad"}
    assert "条件に合う閲覧の記録はありません" in words_of(asked(auditor, case=case.number, **past))


def test_pages_go_on_with_the_same_question(
    office: Office, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_list, "PAGE", 2)
    for _ in range(5):
        looked(office, "A-102")
    seen: list[str] = []
    page = asked(auditor, case="A-102")
    while True:
        seen += rows(page)
        cursor = re.search(r'name="cursor" value="([^"]+)"', page)
        if cursor is None:
            break
        other = auditor.post(AUDIT, {"case": "A-103", "cursor": cursor[1]})
        assert other.status_code == 422
        assert "条件が変わったため" in other.text
        page = asked(auditor, case="A-102", cursor=cursor[1])
    assert len(seen) == len(set(seen)) == 5


def test_reading_the_list_is_no_look(office: Office, auditor: Person) -> None:
    before = office.rows("SELECT position FROM ledger.head")
    asked(auditor)
    auditor.get(AUDIT)
    assert office.rows("SELECT position FROM ledger.head") == before


def test_an_excluded_record_changes_no_line(office: Office, auditor: Person) -> None:
    told: list[str] = []
    for number, hidden in (("A-104", False), ("A-105", True)):
        who = member()
        named = [{**who, "name": NAMED}]
        sent(office, provision(principals=named))
        if hidden:
            sent(office, provision(principals=named), order_11="ii")
        key = office.key("records:read", owner="officer")
        [(head,)] = office.rows("SELECT position FROM ledger.head")
        body = {"identifiers": [who], "case": number, "reason": "点検", "after": head}
        assert office.api("POST", "/v1/histories", key, body).status_code == 200
        [row] = rows(asked(auditor, case=number))
        told.append(re.sub(r"#\d+|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|A-10\d", "…", row))
    assert told[0] == told[1]


def test_a_name_or_an_address_is_no_question_and_is_told_at_its_field(auditor: Person) -> None:
    answer = auditor.post(AUDIT, {"case": NAMED, "actor": "a@example.jp"})
    assert answer.status_code == 422
    for place in ("case", "actor"):
        assert f'<a href="#{place}">' in answer.text
    assert rows(answer.text) == []


PAGE = "/desk/audit/acts"
MIGRATION = Path(__file__).parents[2] / "ledger/migrations/0043_acts_by_prefix.sql"
NOT_ACTS = {
    # Order 11: one a case, one a day, whatever is hidden.
    "review-sealed", "exclusions-sealed",
    # What comes in, and what emitters say of it.
    "provision-recorded", "receipt-recorded", "referable-provision-recorded",
    "joint-use-transfer-recorded", "exempt-transfer-recorded", "principals-appended",
    "transfer-completed", "series-opened", "series-extended", "series-closed",
    "coverage-declared", "day-closed",
    # Looks, which have a list of their own.
    "history-viewed", "document-viewed", "export-produced",
    # Who may ask for an audit bag alone knows of it.
    "audit-bag-requested", "audit-bag-approved", "audit-bag-produced",
    # What the ledger does by itself behind an act.
    "record-carried-forward", "reply-stored", "answer-committed",
}  # fmt: skip
"""Types of events that are no act of a person."""


@pytest.fixture(scope="module")
def acts_case(office: Office) -> Worked:
    return Work(office).begun().dispatched()


def acts_asked(person: Person, **typed: str) -> str:
    answer = person.post(PAGE, typed)
    assert answer.status_code == 200, answer.text
    return answer.text


def retracted(office: Office, transfer: str) -> None:
    key = office.key("records:write", "records:exclude", owner="officer")
    body = {"reason": "duplicate"}
    answer = office.api("POST", f"/v1/transfers/{transfer}/retraction", key, body)
    assert answer.status_code == 200, answer.text


def exclude(office: Office, transfer: str, action: str = "exclude", **more: object) -> None:
    """Exclude it; or lift it, as two chiefs do."""
    for owner in ("chief", "deputy") if action == "lift" else ("chief",):
        key = office.key("records:exclude", owner=owner)
        body = {"action": action, "transfers": [transfer], "reason": "照会", **more}
        answer = office.api("POST", "/v1/exclusions", key, body)
        assert answer.status_code == 200, answer.text


def test_every_type_of_event_is_an_act_with_words_or_is_listed_with_why_not() -> None:
    named = {topic for topics in ledger_acts.KINDS.values() for topic in topics}
    assert named.isdisjoint(NOT_ACTS)
    assert named | NOT_ACTS >= TYPES.keys()
    assert named <= ACTS.keys()
    assert KINDS.keys() == ledger_acts.KINDS.keys()


def test_the_index_is_of_the_types_of_acts() -> None:
    index = MIGRATION.read_text("utf-8")
    assert "topic >= 'case-' AND topic < 'case.'" in index
    listed = re.findall(r"'([a-z-]+[a-z])'", index)
    others = [one for one in ledger_acts.ACT_TOPICS if not one.startswith("case-")]
    assert sorted(listed) == sorted(others)


def test_the_acts_of_a_case_are_told_in_their_order_with_who_did_them(
    auditor: Person, acts_case: Worked
) -> None:
    page = acts_asked(auditor, case=acts_case.number)
    found = rows(page)
    told = [
        "受付", "書類の確認", "本人確認の完了", "記録の特定", "開示・不開示の決定", "承認の依頼",
        "承認", "発送",
    ]  # fmt: skip
    assert [one for one in told if not any(f" {one} " in f" {row} " for row in found)] == []
    assert len(found) == len(told)
    actors = dict(zip(found, re.findall(r'value="actor=([^"]+)"', page), strict=True))
    [approval] = [row for row in found if " 承認 " in row]
    assert [row for row in found if actors[row] == actors[approval]] == [approval]
    assert all(acts_case.number in row for row in found)


def test_what_was_done_about_a_hidden_record_is_told_to_who_may_hide_alone(
    office: Office, auditor: Person
) -> None:
    """Neither a line nor a place of a page is left of it; and of one that is shown all is."""
    shown, hidden, marked = (
        *sent(office, provision(principals=[member()])),
        *sent(office, provision(principals=[member()])),
        *sent(office, provision(principals=[member()]), order_11="ii"),
    )
    before = acts_asked(auditor, kind="record")
    for one in (shown, hidden):
        retracted(office, one)
    assert len(rows(acts_asked(auditor, kind="record"))) == len(rows(before)) + 2
    exclude(office, hidden, ground="i")
    retracted(office, marked)
    left = rows(acts_asked(auditor, kind="record"))
    assert len(left) == len(rows(before)) + 1
    exclude(office, hidden, "lift")
    assert len(rows(acts_asked(auditor, kind="record"))) == len(rows(before)) + 2


def test_a_page_is_full_whatever_is_left_out_of_it(
    office: Office, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_list, "PAGE", 2)
    transfers = [sent(office, provision(principals=[member()]))[0] for _ in range(6)]
    for one in transfers:
        retracted(office, one)
    before = acts_listed(auditor)
    for one in transfers[1:4]:
        exclude(office, one, ground="i")
    assert acts_listed(auditor) == before - 3


def acts_listed(auditor: Person) -> int:
    """How many acts on records all pages show; each but the last one is full."""
    page, seen = acts_asked(auditor, kind="record"), 0
    while cursor := re.search(r'name="cursor" value="([^"]+)"', page):
        assert len(rows(page)) == audit_list.PAGE
        seen += audit_list.PAGE
        page = acts_asked(auditor, kind="record", cursor=cursor[1])
    return seen + len(rows(page))


def test_no_position_and_nothing_of_order_11_stands_on_the_page(
    auditor: Person, acts_case: Worked
) -> None:
    page = acts_asked(auditor)
    assert acts_case.number in page
    assert rows(page)
    body = page[page.index("<table") : page.index("</table>")]
    assert re.findall(r"#\d|sealed|除外", body) == []
