"""名寄せ: no link is made over what a colleague did to the pair and whoever links has not seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger
from ledger.store.form_drafts import FormDrafts
from ledger.streams.outcome import CommandReceipt
from tests.pages.casework import Work
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import Identifier, linked, member
from tests.pages.sending import press
from tests.pages.test_links import (
    APART,
    TOGETHER,
    UNLINKED,
    known,
    line,
    link,
    opened,
    path,
    two,
    unlink,
)

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


@pytest.mark.parametrize("mark", ["", "x", "1", ".2", "x.2", f"{'g' * 32}.2", "９.９"])
def test_a_form_that_does_not_say_what_it_showed_of_the_pair_saw_nothing(
    office: Office, work: Work, officer: Person, mark: str
) -> None:
    case, who, contract = two(work)
    assert unlink(officer, case)[0] == 303
    form = sheet(opened(officer, case), path(case))
    status, page = press(officer, form, seen=mark, **typed(contract))
    assert (status, APART in page) == (409, True)
    assert known(office, who) == {who["id"]}


def test_the_history_of_a_pair_that_the_request_does_not_name_is_told_once(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work, link=False)
    one, other = member(), member()
    linked(office, one, other)
    key = office.key("records:write", owner="colleague")
    pair = {"a": one, "b": other, "evidence": APART}
    assert office.api("POST", "/v1/unlinks", key, pair).status_code == 200
    ends = {"scheme_a": one["scheme"], "id_a": one["id"]}
    status, page = link(officer, case, other, **ends)
    assert (status, APART in page) == (409, True)
    # However the identifier is written: what was shown is of the pair.
    again = press(officer, sheet(page, path(case)), id_a=f" {one['id']} ")
    assert again[0] == 303
    assert known(office, one) == {one["id"], other["id"]}


def test_who_is_overtaken_just_before_the_append_links_nothing(
    office: Office, work: Work, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, who, contract = two(work, link=False)
    form, key = (
        sheet(opened(officer, case), path(case)),
        office.key("records:write", owner="colleague"),
    )
    pair = {"a": who, "b": contract, "evidence": APART}
    link_of_ledger = Ledger.link

    def crossed(
        ledger: Ledger, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime
    ) -> CommandReceipt:
        monkeypatch.setattr(Ledger, "link", link_of_ledger)
        for door in ("links", "unlinks"):
            assert office.api("POST", f"/v1/{door}", key, pair).status_code == 200
        return link_of_ledger(ledger, command, at)

    monkeypatch.setattr(Ledger, "link", crossed)
    assert press(officer, form, **typed(contract))[0] == 409
    assert known(office, who) == {who["id"]}


def test_what_a_colleague_did_to_the_pair_is_told_again_with_a_defect(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work, link=False)
    one, other = member(), member()
    linked(office, one, other)
    key = office.key("records:write", owner="colleague")
    pair = {"a": one, "b": other, "evidence": APART}
    assert office.api("POST", "/v1/unlinks", key, pair).status_code == 200
    ends = {"scheme_a": one["scheme"], "id_a": one["id"]}
    status, page = link(officer, case, other, **ends)
    assert (status, "この組の経過" in words_of(page)) == (409, True)
    status, page = press(officer, sheet(page, path(case)), evidence="")
    assert (status, "この組の経過" in words_of(page), APART in page) == (422, True, True)
    # What it showed is known still: nothing has to be told once more.
    assert press(officer, sheet(page, path(case)), evidence=TYPED)[0] == 303
    assert known(office, one) == {one["id"], other["id"]}


def test_what_was_typed_for_a_link_that_had_gone_stays_beside_the_next_defect(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work)
    form = line(officer, case)
    assert unlink(office.person("colleague"), case)[0] == 303
    status, page = press(officer, form, unlink_evidence=TYPED)
    assert (status, TYPED in words_of(page)) == (409, True)
    status, page = press(officer, sheet(page, path(case)), evidence="")
    assert (status, TYPED in words_of(page)) == (422, True)
    look = sheet(page, f"{path(case)}/look")
    assert TYPED in words_of(press(officer, look, look_scheme="member", look_id="CNRY-M-1")[1])


DRAFTS = "SELECT count(*) FROM ledger.form_drafts"


@pytest.mark.parametrize("what", ["linked", "unlinked"])
def test_what_is_done_is_told_as_done_although_no_draft_can_be_kept(
    office: Office, work: Work, officer: Person, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    case, who, contract = two(work, link=what == "unlinked")
    form = sheet(opened(officer, case), f"{path(case)}{'/unlink' if what == 'unlinked' else ''}")
    typed = {"scheme_b": "contract", "id_b": contract["id"], "evidence": TOGETHER}
    typed = {"unlink_evidence": APART} if what == "unlinked" else typed

    def broken(*_: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(FormDrafts, "keep", broken)
    assert press(officer, form, **typed) == (303, f"{path(case)}?done={what}")
    assert known(office, who) == (
        {who["id"]} if what == "unlinked" else {who["id"], contract["id"]}
    )


def test_nothing_of_what_was_typed_is_kept_once_it_is_done_and_shown(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work)
    [(before,)] = office.rows(DRAFTS)
    address = unlink(officer, case)[1]
    page = officer.get(address).text
    assert "名寄せを解除しました" in page
    assert office.rows(DRAFTS) == [(before,)]
    assert "名寄せを解除しました" in officer.get(address).text


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


@pytest.mark.parametrize("sign", ["---", "・・", "\u3164"])
def test_a_sign_is_refused_as_an_identifier_by_the_page_and_by_the_door_alike(
    office: Office, work: Work, officer: Person, sign: str
) -> None:
    case, who, _ = two(work, link=False)
    status, page = link(officer, case, {"scheme": "contract", "id": sign})
    assert (status, "文字も数字もない識別子です" in page) == (422, True)
    nobody, key = {"scheme": "contract", "id": sign}, office.key("records:write", owner="colleague")
    for pair, pointer in (({"a": who, "b": nobody}, "/b/id"), ({"a": nobody, "b": who}, "/a/id")):
        refused = office.api("POST", "/v1/links", key, {**pair, "evidence": TOGETHER})
        told = {one["pointer"]: one["code"] for one in refused.json()["errors"]}
        assert (refused.status_code, told) == (422, {pointer: "IDENTIFIES_NOBODY"})


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
