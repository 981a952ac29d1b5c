"""What a case prints for what the font lacks: which choices stand, and what they void."""

from dataclasses import replace

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.events.substitute import CaseSubstitutesChosen, Substitute
from ledger.cases.print_step import SUBSTITUTES_MAX, PrintAs
from ledger.cases.refusals import CaseStatusError, StaleApprovalError
from ledger.cases.steps import CheckDocuments, SendBack, Verify
from ledger.errors import AlreadyStandsError, MalformedError
from ledger.policies.substitutes import (
    PRINTED_MAX,
    WRITTEN_MAX,
    characters_of,
    code_points,
    marks_left_out,
)
from tests.documents import hostile
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    INSTEAD,
    MY_NUMBER,
    PRINT_AS,
    SUBMIT,
    VARIATION,
    Desk,
    defects,
)
from tests.matrix import every

GAIJI = "\ue000"
COMPATIBLE = "\U0002f8b2"  # of 成
DOT, LINE, RING = "\u0323", "\u0331", "\u309a"
LACKING = frozenset(
    {VARIATION, GAIJI, COMPATIBLE, "\u200b", "\t", "\U000e0101", "鿿", "鿿\U000e0100"}
    | {f"か{RING}", f"i{LINE}", f"i{LINE}{DOT}", f"i{DOT}{LINE}", "ṩ", "\u0344", LINE}
    | {"斎\U000e010f", f"邉\U000e0100{LINE}", f"邉{LINE}"}
    | {f"s{DOT}\u0307", "甲\u034f", "\u034f"}
)
REASON = "電話でご本人の了承を得た"


def asked(*pairs: tuple[str, str]) -> PrintAs:
    """A choice of these, of which each stands in a letter."""
    chosen = tuple(Substitute(*one, REASON) for one in pairs)
    return PrintAs(chosen, LACKING, frozenset(written for written, _ in pairs))


def refused(step: PrintAs) -> set[tuple[str, str]]:
    desk = Desk().receive()
    with pytest.raises(MalformedError) as refusal:
        desk.do(step)
    assert len(desk.facts) == 1
    return defects(refusal)


ALLOWED = {
    "a variation as its character": (VARIATION, "邉"),
    "a variation of a character that the font lacks": ("鿿\U000e0100", "葛"),
    "a character of private use": (GAIJI, "葛"),
    "a character of private use as a variation of a kanji": (GAIJI, "葛\U000e0100"),
    "a character of private use in kana": (GAIJI, "か"),
    "a character of private use as a letter with a mark": (GAIJI, "が"),
    "the same in two code points": (GAIJI, "か\u3099"),
    "a character of private use as a foreign letter": (GAIJI, "ị"),
    "a compatibility form as its character": (COMPATIBLE, "成"),
    "what is invisible behind a character": ("甲\u200b", "甲"),
    "what is invisible before a character": ("\u200b甲", "甲"),
    "a tab": ("甲\t", "甲"),
    "a second selector": ("邉\U000e0100\U000e0101", "邉\U000e0100"),
    "a mark that the font lacks": (f"か{RING}", "か"),
    "two marks as the one that the font has": (f"i{DOT}{LINE}", "ị"),
    "the same, the other way round": (f"i{LINE}{DOT}", f"i{DOT}"),
    "a letter of one code point as one of its marks": ("ṩ", "ṣ"),
    "a letter of one code point as the other mark": ("ṩ", "ṡ"),
    "what is invisible behind a letter with a mark": (f"i{DOT}\u200b", "ị"),
    "what is invisible between a letter and its mark": (f"i\u200b{DOT}", "ị"),
    "a mark behind a variation": (f"邉\U000e0100{LINE}", "邉\U000e0100"),
    "a mark that stands alone": (LINE, "葛"),
    "a joiner that is a mark by its category": ("甲\u034f", "甲"),
    "private use with something invisible": (f"{GAIJI}\u200b", "葛"),
}


@every("what", ALLOWED)
def test_is_chosen(what: str) -> None:
    written, printed = ALLOWED[what]
    desk = Desk().receive().do(asked((written, printed)))
    assert desk.case.substitutes == (Substitute(written, printed, REASON),)
    assert desk.status == CaseStatus.RECEIVED


