"""Who the person is, when the records found bear another name than the form."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from unicodedata import category, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.cases.events.intake import Application
from ledger.cases.events.name_difference import NameDiffers
from ledger.cases.identification import (
    BIRTH_DATE_NOT_STATED,
    KANA_NOT_SEARCHED,
    MINOR_IN_OWN_NAME,
    WARNINGS,
    kinds_tried,
    warnings,
)
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.name_differences import NameExplained, NamesCompared, name_defects, names_differ
from ledger.cases.steps import (
    CaseStatus,
    CheckDocuments,
    IdentifyRecords,
    RequestCorrection,
    SendBack,
)
from ledger.errors import MalformedError
from ledger.policies.identifiers import KINDS, counts_as_kind, identifies
from ledger.policies.name_comparison import CHECKS, DIFFERS, MATCHES, MIXED, NO_RECORDS, UNNAMED
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    ABSENT,
    APPROVE,
    APPROVER,
    DISCLOSE,
    IDENTIFY,
    MEMBER,
    MY_NUMBER,
    OFFICER,
    PERSON,
    SUBMIT,
    Desk,
    application,
    defects,
    dispatched,
    seen,
)
from tests.ledger.given import malformed
from tests.matrix import every

OLD, PHONE = PrincipalRef("member", "M-0002"), PrincipalRef("phone", "+81300000000")
ADULT = date(1990, 2, 3)
WHO = (MEMBER, OLD, PHONE)
COMPARISONS = (*CHECKS, UNNAMED, NO_RECORDS)
MARRIED = "婚姻により改姓(戸籍謄本で確認)"
STEPS: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, identifiers=WHO),
    "provision_stop": replace(PERSON, identifiers=WHO),
}
_of_each_kind = every("kind", STEPS)


def compared(*checks: str, **because: str) -> NamesCompared:
    """What the records say of each of `WHO`, and why; reasons are named `of_1` by their places."""
    said = ((WHO[int(name[-1])], text) for name, text in because.items())
    return NamesCompared(checks, tuple(NameExplained(*one) for one in said))


def step(kind: str, names: NamesCompared) -> IdentifyRecords | IdentifyPerson:
    return replace(STEPS[kind], names=names)


def taken(kind: str, names: NamesCompared) -> tuple[NameDiffers, ...] | None:
    """Take the step; the reasons that the case then keeps."""
    state = Desk().verified(application(kind=kind)).do(step(kind, names)).case
    found = state.search or state.person
    assert found is not None
    return found.names_differ


def refused(kind: str, names: NamesCompared) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as error:
        taken(kind, names)
    return defects(error)


@_of_each_kind
@every("check", [DIFFERS, MIXED])
@every("places", [(0,), (1,), (0, 2)])
def test_each_identifier_of_another_name_is_refused_by_its_place(
    kind: str, places: tuple[int, ...], check: str
) -> None:
    names = compared(*(check if n in places else MATCHES for n in range(3)))
    assert refused(kind, names) == {(f"/identifiers/{n}", "NAME_DIFFERS") for n in places}


@_of_each_kind
def test_a_reason_lets_its_identifier_pass_and_no_other_one(kind: str) -> None:
    names = compared(MATCHES, DIFFERS, MIXED, of_1=MARRIED)
    assert refused(kind, names) == {("/identifiers/2", "NAME_DIFFERS")}
    names = compared(MATCHES, DIFFERS, MIXED, of_2="家族と共用の番号", of_1=MARRIED)
    assert taken(kind, names) == (
        NameDiffers(PHONE, "家族と共用の番号", MIXED),
        NameDiffers(OLD, MARRIED, DIFFERS),
    )
    assert taken(kind, compared(MATCHES, UNNAMED, NO_RECORDS)) is None


@_of_each_kind
@every("check", [MATCHES, UNNAMED, NO_RECORDS])
def test_a_reason_for_nothing_is_refused(kind: str, check: str) -> None:
    names = compared(MATCHES, check, MATCHES, of_1=MARRIED)
    assert refused(kind, names) == {("/names_differ/0", "NOTHING_DIFFERS")}


@_of_each_kind
def test_a_reason_for_what_is_not_named_and_a_second_one_are_refused(kind: str) -> None:
    twice = NameExplained(OLD, "旧会員番号")
    names = compared(MATCHES, DIFFERS, MATCHES, of_1=MARRIED)
    other = NameExplained(PrincipalRef("account", OLD.id), MARRIED)
    names = replace(names, explained=(*names.explained, twice, other))
    assert refused(kind, names) == {
        ("/names_differ/1/identifier", "IDENTIFIER_TWICE"),
        ("/names_differ/2/identifier", "IDENTIFIER_NOT_NAMED"),
    }


@_of_each_kind
@every(
    "because, code",
    [("", "SCHEMA"), (" \u3000", "SCHEMA"), (f"改姓 {MY_NUMBER}", "MY_NUMBER_SHOWN")],
)
def test_a_reason_says_something_and_holds_no_individual_number(
    kind: str, because: str, code: str
) -> None:
    names = compared(DIFFERS, NO_RECORDS, NO_RECORDS, of_0=because)
    assert refused(kind, names) == {("/names_differ/0/because", code)}


@_of_each_kind
@every("check", COMPARISONS)
def test_an_identifier_that_nobody_could_compare_warns_whoever_approves(
    kind: str, check: str
) -> None:
    said = {"of_1": MARRIED} if check in (DIFFERS, MIXED) else {}
    case = (
        Desk()
        .verified(application(kind=kind, birth_date=ADULT))
        .do(step(kind, compared(MATCHES, check, MATCHES, **said)))
    )
    expected = {UNNAMED: "NAMES_NOT_COMPARED", NO_RECORDS: "NO_RECORDS_UNDER_IDENTIFIER"}
    assert warnings(case.case) == ((expected[check],) if check in expected else ())
    others = {MINOR_IN_OWN_NAME, KANA_NOT_SEARCHED, BIRTH_DATE_NOT_STATED}
    assert {*expected.values(), *others} == set(WARNINGS)


@_of_each_kind
@every("names", [NamesCompared((NO_RECORDS,) * 2), NamesCompared()])
def test_two_kinds_are_searched_for_before_it_is_said_that_nothing_is_recorded(
    kind: str, names: NamesCompared
) -> None:
    """An identifier that is named as the person's and meets nobody proves nothing."""
    alone = replace(step(kind, names), identifiers=(MEMBER, OLD))
    if isinstance(alone, IdentifyRecords):
        alone = replace(alone, provided=(), received=())
    for few in (alone, replace(alone, tried=(PrincipalRef("member", "M-0009"),))):
        assert malformed(Desk().verified(application(kind=kind)).do, few) == {
            ("/tried", "TOO_FEW_TRIED")
        }
    for enough in (replace(alone, tried=(PHONE,)), replace(alone, identifiers=(MEMBER, PHONE))):
        state = Desk().verified(application(kind=kind)).do(enough).case
        assert (state.search or state.person) is not None


