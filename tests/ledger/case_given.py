"""A desk that works on one invented case, step by step, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus, ReceiveCase, RenderedHashes, State, StepCase
from ledger.cases.events.case import WithheldPart
from ledger.cases.events.intake import Application, Examination
from ledger.cases.events.measures import CaseMeasure
from ledger.cases.events.substitute import Substitute
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.name_differences import NamesCompared
from ledger.cases.print_step import PrintAs
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Close,
    Decide,
    Deliver,
    Dispatch,
    IdentifyRecords,
    PostPassword,
    RecordDeath,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Submit,
    Verify,
    Withdraw,
)
from ledger.clock import day_in_japan
from ledger.errors import MalformedError
from ledger.format.events import CaseEvent, ExpiredEvent, Fact
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.request import EnvelopePaper
from ledger.policies.my_number import check_digit
from ledger.policies.name_comparison import MATCHES
from ledger.values import PrincipalRef
from tests.law.papers import AGREEING, ARRIVED, RESIDENCE, SEAL

CASE, COMMAND = UUID(int=0xCA5E), UUID(int=0xC0)
OFFICER, APPROVER = "officer-1", "approver-1"
MY_NUMBER = "12345678901" + str(check_digit("12345678901"))
DAY = timedelta(days=1)
MEMBER = PrincipalRef("member", "M-0001")
ABSENT = PrincipalRef("account", "nobody")
"""Another kind of identifier that was tried; there is nobody under it."""
PROVIDED, RECEIVED = (UUID(int=1), UUID(int=2)), (UUID(int=3),)
CODE = "0123-4567-89AB-CDEF-GHJK"
DOCUMENTS = {"reply.json": b"{}", "reply.pdf": b"%PDF-1.7 letter"}
LETTER = RenderedHashes(bytes(32), case.documents_digest(DOCUMENTS))
OTHER_LETTER = replace(LETTER, letter=bytes([2]) * 32)
OTHER_ROWS = replace(LETTER, rows=bytes([3]) * 32)
ALL = (*PROVIDED, *RECEIVED)
HEAD = 100
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FORM = {"name": "見本 花子", "address": "東京都千代田区永田町2-11-1"}


def application(**changes: Any) -> Application:  # noqa: ANN401 -- members of one dataclass
    whole: dict[str, Any] = {
        "kind": "provision_records",
        "arrived_on": ARRIVED,
        "requester": "self",
        "form": FORM,
        "identifiers": (MEMBER,),
    }
    return Application(**(whole | changes))


def seen(*papers: EnvelopePaper, **changes: Any) -> Examination:  # noqa: ANN401 -- same
    """A look at these papers, or at all that are needed."""
    whole: dict[str, Any] = {
        "papers": papers or (SEAL, RESIDENCE),
        "addresses": AGREEING,
        "form_checked": True,
    }
    return Examination(**(whole | changes))


GOOD, SHORT = seen(), seen(SEAL)
IDENTIFY = IdentifyRecords(90, (MEMBER,), "会員番号が一致", PROVIDED, RECEIVED)
DISCLOSE = Decide(PROVIDED, RECEIVED)
PERSON = IdentifyPerson((MEMBER,), "会員番号が一致", names=NamesCompared((MATCHES,)))
ENTRY = ReportEntry("wrong_day", "到達日の誤り")
SUBMIT, APPROVE = Submit(LETTER, CODE), Approve(LETTER, DOCUMENTS, 4)
VARIATION = "邉\U000e010f"
INSTEAD = Substitute(VARIATION, "邉", "戸籍統一文字の親字")
PRINT_AS = PrintAs((INSTEAD,), frozenset({VARIATION}), frozenset({VARIATION}))


def held(record: UUID, **changes: Any) -> WithheldPart:  # noqa: ANN401 -- same
    """The record is withheld as a whole, unless `changes` say otherwise."""
    whole = WithheldPart(record, "ART33_2_I", "第三者の権利利益を害するおそれがあるため")
    return replace(whole, **changes)


def defects(error: pytest.ExceptionInfo[MalformedError]) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in error.value.defects}


def dispatched(day: date) -> Dispatch:
    return Dispatch(LETTER, day, "123-45-67890-1", 4)


def samples(day: date) -> dict[str, Step]:
    """One step of each kind, as good as it can be on `day`."""
    steps: Sequence[Step] = (
        CheckDocuments(GOOD),
        RequestCorrection(),
        Resubmit(day),
        Verify(),
        Refuse(),
        IDENTIFY,
        DISCLOSE,
        PERSON,
        DecideMeasures("taken", (CaseMeasure("provision_stopped", day),)),
        SUBMIT,
        APPROVE,
        SendBack("宛名が違う"),
        dispatched(day),
        PostPassword(day, "123-45-67891-2"),
        Deliver(day),
        Return(day, "not_collected"),
        Close(),
        Withdraw(day, "書面"),
        RecordDeath(day, "ご家族からの電話"),
        Reopen("記録の訂正"),
        ENTRY,
        ReportEnd("別の方の取下書だった"),
        ConfirmMistake(),
        DismissMistake("誤りではない"),
        PRINT_AS,
    )
    return {case.step_name(one): one for one in steps}


@dataclass(slots=True)
class Desk:
    """One case and the clock on the wall."""

    procedures: Sequence[Procedure] = PUBLISHED
    now: datetime = NOON
    state: State | None = None
    facts: list[Fact[CaseEvent | ExpiredEvent]] = field(
        default_factory=list[Fact[CaseEvent | ExpiredEvent]]
    )

    @property
    def today(self) -> date:
        return day_in_japan(self.now)

    @property
    def case(self) -> State:
        assert self.state is not None
        return self.state

    @property
    def status(self) -> CaseStatus:
        return self.case.status

    def receive(self, asked: Application | None = None, by: str = OFFICER) -> "Desk":
        self._put(ReceiveCase(COMMAND, by, asked or application()))
        return self

    def do(self, *steps: Step, by: str = OFFICER, earlier: frozenset[str] = frozenset()) -> "Desk":
        for step in steps:
            self._put(StepCase(COMMAND, by, CASE, self.case.version, step, earlier))
        return self

    def later(self, days: int) -> "Desk":
        self.now += timedelta(days=days)
        return self

    def verified(self, asked: Application | None = None) -> "Desk":
        return self.receive(asked).do(CheckDocuments(GOOD), Verify())

    def submitted(self) -> "Desk":
        return self.verified().do(IDENTIFY, DISCLOSE, SUBMIT)

    def approved(self) -> "Desk":
        return self.submitted().do(APPROVE, by=APPROVER)

    def sent(self) -> "Desk":
        return self.approved().do(dispatched(self.today))

    def _put(self, command: ReceiveCase | StepCase) -> None:
        for event in case.decide(command, self.state, self.procedures, self.now, HEAD):
            place = (1 + len(self.facts), CASE, len(self.facts) + 1)
            fact: Fact[CaseEvent | ExpiredEvent] = Fact(*place, self.now, command.actor, event)
            self.facts.append(fact)
            self.state = case.evolve(self.state, fact)


def refused() -> Desk:
    """A desk that refused the request after the correction round; not yet submitted."""
    short = Desk().receive().do(CheckDocuments(SHORT), RequestCorrection())
    return short.later(31).do(Refuse())