REFUSED: dict[str, tuple[str, str, str, str]] = {
    "what is printed as it is": ("山", "川", "written", "PRINTABLE_ALREADY"),
    "a variation that the font has": ("邉\U000e0100", "邉", "written", "PRINTABLE_ALREADY"),
    "nothing": ("", "邉", "written", "NOT_ONE_CHARACTER"),
    "two characters": (f"渡{VARIATION}", "邉", "written", "NOT_ONE_CHARACTER"),
    "only what is invisible": ("\u200b", "邉", "written", "NOT_ONE_CHARACTER"),
    "too long": (GAIJI + "\u200b" * WRITTEN_MAX, "邉", "written", "NOT_ONE_CHARACTER"),
    "no base": (VARIATION, "", "printed", "PLACEHOLDER"),
    "a space": (GAIJI, " ", "printed", "PLACEHOLDER"),
    "an ideographic space": (GAIJI, "\u3000", "printed", "PLACEHOLDER"),
    "a space in it": (GAIJI, "葛 城", "printed", "PLACEHOLDER"),
    "a line break": (GAIJI, "葛\n", "printed", "PLACEHOLDER"),
    "a geta": (GAIJI, "〓", "printed", "PLACEHOLDER"),
    "a geta beside a letter": (GAIJI, "葛〓", "printed", "PLACEHOLDER"),
    "a square": (VARIATION, "□", "printed", "PLACEHOLDER"),
    "a question mark": (GAIJI, "?", "printed", "PLACEHOLDER"),
    "a replacement character": (GAIJI, "\ufffd", "printed", "PLACEHOLDER"),
    "a blank letter": (GAIJI, "\u3164", "printed", "PLACEHOLDER"),
    "marks only": (GAIJI, "★", "printed", "PLACEHOLDER"),
    "a selector alone": (GAIJI, "\U000e0100", "printed", "PLACEHOLDER"),
    "a base that is too long": (GAIJI, "葛" * (PRINTED_MAX + 1), "printed", "PLACEHOLDER"),
    "a base that the font lacks": (GAIJI, "鿿", "printed", "UNPRINTABLE_BASE"),
    "itself": (VARIATION, VARIATION, "printed", "UNPRINTABLE_BASE"),
    "another kanji": (VARIATION, "遍", "printed", "OTHER_FAMILY"),
    "another form of the kanji": (VARIATION, "辺", "printed", "OTHER_FAMILY"),
    "another variation of the kanji": (VARIATION, "邉\U000e0100", "printed", "OTHER_FAMILY"),
    "another surname": ("斎\U000e010f", "斉", "printed", "OTHER_FAMILY"),
    "several for a kanji": (VARIATION, "渡邉", "printed", "PLACEHOLDER"),
    "another kanji for a compatibility form": (COMPATIBLE, "城", "printed", "OTHER_FAMILY"),
    "a letter without a mark that can be printed": (f"i{DOT}", "i", "written", "PRINTABLE_ALREADY"),
    "less than can be printed": (f"i{DOT}{LINE}", "i", "printed", "OTHER_FAMILY"),
    "less than can be printed, behind what is invisible": (
        *(f"i\u200b{DOT}", "i"),
        *("printed", "OTHER_FAMILY"),
    ),
    "more than was written": (f"i{DOT}{LINE}", "ị\u0301", "printed", "PLACEHOLDER"),
    "the mark that the font lacks": (f"i{DOT}{LINE}", f"i{LINE}", "printed", "UNPRINTABLE_BASE"),
    "a compatibility form of what is printed": ("神\u200b", "\ufa19", "printed", "OTHER_FAMILY"),
    "another character where one is left out": ("甲\u200b", "乙", "printed", "OTHER_FAMILY"),
}


@every("what", REFUSED)
def test_is_not_chosen(what: str) -> None:
    written, printed, member, code = REFUSED[what]
    assert refused(asked((written, printed))) == {(f"/substitutes/0/{member}", code)}


@pytest.mark.parametrize(
    ("written", "printed", "left_out"),
    [
        (f"i{DOT}{LINE}", "ị", LINE),
        (f"i{DOT}", "ị", ""),
        ("ṩ", "ṡ", DOT),
        (VARIATION, "邉", ""),
        ("甲\u200b", "甲", ""),
        (f"{GAIJI}{DOT}{DOT}", "ị", DOT),
        (f"か{RING}", "か", RING),
    ],
)
def test_a_form_is_known_by_the_marks_that_it_leaves_out(
    written: str, printed: str, left_out: str
) -> None:
    assert marks_left_out(written, printed) == left_out


def test_a_choice_that_changes_no_letter_does_not_stand_in_the_case() -> None:
    step = replace(asked((GAIJI, "葛"), (VARIATION, "邉")), used=frozenset({VARIATION}))
    assert refused(step) == {("/substitutes/0/written", "NOT_IN_THE_LETTERS")}


def test_one_character_has_one_choice() -> None:
    step = asked((VARIATION, "邉"), (VARIATION, "邉"))
    assert refused(step) == {("/substitutes/1/written", "SUBSTITUTE_TWICE")}


