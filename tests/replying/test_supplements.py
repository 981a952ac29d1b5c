"""A supplement is made of what changed: not of exclusions or lifts, nor of what reads alike.

What happens to records since a reply is in `test_flags`; here the search, the decision, the
addressee and the printed forms are others.
"""

from collections.abc import Callable
from dataclasses import replace
from unicodedata import normalize
from uuid import UUID

from api.case_replies.comparable_answer import answer_read, is_sent_alike
from api.case_replies.records import RecordFinder
from api.case_replies.since import Since
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.substitute import Substitute
from ledger.cases.print_step import PrintAs
from ledger.cases.state import State
from ledger.cases.steps import CheckDocuments, Resubmit, Return, Verify
from ledger.clock import day_in_japan
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.policies.substitutes import AS_CODE_POINTS, OTHERS
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT, GOOD
from tests.matrix import every
from tests.replying.desk import (
    ADDRESS,
    FORM,
    NAME,
    REASON,
    Desk,
    Streams,
    part,
    party,
    recorded,
    whole,
)
from tests.replying.test_flags import is_refused, sent
from tests.replying.test_strangers_shown import FAMILY, both

GAIJI = "\ue000"
THIRD = PrincipalRef("member", "P9")
OTHER_WORDS = "メールアドレスは家族のもの"


def again(desk: Desk, *who: PrincipalRef) -> Desk:
    """Opened again, searched and decided."""
    desk.later(days=3)
    desk.reopened("記録の確認のためです。").searched(*who)
    return desk.decided()


def of_email(desk: Desk, _streams: Streams) -> UUID:
    return desk.record(desk.email)


def test_the_records_of_another_identifier_are_supplemented_and_one_without_any_is_no_way_around(
    desk: Desk,
) -> None:
    desk.exclude(sent(desk, of_email)[1])
    is_refused(again(desk, desk.who, THIRD))
    desk.searched(desk.who, desk.email)
    assert desk.decided().sent().pdf


def test_where_nobody_can_tell_any_more_what_was_left_out_nothing_is_told_either(
    desk: Desk,
) -> None:
    desk.exclude(sent(desk)[1])
    again(desk)

    def dead(case: UUID, position: int) -> None:
        """A review dies up to a month before its case."""
        del case, position

    inner = desk.inside.house
    records, received = RecordFinder(inner.histories, inner.streams), inner.quarantine().received
    since = Since(records, inner.streams, dead, received, inner.names)
    assert since.adds_nothing(desk.state, desk.replies.find_records(desk.state))


def test_what_the_post_brought_back_is_no_reply_to_compare_with(desk: Desk) -> None:
    sent(desk)
    today = day_in_japan(desk.inside.now)
    desk.do(Return(today, "unknown_address"), CheckDocuments(GOOD), Verify()).searched()
    assert desk.decided().sent().pdf
    desk.do(Return(today, "unknown_address"))
    assert desk.state.current_reply is None


# -- another decision on the same records ------------------------------------------------------


def test_another_decision_is_another_answer_and_one_that_reads_alike_is_none(desk: Desk) -> None:
    first, second, _ = sent(desk)
    other = "他の理由によるためです。"
    for withheld, alike in (
        (
            [part(first, "COUNTERPARTY", "ITEMS")],
            [part(first, "ITEMS"), part(first, "COUNTERPARTY")],
        ),
        ([part(second, "COUNTERPARTY")], [part(second, "COUNTERPARTY")]),
        ([whole(second)], [whole(second, reason=f"{REASON} ")]),
        ([whole(second, reason=other)], [whole(second, reason=f"\u3000{other}\n")]),
        ([whole(first)], [whole(first, reason=normalize("NFD", REASON))]),
    ):
        desk.reopened("決定の誤り").searched()
        desk.decided(withheld).sent()
        desk.reopened("確認").searched()
        is_refused(desk.decided(alike))
    assert len(desk.state.replies) == 6
    electronic = {"medium": "electronic", "medium_reason": "大部のため"}
    assert desk.decided([whole(first)], **electronic).sent().pdf


def test_what_was_withheld_and_is_excluded_since_is_withheld_as_it_was(desk: Desk) -> None:
    first, second, third = recorded(desk)
    desk.verified().searched()
    desk.decided([whole(first), part(second, "COUNTERPARTY")]).sent()
    desk.exclude(first, second)
    is_refused(again(desk))
    # Nothing is left to decide otherwise but the third, and that is another answer.
    assert desk.decided([whole(third)]).sent().pdf


def test_what_is_withheld_of_a_record_that_is_destroyed_by_now_is_read_over() -> None:
    decision = CaseDecided(1, "non_disclosure", (whole(UUID(int=7)),), 0, "paper")
    assert answer_read(decision, ()) == []


