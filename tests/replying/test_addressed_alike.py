"""The same name and address in another spelling make no supplement; another character does."""

from dataclasses import replace
from unicodedata import normalize

import pytest

from api.case_replies.comparable_answer import is_sent_alike
from ledger.cases.events.substitute import Substitute
from ledger.cases.refusals import NothingToSupplementError
from ledger.cases.state import State
from ledger.cases.steps import CheckDocuments, Resubmit, Verify
from ledger.clock import day_in_japan
from tests.ledger.case_given import GOOD
from tests.ledger.given import data
from tests.replying.desk import ADDRESS, NAME, Desk, party, recorded
from tests.replying.test_supplements import print_as

USUAL = {"name": NAME, "postal_code": "100-0001", "address": ADDRESS}
PAPERS = "representative_identity_document"
Form = dict[str, str]
SPELLED: dict[str, tuple[Form, Form]] = {
    "blanks within the name": ({}, {"name": NAME.replace(" ", "\u3000\u3000")}),
    "no blank in the name": ({}, {"name": NAME.replace(" ", "")}),
    "blanks around the name": ({}, {"name": f"\u3000{NAME} "}),
    "a wide address": ({}, {"address": ADDRESS.replace("1-1-1", "１－１－１")}),
    "blanks in the address": ({}, {"address": ADDRESS.replace("田1", "田\u3000 1") + " "}),
    "decomposed kana": (
        {"address": f"{ADDRESS}ガーデン"},
        {"address": normalize("NFD", f"{ADDRESS}ガーデン")},
    ),
    "narrow kana": ({"address": f"{ADDRESS}ガーデン"}, {"address": f"{ADDRESS}ｶﾞｰﾃﾞﾝ"}),
    "a wide postal code": ({}, {"postal_code": "１００－０００１"}),
    "a postal code without its hyphen": ({}, {"postal_code": "1000001"}),
}
ANOTHER: dict[str, tuple[Form, Form]] = {
    "another kanji of the family": ({}, {"name": NAME.replace("髙", "高")}),
    "a form of a kanji": ({"name": "渡邉 花子"}, {"name": "渡邉\U000e0100 花子"}),
    "another house": ({}, {"address": ADDRESS.replace("1-1-1", "1-1-2")}),
    "a number that is parted": (
        {"address": f"{ADDRESS.replace('101', '')}1 01"},
        {"address": ADDRESS},
    ),
    "another notation": ({}, {"address": ADDRESS.replace("1-1-1", "一丁目1番1号")}),
    "another postal code": ({}, {"postal_code": "100-0002"}),
}


def answered(desk: Desk, form: Form) -> State:
    """A reply in hand, to the usual form but for these members."""
    recorded(desk.inside)
    desk.verified(form=USUAL | form).searched()
    desk.decided().sent()
    return desk.state


def resubmitted(desk: Desk, form: Form) -> Desk:
    """The case opened again, with another form; verified, searched and decided as before."""
    desk.reopened("宛名の確認")
    steps = (Resubmit(day_in_japan(desk.inside.now), form=form), CheckDocuments(GOOD), Verify())
    desk.do(*steps).searched()
    return desk.decided()


@pytest.mark.parametrize("name", SPELLED)
def test_another_spelling_of_the_addressee_is_no_supplement(name: str, desk: Desk) -> None:
    before, after = SPELLED[name]
    answered(desk, before)
    resubmitted(desk, after)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("name", ANOTHER)
def test_another_character_or_place_is_a_supplement(name: str, desk: Desk) -> None:
    before, after = ANOTHER[name]
    answered(desk, before)
    assert resubmitted(desk, after).sent().pdf


def test_a_postal_code_that_was_missing_is_a_supplement(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified(form={"name": NAME, "address": ADDRESS}).searched()
    desk.decided().sent()
    assert resubmitted(desk, {"postal_code": USUAL["postal_code"]}).sent().pdf


def test_the_name_of_whom_a_representative_acts_for_is_read_alike(desk: Desk) -> None:
    before = answered(desk, {})
    to = before.reply_to
    assert to is not None
    form = {
        **USUAL,
        "representative_name": "見本 太郎",
        "representative_address": ADDRESS,
    }

    def addressed(**changes: str) -> State:
        asked = replace(before.application, form=form | changes)
        to_them = replace(to, person="legal_representative", address=PAPERS)
        return replace(before, application=asked, reply_to=to_them)

    assert is_sent_alike(addressed(), addressed(name=NAME.replace(" ", "\u3000")))
    assert not is_sent_alike(addressed(), addressed(name=NAME.replace("﨑", "崎")))


# -- what is printed for a character that no font has --------------------------------------------


def test_a_form_that_an_excluded_record_alone_needs_may_go_and_makes_no_supplement(
    desk: Desk,
) -> None:
    recorded(desk.inside)
    odd = desk.inside.record("t-8", data(counterparty=party("\ue000城商店"))).transfer
    desk.verified().searched()
    desk.decided().do(print_as(desk, "葛")).sent()
    desk.exclude(odd)
    desk.reopened("確認").searched()
    desk.decided()
    desk.do(desk.replies.print_as(desk.state, (), desk.inside.now))
    assert desk.state.substitutes == ()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_a_printed_form_in_another_spelling_is_the_same(desk: Desk) -> None:
    sent = answered(desk, {})

    def chosen(written: str, printed: str) -> State:
        return replace(sent, substitutes=(Substitute(written, printed, "電話で確認した"),))

    before = chosen("が", "ガ")
    assert is_sent_alike(before, chosen("か\u3099", "ｶﾞ"))
    assert not is_sent_alike(before, chosen("が", "か"))
