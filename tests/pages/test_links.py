"""名寄せ: links made and taken away on evidence, never over what a colleague did meanwhile."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.service import Ledger
from ledger.store.form_drafts import FormDrafts
from ledger.streams.outcome import CommandReceipt
from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import bare
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.finding import NAME, OTHER, named
from tests.pages.histories import api_history, head
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, Identifier, linked, member, sent, verified
from tests.pages.sending import press

APART = "会員番号の桁の誤り。別の方と確認した"
TOGETHER = "契約書の写しで同じ方と確認した"
HOSTILE = '<script>alert("x")</script>{{7*7}}'
UNLINKED = "SELECT count(*) FROM ledger.events WHERE topic = 'identifiers-unlinked'"
PAIR = r"[a-p]{32}(?=\.\d)"
"""What stands for the two identifiers in the form of a new link: of other people, another."""
LEAK = "回答に本人以外の方の記録が含まれていました"


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/links"


def phone() -> Identifier:
    return {"scheme": "phone", "id": f"090-{member()['id'][-8:]}"}


def two(work: Work, *, link: bool = True) -> tuple[Worked, Identifier, Identifier]:
    """A case of somebody with a member number, and a contract that may be theirs."""
    who = member()
    contract = {"scheme": "contract", "id": f"{who['id']}-K"}
    if link:
        linked(work.office, who, contract)
    return verified(work, who, name=NAME), who, contract


def opened(person: Person, case: Worked) -> str:
    answer = person.get(path(case))
    assert answer.status_code == 200, answer.text
    return answer.text


def line(person: Person, case: Worked) -> Sheet:
    """The form that takes the only link away."""
    return sheet(opened(person, case), f"{path(case)}/unlink")


def unlink(person: Person, case: Worked, evidence: str = APART) -> tuple[int, str]:
    return press(person, line(person, case), unlink_evidence=evidence)


def link(person: Person, case: Worked, other: Identifier, **typed: str) -> tuple[int, str]:
    form = sheet(opened(person, case), path(case))
    told = {"scheme_b": other["scheme"], "id_b": other["id"], "evidence": TOGETHER, **typed}
    return press(person, form, **told)


def known(office: Office, who: Identifier) -> set[str]:
    """The identifiers of the person, as the API's history tells them."""
    told: list[dict[str, Any]] = api_history(office, who, after=head(office))["identifiers"]
    return {one["id"] for one in told}


def replied(work: Work, who: Identifier, other: Identifier) -> Worked:
    """A reply in the post that shows what is recorded under both, for they are linked."""
    office = work.office
    sent(office, provision(principals=named(who)), provision(principals=named(other, NAME)))
    linked(office, who, other)
    case = verified(work, who, name=NAME)
    posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
    found = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    case.do("principal", found).do("decisions", {}).do("submit")
    return case.do("approve", by="approver").do("dispatch", posted)


def test_the_page_shows_each_link_with_its_evidence_and_takes_it_away(
    office: Office, work: Work, officer: Person
) -> None:
    case, who, contract = two(work)
    assert known(office, who) == {who["id"], contract["id"]}
    page = words_of(opened(officer, case))
    assert f"会員ID {who['id']}" in page
    assert f"契約者番号 {contract['id']}" in page
    assert "同じ契約" in page
    assert unlink(officer, case) == (303, f"{path(case)}?done=unlinked")
    assert known(office, who) == {who["id"]}
    after = officer.get(f"{path(case)}?done=unlinked").text
    assert "名寄せを解除しました" in after
    assert f"解除（あなた）{APART}" in words_of(after).replace(" ", "")
    assert "解除済み" in after
    assert f"{path(case)}/unlink" not in after


def test_links_of_an_identifier_that_the_request_does_not_name_are_looked_up(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work, link=False)
    other, contract = member(), {"scheme": "contract", "id": f"{member()['id']}-K"}
    linked(office, other, contract)
    page = opened(officer, case)
    assert contract["id"] not in page
    look = sheet(page, f"{path(case)}/look")
    status, page = press(officer, look, look_scheme="member", look_id=other["id"])
    assert status == 200
    assert contract["id"] in page
    form = sheet(page, f"{path(case)}/unlink")
    assert press(officer, form, unlink_evidence=APART)[0] == 303
    assert known(office, other) == {other["id"]}


def test_a_reply_that_showed_the_other_ones_records_is_to_be_assessed_as_a_leak(
    office: Office, work: Work, officer: Person
) -> None:
    who, other = member(), phone()
    case = replied(work, who, other)
    of_other = verified(work, other, name=OTHER)
    assert LEAK not in opened(officer, case)
    assert unlink(officer, case)[0] == 303
    page = officer.get(f"{path(case)}?done=unlinked").text
    assert LEAK in page
    assert "回答の基になった記録が、その後に変わっています" in page
    assert of_other.number in page, "who named the other identifier is told of, too"
    key = work.key("officer")
    told = office.api("GET", f"/v1/cases/{case.id}", key).json()
    assert set(told["flags"]) == {"REOPENED", "LEAK_ASSESSMENT"}
    # Linked again, the records are the person's again.
    assert link(officer, case, other)[0] == 303
    assert LEAK not in opened(officer, case)