@_of_each_kind
def test_nobody_has_nothing_to_compare(kind: str) -> None:
    who = replace(step(kind, NamesCompared()), identifiers=(), tried=(MEMBER, PHONE))
    nobody = replace(who, provided=(), received=()) if isinstance(who, IdentifyRecords) else who
    desk = Desk().verified(application(kind=kind)).do(nobody)
    found = desk.case.search or desk.case.person
    assert found is not None
    assert found.name_checks is None
    assert {*warnings(desk.case)} <= {KANA_NOT_SEARCHED, BIRTH_DATE_NOT_STATED}


def test_an_answer_rests_on_an_identifier_until_it_is_in_the_post() -> None:
    unnamed = replace(IDENTIFY, names=NamesCompared((UNNAMED,)))
    desk = Desk().verified(application(birth_date=ADULT))
    assert not warnings(desk.case)
    for one, by in (
        *((unnamed, OFFICER), (DISCLOSE, OFFICER), (SUBMIT, OFFICER), (SendBack("宛名"), APPROVER)),
        *((SUBMIT, OFFICER), (APPROVE, APPROVER)),
    ):
        assert warnings(desk.do(one, by=by).case) == ("NAMES_NOT_COMPARED",), one
    posted = desk.later(1).do(dispatched(desk.today))
    assert not warnings(posted.case)
    named = replace(IDENTIFY, names=NamesCompared((MATCHES,)))
    again = Desk().verified(application(birth_date=ADULT)).do(unnamed, named)
    assert not warnings(again.case), "the newest search is the one that counts"


