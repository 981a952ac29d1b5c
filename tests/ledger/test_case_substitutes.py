"""What a case prints for what the font lacks: which choices stand, and what they void."""

from dataclasses import replace
from itertools import product

import pytest

from ledger.cases.case import TRIES_MIN, CaseStatus, find_stop_letters
from ledger.cases.dispatched_replies import Reply
from ledger.cases.events.case import CaseClosed, CaseWithdrawn
from ledger.cases.events.substitute import CaseSubstitutesChosen, Substitute
from ledger.cases.print_step import SUBSTITUTES_MAX, PrintAs
from ledger.cases.refusals import CaseStatusError, StaleApprovalError
from ledger.cases.state import StepActors
from ledger.cases.steps import CheckDocuments, Reopen, SendBack, Verify
from ledger.errors import AlreadyActiveError, MalformedError, SeparationOfDutiesError
from ledger.policies.substitutes import (
    AS_CODE_POINTS,
    OTHERS,
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
from tests.ledger.test_case_put_right import back, letters_out, supplied
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


@every(
    "written, printed, left_out",
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


def test_every_other_character_is_one_choice_more_with_a_reason() -> None:
    many = [(chr(0xE000 + n), "葛") for n in range(SUBSTITUTES_MAX)]
    lacking = frozenset(written for written, _ in many)
    step = replace(asked(*many, (OTHERS, AS_CODE_POINTS)), lacking=lacking)
    desk = Desk().receive().do(step)
    assert desk.case.substitutes[-1].written == OTHERS
    alone = asked((OTHERS, AS_CODE_POINTS))
    desk.do(alone)
    [other] = alone.substitutes
    without = replace(alone, substitutes=(replace(other, evidence=" "),))
    assert refused(without) == {("/others/evidence", "SCHEMA")}
    unused = replace(alone, used=frozenset[str]())
    assert refused(unused) == {("/others/written", "NOT_IN_THE_LETTERS")}
    twice = replace(alone, substitutes=(other, other))
    assert refused(twice) == {("/others/written", "SUBSTITUTE_TWICE")}


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
    with pytest.raises(AlreadyActiveError):
        desk.do(asked((GAIJI, "葛")))
    desk.do(PrintAs(()))
    assert desk.case.substitutes == ()
    with pytest.raises(AlreadyActiveError):
        desk.do(PrintAs(()))


def test_another_spelling_of_what_is_printed_is_no_other_choice() -> None:
    desk = Desk().receive().do(asked((GAIJI, "が")))
    with pytest.raises(AlreadyActiveError):
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


NOTE = CaseClosed("再送したが返戻")
EMPTY = (" \u3000", ".", "。", "…", "ー", "-", "※", "なし", "（不明）", "n/a", "x", "0")
ENDS = (
    *(CaseClosed(), NOTE, CaseWithdrawn(Desk().today, "取下書")),
    *(CaseClosed(text) for text in EMPTY),
)
"""A note that says nothing is none."""


def returned(*came_back: bool) -> Desk:
    """As many letters as are given, all looked at again; those of True came back."""
    desk = Desk().sent()
    for _ in came_back[1:]:
        supplied(desk)
    replies = tuple(
        replace(one, returned="refused" if is_back else None)
        for one, is_back in zip(desk.case.replies, came_back, strict=True)
    )
    desk.state = replace(desk.case, replies=replies, status=CaseStatus.REOPENED, submission=None)
    return desk


def test_the_letter_in_hand_tells() -> None:
    for came_back in product((False, True), repeat=3):
        state = returned(*came_back).case
        held, newest = state.current_reply, state.replies[-1]
        for end in ENDS:
            expected: tuple[Reply, ...] = () if held is None else (held,)
            if held is None and isinstance(end, CaseClosed):
                expected = (newest,)
            if came_back[-TRIES_MIN:] == (True, True) and held is not None and end is NOTE:
                expected = state.replies[-TRIES_MIN:]
            assert find_stop_letters(state, end) == expected, (came_back, end)


def test_a_letter_on_its_way_tells_what_its_approval_looked_at() -> None:
    desk = letters_out()
    assert find_stop_letters(desk.case, CaseClosed()) is None
    assert find_stop_letters(Desk().sent().case, CaseClosed()) is None
    assert find_stop_letters(back(Desk().sent()).case, CaseClosed()) is None, (
        "every letter came back"
    )


@every("is_earlier", [False, True])
def test_a_letter_that_came_back_tells_nothing_while_another_one_is_in_hand(
    *, is_earlier: bool
) -> None:
    desk = letters_out()
    before = desk.case.replies
    back(desk, 1 if is_earlier else 2)
    expected = None if is_earlier else before[:1]
    assert find_stop_letters(desk.case, CaseClosed()) == expected
    assert find_stop_letters(desk.case, NOTE) == expected
    back(desk, 2 if is_earlier else 1)
    assert find_stop_letters(desk.case, CaseClosed()) is None


def test_nothing_is_told_before_a_letter_goes_out() -> None:
    for desk in (
        Desk().receive(),
        Desk().verified().do(IDENTIFY, DISCLOSE),
        Desk().verified().do(IDENTIFY, DISCLOSE, SUBMIT),
        Desk().approved().do(SendBack("宛名"), by=APPROVER),
    ):
        assert find_stop_letters(desk.case, CaseWithdrawn(desk.today, "取下書")) == ()


def test_a_letter_that_waits_for_the_post_tells_nobody_who_withdraws() -> None:
    end = CaseWithdrawn(Desk().today, "取下書")
    assert find_stop_letters(Desk().approved().case, end) == ()
    desk = Desk().sent().do(Reopen("訂正"), IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
    assert (desk.status, find_stop_letters(desk.case, end)) == (
        CaseStatus.NOTICE_READY,
        desk.case.replies,
    )


@every(
    "printed",
    [
        *"〇○◯●□■〓ーｰ－―─…‥？?*＊×✕・･.、。々〻ヽヾゝゞ〱1１①Ⅰ〒※☆△★＿_~〜|＝=ﾞ゛゜\u3164",
        *("なし", "不明", "（不明）", "(か)", "かつ", "葛城", "葛葛", "―a", "葛…", "か\u309a", "ﾊﾟ"),
    ],
)
def test_a_sign_for_a_gap_or_a_word_is_no_form(printed: str) -> None:
    step = asked((GAIJI, printed))
    assert refused(replace(step, lacking=frozenset({GAIJI}))) == {
        ("/substitutes/0/printed", "PLACEHOLDER")
    }


@every(
    "printed",
    [
        *"口ロﾛㇿ囗ㅁﾱOoＯｏΟοОоㅇ一ㅡXxＸｘΧχХх乂メﾒㄨIlＩｌΙІӀǀ丨ㅣ二ニﾆㄧㆍ丿⼃丶⼂",
        *("口\U000e0100", "𝐗", "ⓞ"),
    ],
)
def test_a_letter_that_a_reader_takes_for_a_sign_is_no_form(printed: str) -> None:
    step = replace(asked((GAIJI, printed)), lacking=frozenset({GAIJI}))
    assert refused(step) == {("/substitutes/0/printed", "PLACEHOLDER")}


@every("printed", [*"呂品回日中田三十ヌタオレくハ主久ノ", "ô", "ｱ"])
def test_a_letter_that_only_holds_such_a_shape_is_a_form(printed: str) -> None:
    step = replace(asked((GAIJI, printed)), lacking=frozenset({GAIJI}))
    assert Desk().receive().do(step).case.substitutes[0].printed == printed


@every(
    "written, printed",
    [
        ("〇\u200b", "〇"),
        ("ー\u200b", "ー"),
        ("口\U000e0107", "口"),
        ("一\u200b", "一"),
        ("ロ\u200b", "ロ"),
        ("\U0001d7d8\u200b", "0"),
        ("\U0001d431", "x"),
        ("⼝", "口"),
        ("⼀", "一"),
        (f"x{LINE}", "x"),
    ],
)
def test_what_is_known_of_the_character_is_printed_though_it_looks_like_a_sign(
    written: str, printed: str
) -> None:
    lacking = frozenset({written, "\u200b", "\U0001d7d8"})
    step = replace(asked((written, printed)), lacking=lacking)
    assert Desk().receive().do(step).case.substitutes[0].printed == printed


def test_whoever_chose_prepared_the_letter() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(PRINT_AS, by=APPROVER).do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    desk = Desk().receive().do(PRINT_AS, by=APPROVER).do(PrintAs(()))
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)


OTHER_REASON = Substitute(VARIATION, "邉", "戸籍の写しで確かめた")
SPELT = {
    "the form in two code points": ((GAIJI, "が"), (GAIJI, "か\u3099")),
    "the form in one code point": ((GAIJI, "か\u3099"), (GAIJI, "が")),
    "what is written in several code points": (("ṩ", "ṣ"), (f"s{DOT}\u0307", f"s{DOT}")),
}
TAKEN_OVER: dict[str, tuple[PrintAs, bool]] = {
    "with another one": (asked((VARIATION, "邉"), (GAIJI, "葛")), False),
    "in another order": (asked((GAIJI, "葛"), (VARIATION, "邉")), False),
    "for another reason": (replace(PRINT_AS, substitutes=(OTHER_REASON,)), False),
    "in another form": (asked((VARIATION, "邉"), (GAIJI, "蔦")), False),
    "without it": (asked((GAIJI, "葛")), True),
}


@every("what", TAKEN_OVER)
def test_whoever_chose_a_form_prepared_it_as_long_as_it_stands(what: str) -> None:
    later, may_approve = TAKEN_OVER[what]
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    desk.do(asked((VARIATION, "邉")), by=APPROVER).do(later).do(SUBMIT)
    if may_approve:
        desk.do(APPROVE, by=APPROVER)
        return
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)


@every("what", SPELT)
def test_who_spells_the_same_text_otherwise_takes_nobodys_place(what: str) -> None:
    first, second = SPELT[what]
    later = asked(second)
    anew = replace(later, substitutes=(replace(later.substitutes[0], evidence="窓口で確かめた"),))
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    desk.do(asked(first), by=APPROVER).do(anew).do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)


def test_a_compatibility_form_is_another_form() -> None:
    was, later = StepActors().substituting("a", {(GAIJI, "神")}), {(GAIJI, "\ufa19")}
    assert {who for _, _, who in was.substituting("b", later).substituted} == {"b"}


def test_whoever_says_it_once_more_prepared_it_too() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(asked((VARIATION, "邉")))
    desk.do(asked((VARIATION, "邉"), (GAIJI, "葛")), by=APPROVER).do(asked((VARIATION, "邉")))
    desk.do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    # Taken back and said anew by somebody else, it is theirs alone.
    desk.do(PrintAs(())).do(asked((VARIATION, "邉"))).do(SUBMIT).do(APPROVE, by=APPROVER)