def test_what_is_excluded_changes_nothing_on_the_page_whatever_is_linked(
    office: Office, work: Work, officer: Person
) -> None:
    pages: list[str] = []
    for is_hidden in (False, True):
        who, other = member(), phone()
        if is_hidden:
            sent(office, provision(principals=named(other, NAME)), order_11="ii")
        sent(office, provision(principals=named(who)))
        linked(office, who, other)
        case = verified(work, who, name=NAME)
        found = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
        posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
        case.do("principal", found).do("decisions", {}).do("submit")
        case.do("approve", by="approver").do("dispatch", posted)
        before = bare(opened(officer, case), case, who["id"], other["id"])
        assert unlink(officer, case)[0] == 303
        after = bare(opened(officer, case), case, who["id"], other["id"])
        pages.append(re.sub(PAIR, "PAIR", before + after))
    assert "LEAK" not in pages[0]
    assert LEAK not in pages[0]
    assert pages[0] == pages[1]


def test_each_look_is_on_record_and_no_hostile_text_runs(
    office: Office, work: Work, officer: Person
) -> None:
    who = {"scheme": "member", "id": f"{HOSTILE}{member()['id']}"}
    case = verified(work, who, name=NAME)
    assert link(officer, case, member(), evidence=HOSTILE)[0] == 303
    page = opened(officer, case)
    assert HOSTILE not in page
    assert HOSTILE in words_of(page)
    key = office.key("audit:read", owner="auditor")
    told = office.api("GET", f"/v1/accesses?case={case.number}", key).json()["accesses"]
    looks = [one for one in told if one.get("reason") == "名寄せの確認"]
    assert [(one["what"], one["case_known"]) for one in looks] == [("history", True)] * 2


TYPED = "申込書の写しで同じ方と確認した"


def typed(other: Identifier, evidence: str = TYPED) -> dict[str, str]:
    return {"scheme_b": other["scheme"], "id_b": other["id"], "evidence": evidence}


def test_a_link_is_not_made_over_a_colleague_s_unlinking(
    office: Office, work: Work, officer: Person
) -> None:
    case, who, contract = two(work, link=False)
    form = sheet(opened(officer, case), path(case))
    colleague = office.person("colleague")
    assert link(colleague, case, contract)[0] == 303
    assert unlink(colleague, case)[0] == 303
    status, page = press(officer, form, **typed(contract))
    assert status == 409
    assert known(office, who) == {who["id"]}
    notice = words_of(page).partition("この組の経過")[2].partition("同じ方のものとされている")[0]
    for told in (TOGETHER, APART, office.called("colleague")):
        assert told in notice, told
    again = sheet(page, path(case))
    assert (again.text("id_b"), again.text("evidence")) == (contract["id"], TYPED)
    assert press(officer, again)[0] == 303
    assert known(office, who) == {who["id"], contract["id"]}


def test_no_evidence_waits_between_what_is_done_and_its_page(
    work: Work, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _, _ = two(work)
    form, kept = line(officer, case), list[bytes]()

    def noted(_: FormDrafts, _actor: str, _form: str, content: bytes, _at: datetime) -> None:
        kept.append(content)

    monkeypatch.setattr(FormDrafts, "keep", noted)
    assert press(officer, form, unlink_evidence=APART)[0] == 303
    assert kept, "the pair is kept until it is shown"
    assert not [one for one in kept if APART.encode() in one]


def test_who_was_overtaken_between_the_look_and_the_append_undoes_nothing(
    office: Office, work: Work, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, who, contract = two(work)
    form, key = line(officer, case), office.key("records:write", owner="colleague")
    pair = {"a": who, "b": contract, "evidence": "やはり同じ方"}
    link_of_ledger = Ledger.link

    def crossed(
        ledger: Ledger, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime
    ) -> CommandReceipt:
        """Somebody else takes the link away and makes it again, just before this is decided."""
        monkeypatch.setattr(Ledger, "link", link_of_ledger)
        for door in ("unlinks", "links"):
            assert office.api("POST", f"/v1/{door}", key, pair).status_code == 200
        return link_of_ledger(ledger, command, at)

    monkeypatch.setattr(Ledger, "link", crossed)
    status, page = press(officer, form, unlink_evidence=APART)
    assert (status, "変更されています" in page) == (409, True)
    assert sheet(page, f"{path(case)}/unlink").text("unlink_evidence") == APART
    assert known(office, who) == {who["id"], contract["id"]}


def test_of_two_officers_who_undo_one_link_at_once_one_does(
    office: Office, work: Work, officer: Person
) -> None:
    case, who, _ = two(work)
    people = (officer, office.person("colleague"))
    forms = [line(person, case) for person in people]
    [(before,)] = office.rows(UNLINKED)
    with ThreadPoolExecutor(2) as pool:
        pressed = [
            pool.submit(press, person, form, unlink_evidence=APART)
            for person, form in zip(people, forms, strict=True)
        ]
    assert sorted(one.result()[0] for one in pressed) == [303, 409]
    assert office.rows(UNLINKED) == [(before + 1,)]
    assert known(office, who) == {who["id"]}
