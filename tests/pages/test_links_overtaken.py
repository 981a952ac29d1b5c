"""名寄せ: no link is made over what a colleague did to the pair and whoever links has not seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.service import Ledger
from ledger.store.form_drafts import FormDrafts
from ledger.streams.outcome import CommandReceipt
from tests.pages.casework import Work
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import Identifier
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
