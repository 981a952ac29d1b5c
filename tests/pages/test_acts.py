"""監査ログ, 操作の記録: who did what, from the log; nothing of it tells of what is hidden."""

import re
from pathlib import Path

import pytest

from api.resources.accesses import audit_list
from api.resources.accesses.act_pages import ACTS, KINDS
from ledger.accesses import acts as ledger_acts
from ledger.format.types import TYPES
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import linked, member, sent

PAGE = "/desk/audit/acts"
MIGRATION = Path(__file__).parents[2] / "ledger/migrations/0023_acts.sql"
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
    # What the ledger does by itself behind an act.
    "record-carried-forward", "reply-stored",
}  # fmt: skip
"""Types of events that are no act of a person."""


@pytest.fixture(scope="module")
def auditor(office: Office) -> Person:
    return office.person("auditor")


@pytest.fixture(scope="module")
def case(office: Office) -> Worked:
    return Work(office).begun().dispatched()


def asked(person: Person, **typed: str) -> str:
    answer = person.post(PAGE, typed)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(page: str) -> list[str]:
    found = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)
    return [words_of(one) for one in found]


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
    found = re.findall(r"'([a-z-]+)'", MIGRATION.read_text("utf-8"))
    assert sorted(found) == sorted(ledger_acts.ACT_TOPICS)


def test_the_acts_of_a_case_are_told_in_their_order_with_who_did_them(
    auditor: Person, case: Worked
) -> None:
    page = asked(auditor, case=case.number)
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
    assert all(case.number in row for row in found)


def test_acts_without_a_case_are_told_and_nobody_is_named(office: Office, auditor: Person) -> None:
    one, other = member(), member()
    before = len(rows(asked(auditor, kind="person")))
    linked(office, one, other)
    page = asked(auditor, kind="person")
    assert len(rows(page)) == before + 1
    assert "名寄せ" in rows(page)[-1]
    assert "請求によらない" in rows(page)[-1]
    assert one["id"] not in page
    assert other["id"] not in page


def test_what_was_done_about_a_hidden_record_is_told_to_who_may_hide_alone(
    office: Office, auditor: Person
) -> None:
    """Neither a line nor a place of a page is left of it; and of one that is shown all is."""
    shown, hidden, marked = (
        *sent(office, provision(principals=[member()])),
        *sent(office, provision(principals=[member()])),
        *sent(office, provision(principals=[member()]), order_11="ii"),
    )
    before = asked(auditor, kind="record")
    for one in (shown, hidden):
        retracted(office, one)
    assert len(rows(asked(auditor, kind="record"))) == len(rows(before)) + 2
    exclude(office, hidden, ground="i")
    retracted(office, marked)
    left = rows(asked(auditor, kind="record"))
    assert len(left) == len(rows(before)) + 1
    exclude(office, hidden, "lift")
    assert len(rows(asked(auditor, kind="record"))) == len(rows(before)) + 2


def test_a_hold_of_a_hidden_record_is_told_as_its_record_is(
    office: Office, auditor: Person
) -> None:
    key = office.key("records:write", owner="officer")
    transfers = [sent(office, provision(principals=[member()]))[0] for _ in range(2)]
    before = len(rows(asked(auditor, kind="retention")))
    for one in (
        {"transfer": transfers[0]},
        {"transfer": transfers[1]},
        {"identifiers": [member()]},
    ):
        answer = office.api("POST", "/v1/holds", key, {**one, "reason": "訴訟"})
        assert answer.status_code == 200, answer.text
    assert len(rows(asked(auditor, kind="retention"))) == before + 3
    exclude(office, transfers[0], ground="i")
    assert len(rows(asked(auditor, kind="retention"))) == before + 2


def test_a_page_is_full_whatever_is_left_out_of_it(
    office: Office, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_list, "PAGE", 2)
    transfers = [sent(office, provision(principals=[member()]))[0] for _ in range(6)]
    for one in transfers:
        retracted(office, one)
    before = listed(auditor)
    for one in transfers[1:4]:
        exclude(office, one, ground="i")
    assert listed(auditor) == before - 3


def listed(auditor: Person) -> int:
    """How many acts on records all pages show; each but the last one is full."""
    page, seen = asked(auditor, kind="record"), 0
    while cursor := re.search(r'name="cursor" value="([^"]+)"', page):
        assert len(rows(page)) == audit_list.PAGE
        seen += audit_list.PAGE
        page = asked(auditor, kind="record", cursor=cursor[1])
    return seen + len(rows(page))


def test_no_position_and_nothing_of_order_11_stands_on_the_page(
    auditor: Person, case: Worked
) -> None:
    page = asked(auditor)
    assert case.number in page
    assert rows(page)
    body = page[page.index("<table") : page.index("</table>")]
    assert re.findall(r"#\d|sealed|除外", body) == []
