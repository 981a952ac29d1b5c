"""By what nobody can be searched for, and which kinds of identifiers count."""

from dataclasses import replace
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.events.intake import Application
from ledger.cases.identification import kinds_tried
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.name_differences import NamesCompared
from ledger.cases.steps import CaseStatus, CheckDocuments, IdentifyRecords, RequestCorrection
from ledger.errors import MalformedError
from ledger.policies.identifiers import KINDS, counts_as_kind, identifies
from ledger.policies.name_comparison import MATCHES, NO_RECORDS
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    ABSENT,
    IDENTIFY,
    MEMBER,
    PERSON,
    Desk,
    application,
    defects,
    seen,
)
from tests.ledger.given import malformed
from tests.matrix import every

STEPS: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, provided=(), received=()),
    "provision_stop": PERSON,
}
_of_each_kind = every("kind", STEPS)
INVISIBLE = (
    *("\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u2060", "\u115f", "\u1160", "\uffa0"),
    *("\u034f", "\u061c", "\u17b4", "\u180e", "\u200d", "\u206a", "\ufe0f", "\ufff0", "\U000e0100"),
    *("\u2064", "\U0001bca0", "\U0001d173", "\U000e0001"),
)
SIGNS = ("-", "－", "ー", "ｰ", "―", "・", "…", "？", "***", "@", "+", "()", "〃", "々")
NOTHING = [*INVISIBLE, *SIGNS, "", " \u3000", " - \u200b\u3164", "\u0301", "゛"]


def nothing_found(kind: str) -> IdentifyRecords | IdentifyPerson:
    return replace(STEPS[kind], names=NamesCompared((NO_RECORDS,)))


def refused(step: IdentifyRecords | IdentifyPerson, asked: Application) -> set[tuple[str, str]]:
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


@_of_each_kind
@every("text", NOTHING, called=ascii)
def test_what_identifies_nobody_is_refused_by_its_place_and_counts_as_no_kind(
    kind: str, text: str
) -> None:
    blank, asked = PrincipalRef("phone", text), application(kind=kind)
    step = replace(nothing_found(kind), tried=(blank,))
    assert refused(step, asked) == {
        ("/tried/0/id", "IDENTIFIES_NOBODY"),
        ("/tried", "TOO_FEW_TRIED"),
    }
    named = replace(step, identifiers=(MEMBER, blank), tried=(ABSENT,))
    assert refused(named, asked) == {("/identifiers/1/id", "IDENTIFIES_NOBODY")}
    found = replace(step, names=NamesCompared((MATCHES,)))
    assert refused(found, asked) == {("/tried/0/id", "IDENTIFIES_NOBODY")}


@every("text", NOTHING, called=ascii)
def test_no_form_is_taken_in_with_what_identifies_nobody(text: str) -> None:
    asked = application(identifiers=(MEMBER, PrincipalRef("phone", text)))
    assert malformed(Desk().receive, asked) == {("/identifiers/1/id", "IDENTIFIES_NOBODY")}


@_of_each_kind
def test_a_form_that_was_taken_in_with_it_before_goes_on_without_it(kind: str) -> None:
    desk = Desk().verified(application(kind=kind))
    old = replace(desk.case.application, identifiers=(MEMBER, PrincipalRef("phone", "\u200b")))
    desk.state = replace(desk.case, application=old)
    desk.do(replace(nothing_found(kind), tried=(ABSENT,)))
    assert (desk.case.search or desk.case.person) is not None


@_of_each_kind
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


@_of_each_kind
def test_what_no_reader_sees_is_named_where_records_have_it_since_before(kind: str) -> None:
    twin = PrincipalRef("member", f"{MEMBER.id}\u200b")
    asked = application(kind=kind)
    step = replace(nothing_found(kind), identifiers=(MEMBER, twin), tried=(ABSENT,))
    nothing = replace(step, names=NamesCompared((NO_RECORDS, NO_RECORDS)))
    assert refused(nothing, asked) == {("/identifiers/1/id", "INVISIBLE_CHARACTER")}
    desk = Desk().verified(asked)
    desk.do(replace(step, names=NamesCompared((NO_RECORDS, MATCHES))))
    assert (desk.case.search or desk.case.person) is not None


@_of_each_kind
def test_a_kind_that_the_ledger_does_not_know_counts_as_none(kind: str) -> None:
    made_up, asked = PrincipalRef("xyz", "1"), application(kind=kind)
    step = replace(nothing_found(kind), tried=(made_up,))
    unknown = {("/tried", "TOO_FEW_TRIED"), ("/tried/0/scheme", "KIND_UNKNOWN")}
    assert refused(step, asked) == unknown
    # Where enough was tried, or anything was found, it may stand beside the others.
    for passes in (
        replace(step, tried=(made_up, ABSENT)),
        replace(step, names=NamesCompared((MATCHES,))),
        replace(step, kinds=frozenset((*KINDS, "xyz"))),
    ):
        state = Desk().verified(asked).do(passes).case
        assert (state.search or state.person) is not None
    alone = replace(step, identifiers=(), names=NamesCompared(), tried=(MEMBER, made_up))
    assert refused(alone, asked) == {
        ("/tried", "TOO_FEW_TRIED"),
        ("/tried/1/scheme", "KIND_UNKNOWN"),
    }


def test_each_kind_counts_once() -> None:
    searched = (MEMBER, ABSENT, MEMBER, PrincipalRef("phone", "-"), PrincipalRef("xyz", "1"))
    assert kinds_tried(searched, KINDS) == ("member", "account")


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


@_of_each_kind
@every("text", FILLER, called=ascii)
@every("scheme", OTHER_KIND)
def test_a_word_that_stands_where_nothing_was_known_is_tried_and_counts_as_no_kind(
    kind: str, scheme: str, text: str
) -> None:
    asked = application(kind=kind, identifiers=(MEMBER, PrincipalRef(scheme, text)))
    step = replace(nothing_found(kind), tried=(PrincipalRef(scheme, text),))
    assert refused(step, asked) == {("/tried", "TOO_FEW_TRIED")}
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
