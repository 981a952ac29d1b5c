"""Requests for measures: the steps of their own. The others are those of any case."""

from dataclasses import dataclass

from ledger.case.naming import NOTHING_COMPARED, NamesCompared
from ledger.events.measures import MeasureTaken
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class IdentifyPerson:
    """Say who the person is; no record is part of the answer.

    Attributes:
        tried: looked for without a result.
        names: the names in the person's records, whatever they are of.
    """

    identifiers: tuple[PrincipalRef, ...]
    evidence: str
    tried: tuple[PrincipalRef, ...] = ()
    names: NamesCompared = NOTHING_COMPARED


@dataclass(frozen=True, slots=True)
class DecideMeasures:
    """Decide what is done. `outcome`: code of `ledger.law.requests.OUTCOMES`."""

    outcome: str
    measures: tuple[MeasureTaken, ...] = ()
    reason: str | None = None
