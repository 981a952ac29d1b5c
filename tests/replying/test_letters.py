"""Letters beside the reply, and to whom each of them goes."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.cases.steps import CheckDocuments, Refuse, RequestCorrection, Resubmit, Verify
from ledger.errors import MalformedError, NotFoundError
from tests.law.papers import both, card, paper
from tests.ledger.case_given import GOOD, RESIDENCE, SEAL, SHORT, defects, seen
from tests.replying.desk import ADDRESS, FORM, NAME, Desk, letter, recorded, text_of


def test_a_refusal_for_the_papers_names_each_of_them(desk: Desk) -> None:
    desk.begin().do(CheckDocuments(SHORT), RequestCorrection())
    correction = text_of(desk.replies.letter(desk.state, "correction"))
    assert "住民票（ご本人）" in correction
    assert "2026年12月24日" in correction
    whole = "".join(correction.split())
    assert "ご本人（ご契約者）の住民票が同封されていません" in whole
    assert "2026年12月24日に届く書類は、2026年9月24日以後に発行されたもの" in whole
    desk.later(days=31).do(Refuse())
    document = desk.sent()
    told = letter(document.json)
    assert told["content"]["kind"] == "PROCEDURAL"
    assert told["content"]["article"] == "法37条1項・政令12条3号"
    faults = told["content"]["faults"]
    whose = {"whose": "ご本人（ご契約者）", "months": 3}
    missing = {"reason": "RESIDENCE_CERTIFICATE_MISSING", "paper": "住民票（ご本人）"}
    assert faults == [missing | whose]
    assert "search" not in told
    # What the letter on the correction said then, it says now.
    assert text_of(desk.replies.letter(desk.state, "correction")) == correction


NO_SEAL = {"seal_registered": {"principal": False}}
VALID, FRESH = "有効期限内のものをお送りください", "発行日から3か月以内のものをお送りください"
CURES = {
    "a licence past its day": (
        seen(card(valid_until=date(2020, 1, 1)), RESIDENCE, **NO_SEAL),
        (VALID, "書類の有効期限が過ぎています"),
        (FRESH,),
    ),
    "a certificate that is too old": (
        seen(SEAL, replace(RESIDENCE, issued_on=date(2020, 1, 1))),
        (FRESH, "書類の発行日から3か月が過ぎています"),
        (VALID,),
    ),
    "fields of the form": (
        seen(form_missing=("seal", "birth_date")),
        ("申請書に次の事項の記入がありません（ご本人の生年月日、押印）",),
        ("すべての事項",),
    ),
}


@pytest.mark.parametrize("name", CURES)
def test_a_correction_says_what_helps(name: str, desk: Desk) -> None:
    look, told, untold = CURES[name]
    desk.begin().do(CheckDocuments(look), RequestCorrection())
    text = "".join(text_of(desk.replies.letter(desk.state, "correction")).split())
    assert [one for one in told if one not in text] == []
    assert [one for one in untold if one in text] == []


def test_a_letter_to_an_address_that_nobody_knows_tells_nothing(desk: Desk) -> None:
    differs = replace(GOOD.addresses, form_is_registered=False)
    desk.begin().do(CheckDocuments(seen(addresses=differs)), RequestCorrection())
    text = text_of(desk.replies.letter(desk.state, "correction"))
    assert "ご連絡のお願い" in text
    assert "開示" not in text


def test_a_receipt_says_what_was_asked_and_what_it_costs(desk: Desk) -> None:
    desk.begin().do(CheckDocuments(SHORT))
    one = desk.replies.letter(desk.state, "receipt")
    assert "現在、手数料はいただいておりません" in text_of(one)
    assert desk.replies.letter(desk.state, "receipt") == one


def test_a_letter_to_an_address_that_may_be_a_strangers_asks_for_a_call_alone(
    desk: Desk,
) -> None:
    desk.begin()
    elsewhere = seen(addresses=replace(GOOD.addresses, form_is_registered=False))
    receipt = text_of(desk.replies.letter(desk.state, "receipt"))
    desk.do(CheckDocuments(elsewhere), RequestCorrection()).later(days=31)
    desk.do(Refuse())
    document = desk.sent()
    for told in (receipt, text_of(document.pdf), document.json.decode()):
        for word in ("第三者", "開示", "手数料", "一致しません", "REGISTERED_ADDRESS_DIFFERS"):
            assert word not in told
    assert "次の窓口までご連絡ください" in receipt
    assert "次の窓口までご連絡ください" in text_of(document.pdf)
    assert letter(document.json)["content"] == {"kind": "PROCEDURAL", "discreet": True}


def test_a_refusal_to_a_known_address_says_what_was_short(desk: Desk) -> None:
    desk.begin().do(CheckDocuments(SHORT), RequestCorrection()).later(days=31)
    document = desk.do(Refuse()).sent()
    assert "手続の不備" in text_of(document.pdf)
    assert letter(document.json)["content"]["faults"]


def test_the_sheet_for_the_envelope_has_the_number_once_it_is_posted(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    before = text_of(desk.replies.letter(desk.state, "address_sheet"))
    document = desk.posted()
    after = text_of(desk.replies.letter(desk.state, "address_sheet"))
    assert ("123-45-67890-1" in before, "123-45-67890-1" in after) == (False, True)
    assert f"合計{document.sheets}ページ" in after
    assert "簡易書留郵便(転送不要)" in after


def test_a_representative_is_written_to_under_their_own_name_and_address(desk: Desk) -> None:
    form = FORM | {"representative_name": "髙橋 太郎", "representative_address": "京都市中京区1-2"}
    minor = {"representation": "parent_of_minor", "birth_date": date(2015, 5, 5)}
    register = paper("family_register", "legal_representative")
    papers = seen(*GOOD.papers, *both("legal_representative"), register)
    desk.begin(requester="legal_representative", form=form, **minor)
    desk.do(CheckDocuments(papers), Verify()).searched()
    told = letter(desk.decided().sent().json)["addressee"]
    assert told == {
        "postal_code": "",
        "address": "京都市中京区1-2",
        "name": "髙橋 太郎",
        "represents": NAME,
    }


NOBODY: dict[str, tuple[dict[str, str], set[str]]] = {
    "no name": ({**FORM, "name": " "}, {"/form/name"}),
    "nothing at all": ({}, {"/form/name", "/form/address"}),
}


@pytest.mark.parametrize("name", NOBODY)
def test_no_letter_goes_out_without_a_name_and_an_address(name: str, desk: Desk) -> None:
    form, places = NOBODY[name]
    desk.begin(form=form).do(CheckDocuments(GOOD), RequestCorrection())
    with pytest.raises(MalformedError) as refused:
        desk.replies.letter(desk.state, "correction")
    assert defects(refused) == {(one, "ADDRESSEE_MISSING") for one in places}


def test_what_the_form_lacked_comes_with_further_papers(desk: Desk) -> None:
    desk.begin(form={"name": NAME}).do(CheckDocuments(seen(form_missing=("address",))))
    with pytest.raises(MalformedError):
        desk.replies.letter(desk.state, "receipt")
    desk.do(RequestCorrection())
    completed = Resubmit(desk.state.application.arrived_on, form={"address": ADDRESS})
    desk.do(completed, CheckDocuments(GOOD), Verify()).searched()
    told = letter(desk.decided().sent().json)["addressee"]
    assert (told["name"], told["address"]) == (NAME, ADDRESS)


def test_the_billing_address_is_its_own(desk: Desk) -> None:
    form = FORM | {"billing_address": "大阪市北区梅田1-1", "billing_postal_code": "530-0001"}
    desk.verified(form=form, reply_address="billing").searched()
    told = letter(desk.decided().sent().json)["addressee"]
    assert (told["postal_code"], told["address"]) == ("530-0001", "大阪市北区梅田1-1")


@pytest.mark.parametrize("kind", ["correction", "method_change", "address_sheet", "poem"])
def test_a_letter_that_is_not_due_is_not_there(kind: str, desk: Desk) -> None:
    desk.begin()
    with pytest.raises(NotFoundError):
        desk.replies.letter(desk.state, kind)


OF_ANOTHER_KIND = {
    "retained_data": "保有個人データの開示のご請求",
    "provision_stop": "保有個人データの第三者への提供の停止のご請求",
    "utilization_cease": "保有個人データの利用の停止又は消去のご請求",
}


@pytest.mark.parametrize("kind", OF_ANOTHER_KIND)
def test_letters_on_another_kind_of_request_speak_of_no_record_of_provision(
    kind: str, desk: Desk
) -> None:
    desk.begin(kind=kind).do(CheckDocuments(SHORT), RequestCorrection())
    receipt = text_of(desk.replies.letter(desk.state, "receipt"))
    correction = text_of(desk.replies.letter(desk.state, "correction"))
    desk.later(days=31).do(Refuse())
    refusal = text_of(desk.sent().pdf)
    for text in (receipt, correction, refusal):
        assert OF_ANOTHER_KIND[kind] in text
        assert "第三者提供記録" not in text
    assert ("手数料はいただきません。" in receipt) is (kind != "retained_data")
    assert ("開示しません。" in refusal) is (kind == "retained_data")
    sheet = text_of(desk.replies.letter(desk.state, "address_sheet"))
    assert f"{OF_ANOTHER_KIND[kind]}について（手続の不備）" in sheet
