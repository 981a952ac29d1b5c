"""名寄せ: what stands once it is done, whatever fails beside it; and two officers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger
from ledger.store.form_drafts import FormDrafts
from ledger.streams.outcome import CommandReceipt
from tests.pages.casework import Work
from tests.pages.filling import sheet
from tests.pages.office import Office, Person
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
