"""A case whose letters could not be printed: what is chosen, printed, kept, and made again."""

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from api.problems.refusals import UnprintableError
from ledger.cases.events.substitute import Substitute
from ledger.cases.print_step import PrintAs
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import CheckDocuments, RequestCorrection, Resubmit, SendBack, Verify
from ledger.commands import RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from tests.ledger.case_given import APPROVER, GOOD, SHORT, defects
from tests.ledger.given import ACTOR, data
from tests.replying.desk import ADDRESS, FORM, Desk, letter, party, text_of

VARIATION, GAIJI = "邉\U000e010f", "\ue000"
NAME = f"渡{VARIATION} 花子"
RARE = {**FORM, "name": NAME}
OF_THE_NAME = Substitute(VARIATION, "邉", "戸籍統一文字の親字")
OF_THE_PARTY = Substitute(GAIJI, "葛", "送信元の担当者に電話で確認した")


def choice(desk: Desk, *chosen: Substitute) -> PrintAs:
    """The step as the door makes it."""
    desk.inside.follow()
    return desk.replies.print_as(desk.state, chosen, desk.inside.now)


def decided(desk: Desk) -> Desk:
    """A case of somebody with a rare name and one record with a rare name."""
    desk.inside.record("t-1", data(counterparty=party(f"{GAIJI}城商店")))
    desk.inside.record("t-2", data(counterparty=party(f"{GAIJI}城{VARIATION}商店")))
    desk.verified(form=RARE, medium="electronic").searched()
    return desk.decided()


def test_a_blocked_letter_goes_out_once_it_is_said_what_is_printed(desk: Desk) -> None:
    decided(desk)
    with pytest.raises(UnprintableError):
        desk.submitted()
    desk.do(choice(desk, OF_THE_NAME))
    with pytest.raises(UnprintableError) as refused:
        desk.submitted()
    assert {one.detail for one in refused.value.defects} == {"U+E000"}
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    document = desk.sent()
    text = text_of(document.pdf)
    assert "渡邉花子様" in text
    assert "葛城邉商店" in text
    assert "邉U+9089U+E010F葛U+E000" in text
    told = letter(document.json)
    assert told["addressee"]["name"] == NAME
    names = [one["items"][1]["value"]["name"] for one in told["content"]["lines"]]
    assert names == [f"{GAIJI}城商店", f"{GAIJI}城{VARIATION}商店"]
    assert "substitutes" not in json.dumps(told)
    attached = PdfReader(BytesIO(document.pdf)).attachments
    assert attached == {"records.csv": [document.csv], "records.json": [document.json]}
    assert GAIJI.encode() in document.csv


def test_the_reply_is_made_again_with_the_choices_of_its_time(desk: Desk) -> None:
    decided(desk).do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    first = desk.sent()
    desk.reopened("先の回答の後に、別の記録が見つかったためです。")
    desk.inside.record("t-3", data(counterparty=party("川上運輸株式会社")))
    desk.searched()
    desk.decided()
    desk.do(choice(desk, OF_THE_NAME, replace(OF_THE_PARTY, printed="蔦")))
    second = desk.sent()
    assert "蔦城商店" in text_of(second.pdf)
    for number, document in ((1, first), (2, second)):
        assert desk.replies.again(desk.stream, number) == document
        assert desk.replies.stored(desk.stream, number) == document.documents


def test_letters_that_nobody_submits_are_printed_so_too(desk: Desk) -> None:
    desk.begin(form=RARE).do(CheckDocuments(SHORT), RequestCorrection())
    for kind in ("receipt", "correction"):
        with pytest.raises(UnprintableError):
            desk.replies.letter(desk.state, kind)
    desk.do(choice(desk, OF_THE_NAME))
    for kind in ("receipt", "correction"):
        text = text_of(desk.replies.letter(desk.state, kind))
        assert "渡邉花子様" in text
        assert "邉U+9089U+E010F" in text
    first = desk.replies.letter(desk.state, "correction")
    arrived = desk.state.application.arrived_on
    desk.do(Resubmit(arrived), CheckDocuments(GOOD), Verify()).searched()
    assert desk.replies.letter(desk.state, "correction") == first
    desk.decided().approved()
    assert "渡邉花子様" in text_of(desk.replies.letter(desk.state, "address_sheet"))


def test_the_letter_on_the_method_is_printed_so_too(desk: Desk) -> None:
    desk.inside.record("t-1", data())
    desk.verified(form=RARE, medium="electronic").searched()
    desk.decided(medium="paper", medium_reason=f"{GAIJI}城の設備がないためです。")
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    document = desk.sent()
    assert document.method is not None
    text = text_of(document.method)
    assert "葛城の設備" in text
    assert "邉U+9089U+E010F葛U+E000" in text
    assert GAIJI not in text_of(document.pdf)
    assert "葛U+E000" not in text_of(document.pdf)