@_of_each_kind
def test_who_the_person_is_has_the_same_rules_whatever_is_asked_for(kind: str) -> None:
    asked = application(kind=kind, identifiers=(MEMBER, OLD))
    few = replace(step(kind, NamesCompared()), identifiers=(), tried=(PHONE,))
    if isinstance(few, IdentifyRecords):
        few = replace(few, provided=(), received=())
    numbered = replace(few, evidence=MY_NUMBER, not_the_person=f"家族 {MY_NUMBER}")
    assert malformed(Desk().verified(asked).do, numbered) == {
        ("/evidence", "MY_NUMBER_SHOWN"),
        ("/not_the_person", "MY_NUMBER_SHOWN"),
        ("/application/identifiers/0", "FORM_IDENTIFIER_LEFT_OUT"),
        ("/application/identifiers/1", "FORM_IDENTIFIER_LEFT_OUT"),
        ("/tried", "TOO_FEW_TRIED"),
    }
    mine = replace(step(kind, NamesCompared((MATCHES,))), identifiers=(MEMBER,), tried=(OLD,))
    told = replace(mine, not_the_person="同居の家族の番号(電話で確認)")
    case = Desk().verified(asked).do(told).case
    found = case.search or case.person
    assert found is not None
    assert found.not_the_person == "同居の家族の番号(電話で確認)"


@example(checks=["differs", "mixed", "unnamed"], said=[(MEMBER, "改姓")])
@example(checks=["differs", "mixed", "no_records"], said=[(PHONE, "改姓"), (MEMBER, "改姓")])
@example(checks=["matches", "mixed", None], said=[(OLD, "共用"), (OLD, "改姓")])
@given(
    checks=st.lists(st.sampled_from(COMPARISONS), min_size=3, max_size=3),
    said=st.lists(
        st.tuples(st.sampled_from([*WHO, PrincipalRef("member", "M-0003")]), st.text(max_size=3)),
        max_size=4,
    ),
)
def test_a_step_passes_exactly_with_one_reason_for_each_identifier_that_differs(
    checks: list[str], said: Sequence[tuple[PrincipalRef, str]]
) -> None:
    names = NamesCompared(tuple(checks), tuple(NameExplained(*one) for one in said))
    owed = sorted(str(one) for one, c in zip(WHO, checks, strict=True) if c in ("differs", "mixed"))
    is_good = sorted(str(one) for one, _ in said) == owed and all(text.strip() for _, text in said)
    assert (not list(name_defects(WHO, names))) == is_good
    if is_good:
        kept = names_differ(WHO, names)
        assert [(one.identifier, one.because) for one in kept or ()] == list(said)
        assert all(one.name_check == checks[WHO.index(one.identifier)] for one in kept or ())


# -- by what nobody can be searched for, and which kinds of identifiers count ----------------------

FINDING_NOTHING: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, provided=(), received=()),
    "provision_stop": PERSON,
}
_of_kind = every("kind", FINDING_NOTHING)
INVISIBLE = (
    *("\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u2060", "\u115f", "\u1160", "\uffa0"),
    *("\u034f", "\u061c", "\u17b4", "\u180e", "\u200d", "\u206a", "\ufe0f", "\ufff0", "\U000e0100"),
    *("\u2064", "\U0001bca0", "\U0001d173", "\U000e0001"),
)
SIGNS = ("-", "－", "ー", "ｰ", "―", "・", "…", "？", "***", "@", "+", "()", "〃", "々")
NOTHING = [*INVISIBLE, *SIGNS, "", " \u3000", " - \u200b\u3164", "\u0301", "゛"]


def nothing_found(kind: str) -> IdentifyRecords | IdentifyPerson:
    return replace(FINDING_NOTHING[kind], names=NamesCompared((NO_RECORDS,)))


def refused_by(step: IdentifyRecords | IdentifyPerson, asked: Application) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as error:
        Desk().verified(asked).do(step)
    return defects(error)


def test_no_code_point_that_is_never_seen_identifies() -> None:
    """Against the file of Unicode: what NFKC_Casefold leaves out is Default_Ignorable."""
    ignorable = (
        *(0xAD, 0x34F, 0x61C, 0x3164, 0xFEFF, 0xFFA0, *range(0x115F, 0x1161)),
        *(*range(0x17B4, 0x17B6), *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
        *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
        *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B)),
        *range(0xE0000, 0xE1000),
    )
    assert not [hex(one) for one in ignorable if identifies(chr(one))]


@given(st.text(max_size=6))
def test_what_identifies_has_a_letter_or_a_digit_that_is_seen(text: str) -> None:
    found = [one for one in normalize("NFKC", text) if category(one)[0] in "LN"]
    seen = [one for one in found if one not in "\u115f\u1160" and category(one) != "Lm"]
    assert identifies(text) == bool(seen)
    assert identifies(text + "7"), "whatever stands beside it"


