"""Requests for measures: the steps of their own. The others are those of any case."""

from dataclasses import dataclass

from ledger.events.measures import MeasureTaken
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class IdentifyPerson:
    """Say who the person is; no record is searched. `tried`: looked for without a result."""

    identifiers: tuple[PrincipalRef, ...]
    evidence: str
    tried: tuple[PrincipalRef, ...] = ()


@dataclass(frozen=True, slots=True)
class DecideMeasures:
    """Decide what is done. `outcome`: code of `ledger.law.requests.OUTCOMES`."""

    outcome: str
    measures: tuple[MeasureTaken, ...] = ()
    reason: str | None = None