def test_a_medium_that_is_said_again_is_the_same_and_why_it_is_another_is_told(desk: Desk) -> None:
    for asked in (None, "paper"):
        one = desk.another()
        recorded(one)
        one.verified(medium=asked).searched()
        one.decided().sent()
        one.reopened("確認").searched()
        # No letter tells why: it is in the medium that was asked for, or in none that was.
        for reason in (None, "書面による"):
            is_refused(one.decided(medium="paper", medium_reason=reason))
    recorded(desk)
    desk.verified(medium="electronic").searched()
    desk.decided(medium="paper", medium_reason="大部のため").sent()
    desk.reopened("確認").searched()
    is_refused(desk.decided(medium="paper", medium_reason=" 大部のため\u3000"))
    assert desk.decided(medium="paper", medium_reason="媒体がないため").sent().method


# -- another addressee, and what is printed for a character that no font has -------------------


def resubmitted(desk: Desk, form: dict[str, str]) -> Desk:
    """The case opened again, with another form; verified, searched and decided as before."""
    desk.reopened("宛名の確認")
    steps = (Resubmit(day_in_japan(desk.inside.now), form=form), CheckDocuments(GOOD), Verify())
    desk.do(*steps).searched()
    return desk.decided()


def test_another_spelling_of_the_addressee_is_no_supplement(desk: Desk) -> None:
    """Which spellings are alike is in `tests.law.test_writing`."""
    recorded(desk)
    desk.verified(form={"name": NAME, "address": ADDRESS}).searched()
    desk.decided().sent()
    wide = {
        "name": NAME.replace(" ", "\u3000\u3000"),
        "address": ADDRESS.replace("1-1-1", "１－１－１"),
    }
    is_refused(resubmitted(desk, wide))
    for other in (
        {"postal_code": "100-0001"},
        {"name": NAME.replace("髙", "高")},
        {"address": ADDRESS.replace("1-1-1", "1-1-2")},
    ):
        assert resubmitted(desk, other).sent().pdf
    is_refused(resubmitted(desk, {"postal_code": "１０００００１"}))


def test_the_name_of_whom_a_representative_acts_for_is_read_alike(desk: Desk) -> None:
    sent(desk)
    before = desk.state
    to = before.reply_to
    assert to is not None
    form = {**FORM, "representative_name": "見本 太郎", "representative_address": ADDRESS}

    def addressed(**changes: str) -> State:
        asked = replace(before.application, form=form | changes)
        papers = "representative_identity_document"
        to_them = replace(to, person="legal_representative", address=papers)
        return replace(before, application=asked, reply_to=to_them)

    assert is_sent_alike(addressed(), addressed(name=NAME.replace(" ", "\u3000")))
    assert not is_sent_alike(addressed(), addressed(name=NAME.replace("﨑", "崎")))

    def chosen(*pairs: str) -> State:
        found = zip(pairs[::2], pairs[1::2], strict=True)
        return replace(
            before, substitutes=tuple(Substitute(*one, "電話で確認した") for one in found)
        )

    assert is_sent_alike(chosen("が", "ガ"), chosen("か\u3099", "ｶﾞ"))
    assert not is_sent_alike(chosen("が", "ガ"), chosen("か\u3099", "か"))
    # Which characters a letter prints by their code points is not known.
    others = (OTHERS, AS_CODE_POINTS)
    assert is_sent_alike(chosen("が", "ガ"), chosen())
    assert not is_sent_alike(chosen(*others), chosen("が", "ガ"))
    assert not is_sent_alike(chosen(*others), chosen(*others, "が", "ガ"))
    assert is_sent_alike(chosen(*others), chosen(*others))


def print_as(desk: Desk, printed: str) -> PrintAs:
    """The choice of what is printed for a character that no font has, as the door makes it."""
    desk.inside.follow()
    chosen = Substitute(GAIJI, printed, "送信元の担当者に電話で確認した")
    return desk.replies.print_as(desk.state, [chosen], desk.inside.now)


def test_another_form_of_a_character_is_a_supplement_and_one_that_nothing_needs_is_none(
    desk: Desk,
) -> None:
    recorded(desk)
    odd = desk.record(counterparty=party(f"{GAIJI}城商店"))
    desk.verified().searched()
    desk.decided().do(print_as(desk, "葛")).sent()
    is_refused(again(desk))
    assert desk.do(print_as(desk, "蔦")).sent().pdf
    desk.exclude(odd)
    again(desk).inside.follow()
    desk.do(desk.replies.print_as(desk.state, (), desk.inside.now))
    assert desk.state.substitutes == ()
    is_refused(desk)


# -- what is lifted since is for a new request, under whatever identifier it stands ------------

NAMED: dict[str, Callable[[Desk], object]] = {
    "as the person's": lambda desk: desk.identified((desk.who, desk.email), ABSENT),
    "as tried": lambda desk: desk.identified((desk.who,), desk.email),
    "as somebody else's": lambda desk: desk.identified(
        (desk.who,), desk.email, not_the_person=FAMILY
    ),
    "by nobody": lambda desk: desk.identified((desk.who,), ABSENT),
}
BESIDES: dict[str, Callable[[Desk, UUID], object]] = {
    "alone": lambda _desk, _hidden: None,
    "linked": lambda desk, _: desk.link(desk.who, desk.email),
    "corrected": lambda desk, hidden: desk.correct(hidden, items=["氏名"]),
    "beside a late one": lambda desk, _: desk.late(desk.email),
}