@_of_kind
@every("text", NOTHING, called=ascii)
def test_what_identifies_nobody_is_refused_by_its_place_and_counts_as_no_kind(
    kind: str, text: str
) -> None:
    blank, asked = PrincipalRef("phone", text), application(kind=kind)
    step = replace(nothing_found(kind), tried=(blank,))
    assert refused_by(step, asked) == {
        ("/tried/0/id", "IDENTIFIES_NOBODY"),
        ("/tried", "TOO_FEW_TRIED"),
    }
    named = replace(step, identifiers=(MEMBER, blank), tried=(ABSENT,))
    assert refused_by(named, asked) == {("/identifiers/1/id", "IDENTIFIES_NOBODY")}
    found = replace(step, names=NamesCompared((MATCHES,)))
    assert refused_by(found, asked) == {("/tried/0/id", "IDENTIFIES_NOBODY")}


@every("text", NOTHING, called=ascii)
def test_no_form_is_taken_in_with_what_identifies_nobody(text: str) -> None:
    asked = application(identifiers=(MEMBER, PrincipalRef("phone", text)))
    assert malformed(Desk().receive, asked) == {("/identifiers/1/id", "IDENTIFIES_NOBODY")}


@_of_kind
def test_a_form_that_was_taken_in_with_it_before_goes_on_without_it(kind: str) -> None:
    desk = Desk().verified(application(kind=kind))
    old = replace(desk.case.application, identifiers=(MEMBER, PrincipalRef("phone", "\u200b")))
    desk.state = replace(desk.case, application=old)
    desk.do(replace(nothing_found(kind), tried=(ABSENT,)))
    assert (desk.case.search or desk.case.person) is not None


@_of_kind
@every("hidden", ["\u200b", "\u00ad", "\u3164", "\u200d"], called=ascii)
def test_a_form_that_was_taken_in_with_what_no_reader_sees_is_searched_by_it(
    kind: str, hidden: str
) -> None:
    twin = PrincipalRef("member", f"{MEMBER.id}{hidden}")
    desk = Desk().verified(application(kind=kind))
    old = replace(desk.case.application, identifiers=(twin,))
    desk.state = replace(desk.case, application=old)
    step = replace(nothing_found(kind), identifiers=(), names=NamesCompared())
    assert malformed(desk.do, replace(step, tried=(twin, ABSENT))) == {
        ("/tried/0/id", "INVISIBLE_CHARACTER")
    }
    desk.do(replace(step, tried=(twin, MEMBER, ABSENT)))
    assert (desk.case.search or desk.case.person) is not None


@_of_kind
def test_what_no_reader_sees_is_named_where_records_have_it_since_before(kind: str) -> None:
    twin = PrincipalRef("member", f"{MEMBER.id}\u200b")
    asked = application(kind=kind)
    step = replace(nothing_found(kind), identifiers=(MEMBER, twin), tried=(ABSENT,))
    nothing = replace(step, names=NamesCompared((NO_RECORDS, NO_RECORDS)))
    assert refused_by(nothing, asked) == {("/identifiers/1/id", "INVISIBLE_CHARACTER")}
    desk = Desk().verified(asked)
    desk.do(replace(step, names=NamesCompared((NO_RECORDS, MATCHES))))
    assert (desk.case.search or desk.case.person) is not None


@_of_kind
def test_a_kind_that_the_ledger_does_not_know_counts_as_none(kind: str) -> None:
    made_up, asked = PrincipalRef("xyz", "1"), application(kind=kind)
    step = replace(nothing_found(kind), tried=(made_up,))
    unknown = {("/tried", "TOO_FEW_TRIED"), ("/tried/0/scheme", "KIND_UNKNOWN")}
    assert refused_by(step, asked) == unknown
    # Where enough was tried, or anything was found, it may stand beside the others.
    for passes in (
        replace(step, tried=(made_up, ABSENT)),
        replace(step, names=NamesCompared((MATCHES,))),
        replace(step, kinds=frozenset((*KINDS, "xyz"))),
    ):
        state = Desk().verified(asked).do(passes).case
        assert (state.search or state.person) is not None
    alone = replace(step, identifiers=(), names=NamesCompared(), tried=(MEMBER, made_up))
    assert refused_by(alone, asked) == {
        ("/tried", "TOO_FEW_TRIED"),
        ("/tried/1/scheme", "KIND_UNKNOWN"),
    }