def test_a_letter_with_a_mark_goes_out_as_the_same_text_that_the_font_has(desk: Desk) -> None:
    name = "Nguye\u0302\u0303n Thi\u0323 花子"
    desk.inside.record("t-1", data(counterparty=party("Thi\u0323商店")))
    desk.verified(form={**FORM, "name": name}, medium="electronic").searched()
    document = desk.decided().sent()
    text = text_of(document.pdf)
    assert "NguyễnThị花子様" in text
    assert "Thị商店" in text
    assert letter(document.json)["addressee"]["name"] == name
    assert "Thi\u0323商店".encode() in document.csv
    assert desk.replies.again(desk.stream, 1) == document


def test_a_part_of_a_name_is_not_lost_without_a_word(desk: Desk) -> None:
    both = "i\u0323\u0331"
    desk.begin(form={**FORM, "name": f"Th{both} 花子"})
    for printed in ("i", "ī"):
        with pytest.raises(MalformedError) as refused:
            desk.do(choice(desk, Substitute(both, printed, "本人の了承")))
        assert defects(refused) == {("/substitutes/0/printed", "OTHER_FAMILY")}
    desk.do(choice(desk, Substitute(both, "ị", "本人の了承")))
    text = text_of(desk.replies.letter(desk.state, "receipt"))
    assert "Thị花子様" in text
    assert "ịU+0069U+0323U+0331（うちU+0331の記号は印字しておりません。）" in text


def test_what_stands_in_no_letter_yet_cannot_be_chosen(desk: Desk) -> None:
    desk.inside.record("t-1", data(counterparty=party(f"{GAIJI}城商店")))
    desk.verified(form=RARE).searched()
    with pytest.raises(MalformedError) as refused:
        desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    assert defects(refused) == {("/substitutes/1/written", "NOT_IN_THE_LETTERS")}
    desk.decided().do(choice(desk, OF_THE_NAME, OF_THE_PARTY))


def test_a_record_that_is_excluded_is_as_if_it_were_none(desk: Desk) -> None:
    told: list[set[tuple[str, str]]] = []
    for is_excluded in (False, True):
        if is_excluded:
            row = data(counterparty=party(f"{GAIJI}城商店"))
            desk.exclude(desk.inside.record("t-1", row).transfer)
        desk.verified(form=RARE).searched()
        desk.decided()
        with pytest.raises(MalformedError) as refused:
            desk.do(choice(desk, OF_THE_PARTY))
        told.append(defects(refused))
    assert told == [{("/substitutes/0/written", "NOT_IN_THE_LETTERS")}] * 2


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (replace(OF_THE_NAME, written="渡"), "PRINTABLE_ALREADY"),
        (replace(OF_THE_NAME, printed="邉\U000e0110"), "UNPRINTABLE_BASE"),
        (replace(OF_THE_NAME, printed="遍"), "OTHER_FAMILY"),
        (replace(OF_THE_NAME, printed="辺"), "OTHER_FAMILY"),
    ],
)
def test_what_the_font_has_is_asked_of_the_font(desk: Desk, chosen: Substitute, code: str) -> None:
    desk.begin(form=RARE)
    with pytest.raises(MalformedError) as refused:
        desk.do(choice(desk, chosen))
    assert {found for _, found in defects(refused)} == {code}


def test_another_choice_voids_what_was_submitted(desk: Desk) -> None:
    decided(desk).do(choice(desk, OF_THE_NAME, OF_THE_PARTY)).submitted()
    before = desk.approval()
    desk.do(choice(desk, OF_THE_NAME, replace(OF_THE_PARTY, printed="蔦"))).submitted()
    with pytest.raises(StaleApprovalError):
        desk.do(before, by=APPROVER)
    desk.do(desk.approval(), by=APPROVER).do(SendBack("氏名"), by=APPROVER)
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY))
    assert "渡邉花子様" in text_of(desk.sent().pdf)


def test_records_that_changed_are_told_at_this_door_as_at_the_others(desk: Desk) -> None:
    gone = desk.inside.record("t-1", data(counterparty=party(f"{GAIJI}城商店"))).transfer
    desk.verified(form=RARE).searched()
    desk.decided()
    retract = RetractTransfer(random_uuid(), ACTOR, gone, "not_a_transfer")
    desk.inside.ledger.retract(retract, desk.inside.now + timedelta(seconds=1))
    with pytest.raises(StaleApprovalError):
        choice(desk, OF_THE_NAME)


def test_the_form_that_is_completed_later_is_looked_at_anew(desk: Desk) -> None:
    desk.begin(form={**RARE, "address": f"{ADDRESS} {GAIJI}荘"})
    desk.do(choice(desk, OF_THE_NAME, OF_THE_PARTY), CheckDocuments(SHORT), RequestCorrection())
    later = desk.state.application.arrived_on
    desk.do(Resubmit(later, form={"address": ADDRESS}), CheckDocuments(GOOD), Verify()).searched()
    # The letter that asked for the correction was made of the form as it was then.
    desk.do(choice(desk, OF_THE_NAME, replace(OF_THE_PARTY, printed="蔦")))
    assert "蔦U+E000" in text_of(desk.replies.letter(desk.state, "correction"))
    text = text_of(desk.decided().sent().pdf)
    assert "U+E000" not in text
    assert "邉U+9089U+E010F" in text
