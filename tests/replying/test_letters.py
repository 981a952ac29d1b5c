"""From a case in the ledger to its letters: to whom each goes, what it holds, and what it may not.

What letters say is held by golden files (`tests.documents.golden`).
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.problems.refusals import UnprintableError
from ledger.cases.events.substitute import Substitute
from ledger.cases.letters.withheld_parts import withheld_defects
from ledger.cases.print_step import PrintAs
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import (
    CheckDocuments,
    Refuse,
    RequestCorrection,
    Resubmit,
    SendBack,
    Verify,
)
from ledger.errors import MalformedError, NotFoundError
from tests.law.papers import both, paper
from tests.ledger.case_given import APPROVER, GOOD, SHORT, defects, seen
from tests.matrix import every
from tests.replying.desk import (
    ADDRESS,
    FORM,
    ITEM_NUMBER,
    NAME,
    REASON,
    Desk,
    letter,
    pages,
    part,
    party,
    recorded,
    text_of,
    whole,
)

ELSEWHERE = seen(addresses=replace(GOOD.addresses, form_is_registered=False))


def text(desk: Desk, kind: str) -> str:
    return text_of(desk.replies.letter(desk.state, kind))


def test_a_refusal_for_the_papers_names_each_of_them(desk: Desk) -> None:
    desk.begin().do(CheckDocuments(SHORT), RequestCorrection())
    correction = text(desk, "correction")
    assert "ご本人（ご契約者）の住民票が同封されていません" in correction
    assert "2026年12月24日に届く書類は、2026年9月24日以後に発行されたもの" in correction
    desk.later(days=31).do(Refuse())
    told = letter(desk.sent().json)
    assert told["content"]["kind"] == "PROCEDURAL"
    whose = {"whose": "ご本人（ご契約者）", "months": 3}
    missing = {"reason": "RESIDENCE_CERTIFICATE_MISSING", "paper": "住民票（ご本人）"}
    assert told["content"]["faults"] == [missing | whose]
    assert "search" not in told
    # What the letter on the correction said then, it says now.
    assert text(desk, "correction") == correction


def test_a_letter_to_an_address_that_may_be_a_strangers_asks_for_a_call_alone(
    desk: Desk,
) -> None:
    desk.begin()
    receipt = text(desk, "receipt")
    desk.do(CheckDocuments(ELSEWHERE), RequestCorrection())
    correction = text(desk, "correction")
    document = desk.later(days=31).do(Refuse()).sent()
    told = (receipt, correction, text_of(document.pdf))
    for one in (*told, document.json.decode()):
        for word in ("第三者", "開示", "手数料", "一致しません", "REGISTERED_ADDRESS_DIFFERS"):
            assert word not in one
    for one in told:
        assert "次の窓口までご連絡ください" in one
    assert letter(document.json)["content"] == {"kind": "PROCEDURAL", "discreet": True}


def test_the_sheet_for_the_envelope_has_the_number_once_it_is_posted(desk: Desk) -> None:
    recorded(desk)
    desk.verified().searched()
    desk.decided().approved()
    before = text(desk, "address_sheet")
    document = desk.posted()
    after = text(desk, "address_sheet")
    assert (ITEM_NUMBER in before, ITEM_NUMBER in after) == (False, True)
    assert f"合計{document.sheets}ページ" in after
    assert "簡易書留郵便(転送不要)" in after


OF_PARENT = {"representative_name": "髙橋 太郎", "representative_address": "京都市中京区1-2"}
MINOR: dict[str, Any] = {"representation": "parent_of_minor", "birth_date": date(2015, 5, 5)}
REGISTER = paper("family_register", "legal_representative")
PAPERS = seen(*GOOD.papers, *both("legal_representative"), REGISTER)
OF_BILLING = {"billing_address": "大阪市北区梅田1-1", "billing_postal_code": "530-0001"}


def test_a_reply_goes_to_whom_the_form_names_where_it_says(desk: Desk) -> None:
    desk.begin(requester="legal_representative", form=FORM | OF_PARENT, **MINOR)
    desk.do(CheckDocuments(PAPERS), Verify()).searched()
    parent = {"postal_code": "", "address": "京都市中京区1-2", "name": "髙橋 太郎"}
    assert letter(desk.decided().sent().json)["addressee"] == {**parent, "represents": NAME}
    # A name taken later stands beside the one in the record.
    billed = desk.another()
    billed.record(principals=[{"scheme": "member", "id": billed.who.id, "name": "見本 花子"}])
    billed.rename("髙橋 花子")
    billed.verified(form=FORM | OF_BILLING, reply_address="billing").searched()
    sent = letter(billed.decided().sent().json)
    told = sent["addressee"]
    assert (told["postal_code"], told["address"]) == ("530-0001", "大阪市北区梅田1-1")
    assert [line["current_name"] for line in sent["content"]["lines"]] == ["髙橋 花子"]


def test_no_letter_goes_out_without_a_name_and_an_address(desk: Desk) -> None:
    for form, places in (
        ({**FORM, "name": " "}, {"/form/name"}),
        ({}, {"/form/name", "/form/address"}),
    ):
        one = desk.another().begin(form=form).do(CheckDocuments(GOOD), RequestCorrection())
        with pytest.raises(MalformedError) as refused:
            one.replies.letter(one.state, "correction")
        assert defects(refused) == {(place, "ADDRESSEE_MISSING") for place in places}
    # What the form lacked comes with further papers.
    desk.begin(form={"name": NAME}).do(CheckDocuments(seen(form_missing=("address",))))
    desk.do(RequestCorrection())
    completed = Resubmit(desk.state.application.arrived_on, form={"address": ADDRESS})
    desk.do(completed, CheckDocuments(GOOD), Verify()).searched()
    told = letter(desk.decided().sent().json)["addressee"]
    assert (told["name"], told["address"]) == (NAME, ADDRESS)


def test_a_letter_that_is_not_due_is_not_there(desk: Desk) -> None:
    desk.begin()
    for kind in ("correction", "method_change", "address_sheet", "poem"):
        with pytest.raises(NotFoundError):
            desk.replies.letter(desk.state, kind)
    other = desk.another().verified()
    other.searched()
    with pytest.raises(NotFoundError):
        other.replies.document(other.state, other.inside.now, "0123-4567-89AB-CDEF-GHJK")


OF_ANOTHER_KIND = {
    "retained_data": "保有個人データの開示のご請求",
    "provision_stop": "保有個人データの第三者への提供の停止のご請求",
    "utilization_cease": "保有個人データの利用の停止又は消去のご請求",
}


@every("kind", OF_ANOTHER_KIND)
def test_letters_on_another_kind_of_request_speak_of_no_record_of_provision(
    kind: str, desk: Desk
) -> None:
    one = desk.another()
    one.begin(kind=kind).do(CheckDocuments(SHORT), RequestCorrection())
    texts = [text(one, "receipt"), text(one, "correction")]
    one.later(days=31).do(Refuse())
    texts.append(text_of(one.sent().pdf))
    for said in texts:
        assert OF_ANOTHER_KIND[kind] in said
        assert "第三者提供記録" not in said
    sheet = text(one, "address_sheet")
    assert f"{OF_ANOTHER_KIND[kind]}について（手続の不備）" in sheet


# -- the reply ---------------------------------------------------------------------------------


def test_all_records_are_disclosed_with_their_sides_in_annexes(desk: Desk) -> None:
    recorded(desk)
    found = desk.verified().searched()
    document = desk.decided().sent()
    told = letter(document.json)
    assert told["content"]["kind"] == "FULL"
    sides = [line["side"] for line in told["content"]["lines"]]
    assert sides == ["provided", "provided", "received"]
    assert document.annexes == ("別紙1　当社が提供した記録", "別紙2　当社が提供を受けた記録")
    assert (told["addressee"]["name"], told["addressee"]["address"]) == (NAME, ADDRESS)
    assert told["search"]["position"] == found.as_of
    assert told["at"].startswith("2026-11-24T03:00")
    assert document.csv.decode("utf-8-sig").count("\r\n") == 4
    assert document.sheets == pages(document.pdf)
    # A reply after a reply replaces it and says why.
    desk.late()
    desk.later(days=2).reopened("先の回答の後に、別の記録が見つかったためです。").searched()
    told = letter(desk.decided().sent().json)["content"]
    assert (told["kind"], told["earlier_case"]) == ("SUPPLEMENT", desk.state.number)
    assert told["earlier_on"] == "2026-11-24"
    assert told["change"] == (
        "先の回答：全部開示（開示する記録3件）\nこの回答：全部開示（開示する記録4件）"
    )
    assert told["reason"] == "先の回答の後に、別の記録が見つかったためです。"
    assert told["reply"]["kind"] == "FULL"


def test_what_is_withheld_is_told_by_ground_and_reason_and_stands_nowhere(desk: Desk) -> None:
    first, second, third = recorded(desk)
    desk.verified().searched()
    entries = desk.replies.find_records(desk.state).entries
    unknown = (part(first, "ACQUISITION"), part(third, "ACQUISITION", "ご利用履歴"), part(first))
    found = withheld_defects(unknown, entries)
    assert [(one.pointer, one.code) for one in found] == [("/withheld/0/items", "ITEM_UNKNOWN")]
    desk.decided([part(first, "COUNTERPARTY", "ご利用履歴"), whole(second), whole(third)])
    document = desk.sent()
    told = letter(document.json)["content"]
    assert told["kind"] == "PARTIAL"
    counts = {"ground": "ART33_2_I", "reason": REASON, "provided": 1, "received": 1}
    assert told["withheld"] == [{**counts, "parts": [[1, "COUNTERPARTY"], [1, "ITEMS"]]}]
    paper = text_of(document.pdf)
    for one in ("青空商事", "ご利用履歴", "海風物産", "山道商会"):
        assert one not in document.json.decode() + document.csv.decode() + paper
    assert REASON in paper


def test_only_the_side_and_the_period_that_were_asked_for_are_searched(desk: Desk) -> None:
    days = {"old": "2024-01-31", "first": "2024-02-01", "last": "2024-03-31", "new": "2024-04-01"}
    kept = {name: desk.record(transferred_on=day) for name, day in days.items()}
    begun: dict[str, Any] = {"transferred_on": None, "transferred_from": "2023-01-01"}
    kept["running"] = desk.record(**begun, transferred_to="2024-02-10")
    desk.record(**begun, transferred_to="2023-12-31")
    recorded(desk)
    period = {"first_day": date(2024, 2, 1), "last_day": date(2024, 3, 31), "received": False}
    found = desk.verified(**period).searched()
    assert set(found.provided) == {kept["first"], kept["last"], kept["running"]}
    assert found.received == ()
    told = letter(desk.decided().sent().json)
    assert (told["asked"]["first_day"], told["asked"]["received"]) == ("2024-02-01", False)


# -- what could not be printed: what is chosen, printed, kept, and made again ------------------

VARIATION, GAIJI = "邉\U000e010f", "\ue000"
RARE = {**FORM, "name": f"渡{VARIATION} 花子"}
OF_THE_NAME = Substitute(VARIATION, "邉", "戸籍統一文字の親字")
OF_THE_PARTY = Substitute(GAIJI, "葛", "送信元の担当者に電話で確認した")
OTHERWISE = replace(OF_THE_PARTY, printed="蔦")


def choice(desk: Desk, *chosen: Substitute) -> PrintAs:
    """The step as the door makes it."""
    desk.inside.follow()
    return desk.replies.print_as(desk.state, chosen, desk.inside.now)


def odd(desk: Desk) -> Desk:
    """A case of somebody with a rare name and records with rare names."""
    desk.record(counterparty=party(f"{GAIJI}城商店"))
    desk.record(counterparty=party(f"{GAIJI}城{VARIATION}商店"))
    desk.verified(form=RARE, medium="electronic").searched()
    return desk.decided(medium="paper", medium_reason=f"{GAIJI}城の設備がないためです。")


def test_a_blocked_letter_goes_out_once_it_is_said_what_is_printed(desk: Desk) -> None:
    odd(desk)
    with pytest.raises(UnprintableError) as refused:
        desk.submitted()
    assert ("/addressee/name", "GLYPH_MISSING") in {
        (one.pointer, one.code) for one in refused.value.defects
    }
    assert "邉" not in str(refused.value)
    desk.do(choice(desk, OF_THE_NAME))
    with pytest.raises(UnprintableError) as refused:
        desk.submitted()
    assert {one.detail for one in refused.value.defects} == {"U+E000"}
    first = desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY)).sent()
    printed = text_of(first.pdf)
    for said in ("渡邉花子様", "葛城邉商店", "邉U+9089U+E010F葛U+E000"):
        assert said in printed
    told = letter(first.json)
    assert told["addressee"]["name"] == RARE["name"]
    names = [one["items"][1]["value"]["name"] for one in told["content"]["lines"]]
    assert names == [f"{GAIJI}城商店", f"{GAIJI}城{VARIATION}商店"]
    assert "substitutes" not in json.dumps(told)
    assert GAIJI.encode() in first.csv
    # Whoever wanted files and gets paper is told why, in the same forms.
    assert first.method is not None
    assert "葛城の設備" in text_of(first.method)
    assert desk.replies.letter(desk.state, "method_change") == first.method
    assert first.sheets == pages(first.pdf) + pages(first.method)
    # It is made again with the choices of its time.
    desk.record(counterparty=party("川上運輸株式会社"), recorded_on="2026-11-20")
    desk.reopened("先の回答の後に、別の記録が見つかったためです。").searched()
    second = desk.decided().do(choice(desk, OF_THE_NAME, OTHERWISE)).sent()
    assert "蔦城商店" in text_of(second.pdf)
    attached = PdfReader(BytesIO(second.pdf)).attachments
    assert attached == {"records.csv": [second.csv], "records.json": [second.json]}
    for number, document in ((1, first), (2, second)):
        assert desk.replies.reproduce(desk.stream, number) == document
        assert desk.replies.stored(desk.stream, number) == document.documents


def test_letters_that_nobody_submits_are_printed_so_too(desk: Desk) -> None:
    desk.begin(form=RARE).do(CheckDocuments(SHORT), RequestCorrection())
    kinds = ("receipt", "correction")
    for kind in kinds:
        with pytest.raises(UnprintableError):
            desk.replies.letter(desk.state, kind)
    desk.do(choice(desk, OF_THE_NAME))
    for kind in kinds:
        assert "渡邉花子様" in text(desk, kind)
        assert "邉U+9089U+E010F" in text(desk, kind)
    first = desk.replies.letter(desk.state, "correction")
    arrived = desk.state.application.arrived_on
    desk.do(Resubmit(arrived), CheckDocuments(GOOD), Verify()).searched()
    assert desk.replies.letter(desk.state, "correction") == first
    desk.decided().approved()
    assert "渡邉花子様" in text(desk, "address_sheet")


def test_a_letter_with_a_mark_goes_out_as_the_same_text_that_the_font_has(desk: Desk) -> None:
    name = "Nguye\u0302\u0303n Thi\u0323 花子"
    desk.record(counterparty=party("Thi\u0323商店"))
    desk.verified(form={**FORM, "name": name}).searched()
    document = desk.decided().sent()
    for said in ("NguyễnThị花子様", "Thị商店"):
        assert said in text_of(document.pdf)
    assert letter(document.json)["addressee"]["name"] == name
    assert "Thi\u0323商店".encode() in document.csv
    assert desk.replies.reproduce(desk.stream, 1) == document


@every(
    "chosen, code",
    [
        (replace(OF_THE_NAME, written="渡"), "PRINTABLE_ALREADY"),
        (replace(OF_THE_NAME, printed="邉\U000e0110"), "UNPRINTABLE_BASE"),
        (replace(OF_THE_NAME, printed="遍"), "OTHER_FAMILY"),
        (replace(OF_THE_NAME, printed="辺"), "OTHER_FAMILY"),
        (OF_THE_PARTY, "NOT_IN_THE_LETTERS"),
    ],
)
def test_what_the_font_has_is_asked_of_the_font(chosen: Substitute, code: str, desk: Desk) -> None:
    one = desk.another().begin(form=RARE)
    with pytest.raises(MalformedError) as refused:
        one.do(choice(one, chosen))
    assert {found for _, found in defects(refused)} == {code}


def test_a_record_that_is_excluded_is_as_if_it_were_none(desk: Desk) -> None:
    told: list[set[tuple[str, str]]] = []
    for is_excluded in (False, True):
        if is_excluded:
            desk.exclude(desk.record(counterparty=party(f"{GAIJI}城商店")))
        desk.verified(form=RARE).searched()
        desk.decided()
        with pytest.raises(MalformedError) as refused:
            desk.do(choice(desk, OF_THE_PARTY))
        told.append(defects(refused))
    assert told == [{("/substitutes/0/written", "NOT_IN_THE_LETTERS")}] * 2


def test_another_choice_voids_what_was_submitted(desk: Desk) -> None:
    odd(desk).do(choice(desk, OF_THE_NAME, OF_THE_PARTY)).submitted()
    before = desk.approval()
    desk.do(choice(desk, OF_THE_NAME, OTHERWISE)).submitted()
    with pytest.raises(StaleApprovalError):
        desk.do(before, by=APPROVER)
    desk.do(desk.approval(), by=APPROVER).do(SendBack("氏名"), by=APPROVER)
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    assert "渡邉花子様" in text_of(desk.sent().pdf)
    # Records that changed are told at this door as at the others.
    other = odd(desk.another())
    entries = other.replies.find_records(other.state).entries
    other.inside.now += timedelta(seconds=1)
    other.retract(entries[0].transfer, "not_a_transfer")
    with pytest.raises(StaleApprovalError):
        choice(other, OF_THE_NAME)


def test_the_form_that_is_completed_later_is_looked_at_anew(desk: Desk) -> None:
    desk.begin(form={**RARE, "address": f"{ADDRESS} {GAIJI}荘"})
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY), CheckDocuments(SHORT), RequestCorrection())
    later = desk.state.application.arrived_on
    desk.do(Resubmit(later, form={"address": ADDRESS}), CheckDocuments(GOOD), Verify()).searched()
    # The letter that asked for the correction was made of the form as it was then.
    desk.do(choice(desk, OF_THE_NAME, OTHERWISE))
    assert "蔦U+E000" in text(desk, "correction")
    printed = text_of(desk.decided().sent().pdf)
    assert "U+E000" not in printed
    assert "邉U+9089U+E010F" in printed
