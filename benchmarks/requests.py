"""Requests for disclosure of invented people, taken in and carried on by the ledger itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from api.case_replies.records import RecordFinder
from api.container import Container
from ledger.cases.case import ReceiveCase, State, Step, StepCase
from ledger.cases.events.intake import Application, Examination
from ledger.cases.namesakes import NamesSearched
from ledger.cases.steps import CheckDocuments, Decide, IdentifyRecords, Verify
from ledger.clock import day_in_japan, now
from ledger.crypto.pseudonyms import random_uuid
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper
from ledger.service import Ledger
from ledger.values import PrincipalRef

OFFICER: Final = "bench-officer"
EVIDENCE: Final = "会員番号が一致"
NAME: Final = "見本 花子"
_AGREEING: Final = AddressJudgement(
    has_registered=True, form_is_registered=True, identity_is_form=True
)
_KINDS: Final = ("seal_certificate", "residence_certificate")
_ABSENT: Final = PrincipalRef("phone", "0300000000")
"""Tried in every case, as it must be where nothing is found; nobody has it."""
_PAPERS_AGE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Taken:
    """A case, and the version of it that the next step names."""

    case: UUID
    version: int


class Requests:
    """Takes requests in and carries them on, at one desk of the ledger."""

    def __init__(self, house: Container) -> None:
        self._ledger: Ledger = house.ledger()
        self._reads = house.reads
        self._records = RecordFinder(house.histories, house.streams)

    def verified(self, who: PrincipalRef, name: str = NAME) -> Taken:
        """A case whose papers prove who asks; the records are to be searched next.

        Args:
            name: of who asks, as the form has it.
        """
        today = day_in_japan(now())
        application = Application(
            kind="provision_records",
            arrived_on=today,
            requester="self",
            form={
                "name": name,
                "postal_code": "100-0001",
                "address": "東京都千代田区千代田1-1-1",
            },
            identifiers=(who,),
            medium="paper",
        )
        command = ReceiveCase(random_uuid(), OFFICER, application)
        case = self._ledger.receive_case(command, now()).stream
        return self._done(case, CheckDocuments(_examination(today)), Verify())

    def decided(self, who: PrincipalRef) -> Taken:
        """A case with all records of the person to be disclosed, or none to be found."""
        case = self.verified(who).case
        state, as_of = self._state(case), self._reads.head()
        found = self._records.find((who,), as_of, state.application)
        return self._done(
            case,
            IdentifyRecords(
                as_of,
                (who,),
                EVIDENCE,
                found.provided,
                found.received,
                (_ABSENT,),
                searched=NamesSearched(names=("例示 花子",)),
            ),
            Decide(found.provided, found.received, (), "paper"),
        )

    def _done(self, case: UUID, *steps: Step) -> Taken:
        for step in steps:
            version = self._state(case).version
            self._ledger.step_case(StepCase(random_uuid(), OFFICER, case, version, step), now())
        return Taken(case, self._state(case).version)

    def _state(self, case: UUID) -> State:
        state = self._ledger.case(case)
        assert state is not None, "the case was taken in"
        return state


def _examination(today: date) -> Examination:
    issued = today - _PAPERS_AGE
    papers = tuple(
        EnvelopePaper(
            kind,
            "principal",
            is_original=True,
            issued_on=issued,
            shows_name=True,
            shows_birth_date=True,
            shows_current_address=True,
            address_mark="printed",
            my_number_shown=False,
        )
        for kind in _KINDS
    )
    return Examination(papers, _AGREEING, form_checked=True)