def test_a_choice_has_a_reason_and_no_individual_number() -> None:
    without = replace(PRINT_AS, substitutes=(replace(INSTEAD, evidence=" \n"),))
    assert refused(without) == {("/substitutes/0/evidence", "SCHEMA")}
    numbered = replace(PRINT_AS, substitutes=(replace(INSTEAD, evidence=f"電話 {MY_NUMBER}"),))
    assert refused(numbered) == {("/substitutes/0/evidence", "MY_NUMBER_SHOWN")}


def test_a_case_has_so_many_choices_and_no_more() -> None:
    many = [(chr(0xE000 + n), "葛") for n in range(SUBSTITUTES_MAX + 1)]
    step = replace(asked(*many), lacking=frozenset(written for written, _ in many))
    assert refused(step) == {("/substitutes", "SCHEMA")}
    Desk().receive().do(replace(step, substitutes=step.substitutes[:-1]))


@every("what", [*hostile.PRINTED, *hostile.REFUSED])
def test_a_hostile_text_is_a_reason_and_no_form(what: str) -> None:
    text = hostile.PRINTED[what] if what in hostile.PRINTED else hostile.REFUSED[what][0]
    spoken = replace(PRINT_AS, substitutes=(replace(INSTEAD, evidence=text),))
    assert Desk().receive().do(spoken).case.substitutes[0].evidence == text
    [(place, code)] = refused(replace(PRINT_AS, substitutes=(replace(INSTEAD, printed=text),)))
    assert place == "/substitutes/0/printed"
    assert code in {"PLACEHOLDER", "OTHER_FAMILY"}


def test_all_choices_are_replaced_and_none_takes_them_back() -> None:
    desk = Desk().receive().do(PRINT_AS).do(asked((GAIJI, "葛")))
    assert [one.written for one in desk.case.substitutes] == [GAIJI]
    with pytest.raises(AlreadyStandsError):
        desk.do(asked((GAIJI, "葛")))
    desk.do(PrintAs(()))
    assert desk.case.substitutes == ()
    with pytest.raises(AlreadyStandsError):
        desk.do(PrintAs(()))


def test_another_spelling_of_what_is_printed_is_no_other_choice() -> None:
    desk = Desk().receive().do(asked((GAIJI, "が")))
    with pytest.raises(AlreadyStandsError):
        desk.do(asked((GAIJI, "か\u3099")))


def test_a_choice_for_the_other_spelling_of_what_is_written_is_another_one() -> None:
    # Only the spelling that was named is replaced, so the choice is of use.
    desk = Desk().receive().do(asked(("ṩ", "ṣ"))).do(asked((f"s{DOT}\u0307", "ṣ")))
    assert [one.written for one in desk.case.substitutes] == [f"s{DOT}\u0307"]


def test_what_is_submitted_is_void_by_another_choice_and_submitted_again() -> None:
    desk = Desk().submitted().do(PRINT_AS)
    assert (desk.status, desk.case.submission) == (CaseStatus.DECIDED, None)
    with pytest.raises(CaseStatusError):
        desk.do(APPROVE, by=APPROVER)
    desk.do(SUBMIT).do(APPROVE, by=APPROVER)
    assert desk.status == CaseStatus.NOTICE_READY


def test_an_approval_of_the_letter_as_it_was_is_stale() -> None:
    desk = Desk().submitted()
    desk.do(PRINT_AS, replace(SUBMIT, rendered=replace(SUBMIT.rendered, letter=b"\1" * 32)))
    with pytest.raises(StaleApprovalError):
        desk.do(APPROVE, by=APPROVER)


def test_what_is_approved_is_sent_back_before_another_choice() -> None:
    desk = Desk().approved()
    with pytest.raises(CaseStatusError):
        desk.do(PRINT_AS)
    desk.do(SendBack("氏名の字体"), by=APPROVER).do(PRINT_AS)
    assert desk.status == CaseStatus.SENT_BACK


def test_a_choice_outlives_what_it_was_made_before() -> None:
    desk = Desk().receive().do(PRINT_AS)
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE)
    assert desk.case.substitutes == (INSTEAD,)


def test_a_choice_says_which_characters_of_the_font_it_is_about() -> None:
    assert characters_of(VARIATION, "辺\U000e0100") == {VARIATION, "邉", "辺\U000e0100"}
    assert characters_of(f"{COMPATIBLE}\u200b", "甲") == {"甲", "\u200b", COMPATIBLE, "成"}
    both = f"i{DOT}{LINE}"
    assert characters_of(both, "ị") == {both, "ị", f"i{DOT}", f"i{LINE}", "i"}
    assert code_points(VARIATION) == "U+9089 U+E010F"


def test_the_event_says_what_was_chosen_and_why() -> None:
    desk = Desk().receive().do(PRINT_AS)
    assert desk.facts[-1].event == CaseSubstitutesChosen((INSTEAD,))