SHORT = 3
"""A text that is no longer may stand in any sentence."""
FILLER = (
    *(
        "なし",
        "ﾅｼ",
        "ナシ",
        "無し",
        "無",
        "な し",
        "（なし）",
        "なし。",
        "不明",
        "同上",
        "該当なし",
    ),
    *("該当　無し", "未記入", "none", "ＮＯＮＥ", "Unknown", "n/a", "N.A.", "na", "NULL", "nil"),
    *(
        "電話番号なし",
        "メールアドレス不明",
        "会員ＩＤ：不明",
        "わからない",
        "ワカラナイ",
    ),
    *("x", "XXX", "Ｘ", "0", "０００"),
)
OTHER_KIND = {
    "phone": ABSENT,
    "email": ABSENT,
    "account": PrincipalRef("phone", "03-0000-0000"),
}
"""Scheme → an identifier of another one, under which there is nobody."""
OF_NO_FORM = (
    *(("phone", text) for text in ("1", "119", "03", "1234-5678", "CNRY-0", "00000000000")),
    *(("phone", text) for text in ("電話03-0000-0000", "03-0000-0000か不明", "+0312345678")),
    *(("email", text) for text in ("hanako", "@example.jp", "hanako@", "x@x", "a@b@example.jp")),
    *(("email", text) for text in ("a b@example.jp", "メール@なし", "hanako@.jp")),
)
OF_ITS_FORM = (
    *(("phone", text) for text in ("0300000000", "03-0000-0000", "０９０ー００００－０００１")),
    *(("phone", text) for text in ("(03) 0000 0000", "+81 3-0000-0000", "+1 212 555 0100")),
    *(("email", text) for text in ("nobody@example.jp", "ＮＯＢＯＤＹ＠ＥＸＡＭＰＬＥ．ＪＰ")),
    *(("email", text) for text in ("none@example.jp", "見本@example.jp")),
    *(
        ("account", text)
        for text in ("nobody", "なしこ", "不明瞭", "none-1", "無双", "x1", "10", "no1")
    ),
    *(("member", text) for text in ("1", "M-0", "NA-001", "会員1")),
)


@_of_kind
@every("text", FILLER, called=ascii)
@every("scheme", OTHER_KIND)
def test_a_word_that_stands_where_nothing_was_known_is_tried_and_counts_as_no_kind(
    kind: str, scheme: str, text: str
) -> None:
    asked = application(kind=kind, identifiers=(MEMBER, PrincipalRef(scheme, text)))
    step = replace(nothing_found(kind), tried=(PrincipalRef(scheme, text),))
    assert refused_by(step, asked) == {("/tried", "TOO_FEW_TRIED")}
    # A form that bears it goes on once another kind was searched for.
    desk = Desk().verified(asked).do(replace(step, tried=(*step.tried, OTHER_KIND[scheme])))
    found = desk.case.search or desk.case.person
    assert found is not None
    assert found.tried[0].id == text


@every("scheme, text", OF_NO_FORM, called=ascii)
def test_a_telephone_and_a_mail_address_count_in_their_form_alone(scheme: str, text: str) -> None:
    assert not counts_as_kind(PrincipalRef(scheme, text))
    step = replace(nothing_found("provision_records"), tried=(PrincipalRef(scheme, text),))
    with pytest.raises(MalformedError) as error:
        Desk().verified(application()).do(step)
    too_few = {one.code: one for one in error.value.defects}["TOO_FEW_TRIED"]
    assert "/tried/0" in too_few.detail, "the place of what does not count is told"
    assert len(text) <= SHORT or text not in too_few.detail


@every("scheme, text", OF_ITS_FORM, called=ascii)
def test_whatever_somebody_may_be_called_counts(scheme: str, text: str) -> None:
    assert kinds_tried((PrincipalRef(scheme, text),), KINDS) == (scheme,)


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True), st.sampled_from("- ー－()"))
def test_every_telephone_number_counts_however_it_is_written(digits: str, sign: str) -> None:
    written = f"{digits[:2]}{sign}{digits[2:6]}{sign}{digits[6:]}"
    assert counts_as_kind(PrincipalRef("phone", written))


def test_who_cannot_be_looked_for_is_asked_to_complete_the_form() -> None:
    with pytest.raises(MalformedError) as error:
        Desk().verified(application()).do(nothing_found("provision_records"))
    [defect] = error.value.defects
    for word in ("documents", 'form_missing: ["identifier"]', "correction"):
        assert word in defect.detail
    # And so it goes.
    desk = Desk().verified(application())
    desk.do(CheckDocuments(seen(form_missing=("identifier",))), RequestCorrection())
    assert desk.case.status == CaseStatus.CORRECTION_REQUESTED
