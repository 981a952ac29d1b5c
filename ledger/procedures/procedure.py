"""The published procedure for requests: its versions. One stream for all of them.

Source: Act Art. 32, 37, 38 (what a request needs is published); `ledger.law.procedure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledger.clock import day_in_japan
from ledger.commands import PublishProcedure
from ledger.errors import CorruptRecordError, Defect, MalformedError
from ledger.format.events import ExpiredEvent, Fact, ProcedurePublished
from ledger.law.procedure.parser import read_procedure
from ledger.law.procedure.version import NOT_LATER, Procedure, with_version
from ledger.law.procedure.writer import document_of
from ledger.policies.my_number import my_number_defects
from ledger.values import Json

REQUEST_ARRIVED = "REQUEST_ARRIVED_SINCE"
# Settings that came after the first version was published, as every version meant them until then.
_UNASKED: Mapping[str, Json] = {"preparers": "decision_and_submission"}


@dataclass(frozen=True, slots=True)
class PublishedProcedure:
    """A version, where it stands in the log, and who published it when."""

    procedure: Procedure
    position: int
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class State:
    """The versions that the operator published, ascending.

    Attributes:
        version: of the stream.
    """

    published: tuple[PublishedProcedure, ...] = ()
    version: int = 0


def evolve(state: State, fact: Fact[ProcedurePublished | ExpiredEvent]) -> State:
    """The state after `fact`.

    Raises:
        CorruptRecordError: the version cannot be read any more.
    """
    event = fact.event
    if isinstance(event, ExpiredEvent):
        return State(state.published, fact.version)
    try:
        procedure = read_procedure(_as_then(event.document))
    except MalformedError:
        raise CorruptRecordError("a published procedure cannot be read") from None
    one = PublishedProcedure(procedure, fact.position, fact.at, fact.actor)
    return State((*state.published, one), fact.version)


def _as_then(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """The document with what it meant where a setting was not asked for yet.

    Whoever publishes states every setting, so one that is not there did not exist.
    """
    readings = document.get("readings")
    if not isinstance(readings, Mapping):
        return document
    return {**document, "readings": {**_UNASKED, **readings}}


def publish(
    command: PublishProcedure,
    state: State,
    built_in: Sequence[Procedure],
    last_arrival: date | None,
    at: datetime,
) -> ProcedurePublished:
    """Return the event that publishes the version.

    It begins after the day of its publication, for what a request needs is published beforehand.
    Only the operator's first version may begin earlier: a ledger is set up while a procedure is in
    force already. No request that has arrived changes its version.

    Args:
        built_in: the versions that the product knows, ascending, at least one.
        last_arrival: the newest day on which a request arrived; None when none did.

    Raises:
        MalformedError: names every defect: those of `read_procedure`, `MY_NUMBER_SHOWN`,
            `VERSION_NOT_LATER`, `REQUEST_ARRIVED_SINCE`.
    """
    if defects := my_number_defects(command.document):
        raise MalformedError(defects)
    new = read_procedure(command.document)
    today = day_in_japan(at)
    before = (*built_in, *(one.procedure for one in state.published))
    if state.published or new.effective_from > today:
        with_version(before, new, today)
    else:
        _check_first(new, before[-1].effective_from, last_arrival)
    return ProcedurePublished(new.effective_from, document_of(new))


def _check_first(new: Procedure, newest: date, last_arrival: date | None) -> None:
    """Whether the operator's first version may begin on a day that has come."""
    if new.effective_from <= newest:
        detail = "begin after every earlier version"
        raise MalformedError((Defect("/effective_from", NOT_LATER, detail),))
    if last_arrival is not None and last_arrival >= new.effective_from:
        detail = "a request has arrived since this day; begin after the day of publication"
        raise MalformedError((Defect("/effective_from", REQUEST_ARRIVED, detail),))