@every("name", NAMED)
@every("beside", BESIDES)
def test_a_lift_makes_no_supplement_however_its_identifier_was_named(
    name: str, beside: str, desk: Desk
) -> None:
    one = desk.another()
    recorded(one)
    hidden = one.record(one.email)
    one.exclude(hidden)
    one.verified()
    NAMED[name](one)
    document = one.decided().sent()
    one.lift(hidden)
    BESIDES[beside](one, hidden)
    again(one, one.who, *(() if beside == "linked" else (one.email,)))
    assert one.replies.reproduce(one.stream, 1) == document
    if beside == "beside a late one":
        assert one.sent().pdf
        return
    if name != "by nobody":
        assert one.replies.flags(one.state) == ()
    if name != "by nobody" or beside == "alone":
        is_refused(one)


def test_where_everything_was_tried_and_nothing_found_a_lift_makes_none_either(desk: Desk) -> None:
    streams = recorded(desk)
    desk.exclude(*streams)
    desk.verified().identified((), desk.who, ABSENT)
    desk.decided().sent()
    desk.lift(*streams)
    is_refused(again(desk))


def test_a_review_names_what_is_excluded_of_whomever_was_looked_for_and_of_nobody_else(
    desk: Desk,
) -> None:
    desk.exclude(desk.record(THIRD))
    recorded(desk)
    hidden = desk.record(desk.email)
    desk.exclude(hidden)
    desk.verified().identified((desk.who,), desk.email)
    desk.decided()
    position = desk.inside.house.streams.transfer_states([hidden])[hidden].first_position
    review = desk.inside.ledger.review(desk.stream)
    assert isinstance(review, ActiveExclusions)
    assert [(one.first, one.last) for one in review.excluded] == [(position, position)]


# -- identifiers that a later search passes over: no supplement tells which one is hidden ------


def dropping(desk: Desk, *tried: PrincipalRef, words: str | None = None) -> Desk:
    """Opened again, searched by the first identifier alone, and decided."""
    desk.reopened("確認").identified((desk.who,), *tried, not_the_person=words)
    return desk.decided()


def test_whose_records_are_all_excluded_is_not_supplemented_as_somebody_unknown(
    desk: Desk,
) -> None:
    desk.exclude(*sent(desk))
    desk.reopened("確認").identified((), desk.who, ABSENT)
    is_refused(desk.decided())


@every("is_tried, words", [(True, None), (False, None), (False, FAMILY)])
@every("is_excluded", [True, False])
def test_an_identifier_of_which_nobody_says_anything_is_compared_as_if_it_were_still_named(
    is_tried: bool,  # noqa: FBT001 -- a column
    words: str | None,
    is_excluded: bool,  # noqa: FBT001 -- a column
    desk: Desk,
) -> None:
    one = desk.another()
    last = both(one)
    if is_excluded:
        one.exclude(last)
    is_refused(dropping(one, *((one.email,) if is_tried else ()), words=words))
    if is_excluded:
        one.lift(last)
        is_refused(one)


EXCLUDED_AT = ("never", "before the search", "before the submission")


@every("when", EXCLUDED_AT)
@every("words", [None, FAMILY, f"\u3000{FAMILY} "])
def test_an_identifier_that_is_taken_away_by_new_words_is_a_change_whenever_its_record_is_excluded(
    when: str, words: str | None, desk: Desk
) -> None:
    one = desk.another()
    last = both(one, words=words)
    if when == "before the search":
        one.exclude(last)
    dropping(one, one.email, words=FAMILY)
    if when == "before the submission":
        one.exclude(last)
    if words:  # those of the reply in hand take nobody away that it names
        is_refused(one)
        one.identified((one.who,), one.email, not_the_person=OTHER_WORDS)
        one.decided()
    assert one.sent().pdf


def first_excluded(desk: Desk) -> None:
    streams = recorded(desk)
    desk.record(desk.email)
    desk.verified().identified((desk.who, desk.email), ABSENT)
    desk.decided().sent()
    desk.exclude(streams[0])
    dropping(desk, desk.email, words=OTHER_WORDS)


def one_is_left(desk: Desk) -> None:
    desk.record(desk.email)
    desk.exclude(both(desk))
    dropping(desk, desk.email, words=OTHER_WORDS)


def retracted(desk: Desk) -> None:
    last = both(desk)
    desk.retract(last)
    desk.exclude(last)
    dropping(desk, desk.email)


CHANGES: dict[str, Callable[[Desk], None]] = {
    "what is excluded is of the one that is still named": first_excluded,
    "a record is left beside an excluded one": one_is_left,
    "its record was retracted": retracted,
}


@every("name", CHANGES)
def test_an_identifier_that_is_not_the_persons_is_a_change(name: str, desk: Desk) -> None:
    one = desk.another()
    CHANGES[name](one)
    assert one.sent().pdf
