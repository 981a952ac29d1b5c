"""Requests that no record answers, in a real ledger: the stops, the letter, and what is in between.

A case that put a stop in place does not end as a mistake by the way.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus, StepCase
from ledger.cases.events.measures import CaseMeasure, ItemAnswered
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.measure_stops import MeasureStops
from ledger.cases.mistake_steps import ConfirmMistake, ReportEnd
from ledger.cases.refusals import OwnStopActiveError, StaleApprovalError, StopActiveError
from ledger.cases.steps import Dispatch, RecordDeath, SendBack, Withdraw
from ledger.clock import day_in_japan
from ledger.commands import LiftDirective, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.format.events import DirectiveReceived, Fact, ReviewSealed
from ledger.persons.service import Persons
from ledger.service import CommandReceipt
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT, APPROVER, ENTRY, OFFICER
from tests.matrix import every
from tests.replying.desk import ITEM_NUMBER, MEMBER, Desk, letter, recorded, text_of

EMAIL = PrincipalRef("email", "hanako@example.jp")
PHONE = PrincipalRef("phone", "+819000000000")
STRANGER = PrincipalRef("member", "P9")
WHY = "ご請求の理由とされた事実が確認できないためです。"
END = ReportEnd("別の方の取下書だった")
REFUSED = DecideMeasures("not_taken", (), WHY)


def known(desk: Desk, *who: PrincipalRef, kind: str = "provision_stop") -> Desk:
    """A request for measures of which the person is known."""
    desk.verified(kind=kind)
    return desk.do(IdentifyPerson(who or (MEMBER,), "会員番号が一致", (ABSENT,)))


def stopped(desk: Desk, day: date | None = None) -> Desk:
    taken = CaseMeasure("provision_stopped", day or day_in_japan(desk.inside.now))
    return desk.do(DecideMeasures("taken", (taken,)))


def stops(desk: Desk) -> list[Fact[DirectiveReceived]]:
    """Every stop in the ledger, in its order."""
    facts = desk.inside.house.streams.facts_of_topics([DirectiveReceived.TYPE], 0)
    return [
        Fact(one.position, one.stream, one.version, one.at, one.actor, one.event)
        for one in facts
        if isinstance(one.event, DirectiveReceived)
    ]


def reviews(desk: Desk) -> int:
    facts = desk.inside.house.streams.facts([desk.stream], None)[desk.stream]
    return sum(isinstance(one.event, ReviewSealed) for one in facts)


# -- the letter --------------------------------------------------------------------------------

PURPOSES = (ItemAnswered("purposes", "ご注文の商品の発送のため"),)
CORRECTED = CaseMeasure("corrected", date(2026, 11, 24), "生年月日を訂正しました。")
DECISIONS: Final[dict[str, DecideMeasures]] = {
    "provision_stop": DecideMeasures(
        "taken", (CaseMeasure("provision_stopped", date(2026, 11, 24)),)
    ),
    "purpose_of_use": DecideMeasures("taken", information=PURPOSES),
    "data_correction": DecideMeasures("taken", (CORRECTED,)),
    "measures_abroad": DecideMeasures(
        "not_taken", (), "調査の結果によるものです。", ("hindrance",)
    ),
}


@every("kind", DECISIONS)
def test_the_letter_tells_nothing_of_records_of_none_of_excluded_ones(
    kind: str, desk: Desk
) -> None:
    told: set[str] = set()
    records: tuple[UUID, ...] = ()
    for name in ("no records", "records", "excluded ones"):
        if name == "records":
            records = recorded(desk)
        if name == "excluded ones":
            desk.exclude(*records)
        if kind == "provision_stop":
            known(desk)
        else:
            desk.verified(kind=kind)
        desk.do(DECISIONS[kind]).submitted().do(desk.approval(), by=APPROVER)
        document = desk.posted()
        parsed = letter(document.json)
        assert "search" not in parsed
        assert parsed["asked"]["about"] == kind
        text = text_of(document.pdf)
        assert "台帳の位置" not in text
        start = text.index("作成日時")
        instant = text[start : text.index("（日本時間）", start)]
        for value in (desk.state.number, parsed["verification_code"], instant):
            text = text.replace(value, "")
        told.add(text)
        # As after every decision: the count of events says nothing of what is excluded.
        assert reviews(desk) == 1
        desk.inside.now += timedelta(minutes=40)
        assert desk.replies.reproduce(desk.stream, 1).documents == document.documents
        assert desk.replies.stored(desk.stream, 1) == document.documents
    assert len(told) == 1


def test_every_decision_has_one_review_the_second_too(desk: Desk) -> None:
    desk.verified(kind="purpose_of_use").do(DECISIONS["purpose_of_use"])
    desk.do(DecideMeasures("not_taken", (), WHY, ("not_held",)))
    assert reviews(desk) == 2


# -- the stops ---------------------------------------------------------------------------------


def test_a_stop_stands_for_every_identifier_from_the_approval_on(desk: Desk) -> None:
    desk.link(MEMBER, EMAIL)
    stopped(known(desk, MEMBER, PHONE)).submitted()
    assert stops(desk) == []
    desk.do(desk.approval(), by=APPROVER)
    found = stops(desk)
    assert {one.event.principal.id for one in found} == {MEMBER.id, EMAIL.id, PHONE.id}
    today = day_in_japan(desk.inside.now)
    for one in found:
        event = one.event
        said = (event.kind, event.day, event.reference, event.counterparty_party_id)
        assert said == ("provision_stopped", today, desk.state.number, None)
        # Who approved it answers for it, not who only prepared it.
        assert one.actor == APPROVER
    changed = replace(desk.rendered()[0], rows=bytes(32))
    with pytest.raises(StaleApprovalError):
        desk.do(Dispatch(changed, today, ITEM_NUMBER, 1))
    desk.posted()
    assert stops(desk) == found
    assert desk.state.status == CaseStatus.DISPATCHED
    day = today.isoformat()
    desk.record(transferred_on=day, recorded_on=day)
    desk.inside.follow()
    [entry] = desk.inside.page(MEMBER.id).entries
    assert "PROVISION_STOPPED" in entry.verdict.findings


def test_who_is_linked_while_a_stop_is_approved_gets_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(known(desk)).submitted()
    look = MeasureStops.check_same_person

    def linked_meanwhile(*given: Any) -> None:  # noqa: ANN401 -- handed on
        look(*given)
        desk.link(MEMBER, STRANGER)

    monkeypatch.setattr(MeasureStops, "check_same_person", linked_meanwhile)
    desk.do(desk.approval(), by=APPROVER)
    assert [one.event.principal for one in stops(desk)] == [MEMBER]


def test_what_ends_between_an_approval_and_its_stops_is_resumed_and_appends_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(known(desk, MEMBER, EMAIL, PHONE)).submitted()
    command = StepCase(random_uuid(), APPROVER, desk.stream, desk.state.version, desk.approval())
    received = Persons.direct
    left = [1]

    def interrupted(persons: Persons, one: ReceiveDirective, *more: Any) -> CommandReceipt:  # noqa: ANN401 -- handed on
        if not left[0]:
            raise StoreUnavailableError
        left[0] -= 1
        return received(persons, one, *more)

    with monkeypatch.context() as broken:
        broken.setattr(Persons, "direct", interrupted)
        with pytest.raises(StoreUnavailableError):
            desk.inside.ledger.step_case(command, desk.inside.now)
        # No letter goes out that tells of a stop which does not stand.
        with pytest.raises(StoreUnavailableError):
            desk.posted()
    # The approval stands, one stop of three does.
    assert desk.state.status == CaseStatus.NOTICE_READY
    assert len(stops(desk)) == 1
    # The same request once more, the service's look, and the dispatch: each of them resumes.
    desk.inside.ledger.step_case(command, desk.inside.now)
    assert len(stops(desk)) == 3
    before = desk.inside.head()
    desk.inside.ledger.resume_case(desk.stream, desk.inside.now)
    desk.inside.ledger.step_case(command, desk.inside.now)
    assert desk.inside.head() == before
    desk.posted()
    assert len(stops(desk)) == 3


def test_a_case_that_is_withdrawn_while_its_stops_are_placed_gets_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(known(desk, MEMBER, EMAIL)).submitted()
    received = Persons.direct

    def withdrawn_meanwhile(persons: Persons, one: ReceiveDirective, *more: Any) -> CommandReceipt:  # noqa: ANN401 -- handed on
        monkeypatch.undo()
        desk.do(SendBack("取下げのため"), by=APPROVER)
        withdrawn_by_mistake(desk)
        return received(persons, one, *more)

    monkeypatch.setattr(Persons, "direct", withdrawn_meanwhile)
    desk.do(desk.approval(), by=APPROVER)
    assert desk.state.status == CaseStatus.WITHDRAWN
    assert stops(desk) == []


def test_a_stop_that_stands_already_is_not_received_twice_and_an_earlier_day_is(
    desk: Desk,
) -> None:
    known(desk, kind="utilization_cease").do(REFUSED).approved()
    assert stops(desk) == [], "who takes no measure stops nothing"
    known(desk)
    arrived = desk.state.application.arrived_on
    days: list[list[date]] = []
    desk.later(days=3)
    for day in (arrived + timedelta(days=1), arrived + timedelta(days=2), arrived):
        stopped(desk, day).approved()
        days.append([one.event.day for one in stops(desk)])
        desk.do(SendBack("日付の誤り"), by=APPROVER)
    first = arrived + timedelta(days=1)
    assert days == [[first], [first], [first, arrived]]


# -- mistakes ----------------------------------------------------------------------------------


def lifted(desk: Desk, *who: PrincipalRef) -> None:
    today = day_in_japan(desk.inside.now)
    for one in who:
        lift = LiftDirective(random_uuid(), OFFICER, one, "provision_stopped", today)
        desk.inside.ledger.direct(lift, desk.inside.now)


def in_error(desk: Desk) -> None:
    desk.do(ENTRY).do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == CaseStatus.ENTERED_IN_ERROR


def sent_back(desk: Desk, *who: PrincipalRef) -> None:
    """The stop stands by an approval that was taken back."""
    stopped(known(desk, *who)).approved().do(SendBack("対象者の誤り"), by=APPROVER)


def test_a_case_whose_stop_stands_is_not_entered_in_error_until_it_is_lifted(desk: Desk) -> None:
    sent_back(desk, MEMBER, EMAIL)
    assert len(stops(desk)) == 2
    before = desk.state
    for left in (MEMBER, EMAIL):
        with pytest.raises(OwnStopActiveError):
            desk.do(ENTRY)
        assert desk.state == before
        lifted(desk, left)
    desk.do(ENTRY)
    # A stop that comes to stand while a report waits hinders the confirmation.
    today = day_in_japan(desk.inside.now)
    stop = ("provision_stopped", today, None, desk.state.number)
    again = ReceiveDirective(random_uuid(), OFFICER, MEMBER, *stop)
    desk.inside.ledger.direct(again, desk.inside.now)
    with pytest.raises(OwnStopActiveError):
        desk.do(ConfirmMistake(), by=APPROVER)
    lifted(desk, MEMBER)
    desk.do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == CaseStatus.ENTERED_IN_ERROR
    # What was received stays on record, and so does that it was lifted.
    assert len(stops(desk)) == 3


def test_a_stop_of_somebody_else_or_none_is_no_hindrance(desk: Desk) -> None:
    other = known(desk).state.case
    stopped(desk).approved()
    stopped(known(desk))
    assert desk.state.case != other
    in_error(desk)
    assert len(stops(desk)) == 1


@pytest.mark.parametrize("fallen", ["one link", "all, and there is a new one"])
def test_a_stop_stands_also_for_who_is_not_linked_any_more(desk: Desk, fallen: str) -> None:
    desk.link(MEMBER, EMAIL)
    desk.link(EMAIL, PHONE)
    sent_back(desk)
    assert len(stops(desk)) == 3
    desk.link(MEMBER, EMAIL, apart=True)
    if fallen != "one link":
        desk.link(EMAIL, PHONE, apart=True)
        desk.link(MEMBER, STRANGER)
    lifted(desk, MEMBER)
    for left in (EMAIL, PHONE):
        with pytest.raises(OwnStopActiveError):
            desk.do(ENTRY)
        # No other decision of the case goes out either that does not tell the stop.
        refused = desk.do(REFUSED)
        with pytest.raises(StopActiveError):
            refused.submitted()
        lifted(desk, left)
    in_error(desk)


def withdrawn_by_mistake(desk: Desk) -> None:
    desk.do(Withdraw(day_in_japan(desk.inside.now), "書面"))


def dead_by_mistake(desk: Desk) -> None:
    desk.do(RecordDeath(day_in_japan(desk.inside.now), "電話"))


def resumed(desk: Desk) -> None:
    desk.do(END).do(ConfirmMistake(), by=APPROVER)


def test_no_request_is_withdrawn_over_a_stop_whose_letter_waits_for_the_post(desk: Desk) -> None:
    stopped(known(desk)).approved()
    with pytest.raises(StopActiveError):
        withdrawn_by_mistake(desk)
    # Either it is posted, or it is sent back and the stop is lifted.
    desk.do(SendBack("取下げのため"), by=APPROVER)
    with pytest.raises(StopActiveError):
        withdrawn_by_mistake(desk)
    lifted(desk, MEMBER)
    withdrawn_by_mistake(desk)
    assert desk.state.status == CaseStatus.WITHDRAWN


@pytest.mark.parametrize("is_lifted", [False, True])
def test_an_end_that_is_undone_leaves_the_stop_or_brings_it_back(
    desk: Desk, *, is_lifted: bool
) -> None:
    stopped(known(desk)).approved()
    dead_by_mistake(desk)
    if is_lifted:
        lifted(desk, MEMBER)
    resumed(desk)
    # The letter in the post says that it stands.
    count = 1 + is_lifted
    assert (desk.state.status, len(stops(desk))) == (CaseStatus.NOTICE_READY, count)
    desk.inside.ledger.resume_case(desk.stream, desk.inside.now)
    assert len(stops(desk)) == count
    with pytest.raises(StaleApprovalError):
        desk.posted()
    if is_lifted:
        lifted(desk, MEMBER)  # whoever lifts it once more means it
    desk.posted(already_posted=True)
    assert (desk.state.status, len(stops(desk))) == (CaseStatus.DISPATCHED, count)


@pytest.mark.parametrize("gone", [False, True], ids=["the same", "others by now"])
def test_a_letter_that_left_before_a_mistaken_end_is_put_down(desk: Desk, *, gone: bool) -> None:
    first, *_ = recorded(desk)
    desk.verified().searched()
    desk.decided().approved()
    withdrawn_by_mistake(desk)
    if gone:
        desk.retract(first)
    resumed(desk)
    assert desk.state.status == CaseStatus.NOTICE_READY
    with pytest.raises(StaleApprovalError):
        desk.posted()
    document = desk.posted(already_posted=True)
    [reply] = desk.state.replies
    assert (desk.state.status, reply.changed_since) == (CaseStatus.DISPATCHED, gone)
    assert desk.replies.stored(desk.stream, 1) == document.documents


def test_a_reply_that_did_not_leave_before_a_mistaken_end_is_made_anew(desk: Desk) -> None:
    recorded(desk)
    desk.verified().searched()
    desk.decided().approved()
    dead_by_mistake(desk)
    resumed(desk)
    desk.do(SendBack("検索のやり直し"), by=APPROVER)
    assert (desk.state.status, desk.state.decision) == (CaseStatus.SEARCH, None)
    desk.searched()
    desk.decided().sent()
    assert (desk.state.status, len(desk.state.replies)) == (CaseStatus.DISPATCHED, 1)
