"""Requests to stop or to erase in a real ledger: the stops, the letter, and what is in between."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus, StepCase
from ledger.cases.events.measures import MeasureTaken
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Dispatch, SendBack
from ledger.clock import day_in_japan
from ledger.commands import LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.format.events import DirectiveReceived, Fact, ReviewSealed
from ledger.persons.service import Persons
from ledger.service import CommandReceipt
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT, APPROVER, OFFICER
from tests.ledger.given import data
from tests.replying.desk import MEMBER, Desk, letter, recorded, text_of

EMAIL = PrincipalRef("email", "hanako@example.jp")
PHONE = PrincipalRef("phone", "+819000000000")
WHY = "ご請求の理由とされた事実が確認できないためです。"


def known(desk: Desk, *who: PrincipalRef, kind: str = "provision_stop") -> Desk:
    """A request for measures of which the person is known."""
    desk.verified(kind=kind)
    return desk.do(IdentifyPerson(who or (MEMBER,), "会員番号が一致", (ABSENT,)))


def stopped(desk: Desk, day: date | None = None) -> Desk:
    taken = MeasureTaken("provision_stopped", day or day_in_japan(desk.inside.now))
    return desk.do(DecideMeasures("taken", (taken,)))


def stops(desk: Desk) -> list[Fact[DirectiveReceived]]:
    """Every stop in the ledger, in its order."""
    facts = desk.inside.house.streams.facts_of_topics([DirectiveReceived.TYPE], 0)
    return [
        Fact(one.position, one.stream, one.version, one.at, one.actor, one.event)
        for one in facts
        if isinstance(one.event, DirectiveReceived)
    ]


def approval(desk: Desk) -> StepCase:
    step = desk.approval()
    return StepCase(random_uuid(), APPROVER, desk.stream, desk.state.version, step)


def test_a_stop_stands_for_every_identifier_from_the_approval_on(desk: Desk) -> None:
    link = LinkIdentifiers(random_uuid(), OFFICER, MEMBER, EMAIL, "申込書")
    desk.inside.ledger.link(link, desk.inside.now)
    stopped(known(desk, MEMBER, PHONE)).submitted()
    assert stops(desk) == []
    desk.do(desk.approval(), by=APPROVER)
    found = stops(desk)
    assert {one.event.principal.id for one in found} == {MEMBER.id, EMAIL.id, PHONE.id}
    today = day_in_japan(desk.inside.now)
    for one in found:
        event = one.event
        assert (event.kind, event.day, event.reference, event.counterparty_party_id) == (
            "provision_stopped",
            today,
            desk.state.number,
            None,
        )
        # Who approved it answers for it, not who only prepared it.
        assert one.actor == APPROVER
    desk.posted()
    assert stops(desk) == found
    assert desk.state.status == CaseStatus.DISPATCHED


def test_a_provision_after_the_stop_has_its_finding(desk: Desk) -> None:
    stopped(known(desk)).approved()
    today = day_in_japan(desk.inside.now)
    day = today.isoformat()
    desk.inside.record("after", data(transferred_on=day, recorded_on=day))
    desk.inside.follow()
    [entry] = desk.inside.page(MEMBER.id).entries
    assert "PROVISION_STOPPED" in entry.verdict.findings


def test_what_ends_between_an_approval_and_its_stops_is_resumed_and_appends_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(known(desk, MEMBER, EMAIL, PHONE)).submitted()
    command = approval(desk)
    received = Persons.direct
    left = [1]

    def interrupted(persons: Persons, one: ReceiveDirective, at: datetime) -> CommandReceipt:
        if not left[0]:
            raise StoreUnavailableError
        left[0] -= 1
        return received(persons, one, at)

    with monkeypatch.context() as broken:
        broken.setattr(Persons, "direct", interrupted)
        with pytest.raises(StoreUnavailableError):
            desk.inside.ledger.step_case(command, desk.inside.now)
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


def test_no_letter_goes_out_that_tells_of_a_stop_which_does_not_stand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(known(desk, MEMBER, EMAIL)).submitted()

    def never(*_: object) -> CommandReceipt:
        raise StoreUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(Persons, "direct", never)
        with pytest.raises(StoreUnavailableError):
            desk.do(desk.approval(), by=APPROVER)
        with pytest.raises(StoreUnavailableError):
            desk.posted()
    assert (desk.state.status, stops(desk)) == (CaseStatus.NOTICE_READY, [])
    desk.posted()
    assert (desk.state.status, len(stops(desk))) == (CaseStatus.DISPATCHED, 2)


def test_a_stop_that_stands_already_is_not_received_twice_and_an_earlier_day_is(
    desk: Desk,
) -> None:
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


def test_who_takes_no_measure_stops_nothing(desk: Desk) -> None:
    known(desk, kind="utilization_cease").do(DecideMeasures("not_taken", (), WHY)).approved()
    assert stops(desk) == []


def test_the_letter_tells_what_was_done_and_that_records_stay_and_nothing_of_records(
    desk: Desk,
) -> None:
    told: dict[str, str] = {}
    records: tuple[UUID, ...] = ()
    for name in ("no records", "records", "excluded ones"):
        if name == "records":
            records = recorded(desk.inside)
        if name == "excluded ones":
            desk.exclude(*records)
        stopped(known(desk)).submitted()
        desk.do(desk.approval(), by=APPROVER)
        document = desk.posted()
        text = text_of(document.pdf)
        for phrase in (
            "ご請求のとおり、次の措置をとりました（法第35条第4項又は第6項）。",
            "第三者への提供の停止2026年",
            "法第35条第7項の規定に基づき",
            "法第29条第2項及び第30条第4項の規定により",
            "その期間が満了するまで消去しません。",
            "privacy@ml.nttqonoq.com",
        ):
            assert phrase in text
        assert "台帳の位置" not in text
        parsed = letter(document.json)
        assert "search" not in parsed
        assert parsed["asked"]["about"] == "provision_stop"
        for value in (desk.state.number, parsed["verification_code"], _instant(text)):
            text = text.replace(value, "")
        told[name] = text
        facts = desk.inside.house.streams.facts([desk.stream], None)[desk.stream]
        assert sum(isinstance(one.event, ReviewSealed) for one in facts) == 1
    assert len(set(told.values())) == 1


def _instant(text: str) -> str:
    start = text.index("作成日時")
    return text[start : text.index("（日本時間）", start)]


def test_an_answer_is_made_again_byte_for_byte(desk: Desk) -> None:
    recorded(desk.inside)
    stopped(known(desk)).approved()
    document = desk.posted()
    recorded_later = desk.inside.record("later").transfer
    assert recorded_later
    again = desk.replies.again(desk.stream, 1)
    assert again.documents == document.documents
    assert desk.replies.stored(desk.stream, 1) == document.documents


def test_a_dispatch_of_what_was_not_approved_is_refused(desk: Desk) -> None:
    stopped(known(desk)).approved()
    changed = replace(desk.rendered()[0], rows=bytes(32))
    today = day_in_japan(desk.inside.now)
    with pytest.raises(StaleApprovalError):
        desk.do(Dispatch(changed, today, "123-45-67890-1", 1))
