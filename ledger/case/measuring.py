"""Requests for measures: the steps of their own. The others are those of any case."""

from dataclasses import dataclass

from ledger.events.measures import MeasureTaken
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class IdentifyPerson:
    """Say who the person is; no record is part of the answer.

    Attributes:
        tried: looked for without a result.
        names_differ: places in `identifiers` whose records name nobody as the form does.
        name_differs_because: why they are the person's all the same.
    """

    identifiers: tuple[PrincipalRef, ...]
    evidence: str
    tried: tuple[PrincipalRef, ...] = ()
    names_differ: tuple[int, ...] = ()
    name_differs_because: str | None = None


@dataclass(frozen=True, slots=True)
class DecideMeasures:
    """Decide what is done. `outcome`: code of `ledger.law.requests.OUTCOMES`."""

    outcome: str
    measures: tuple[MeasureTaken, ...] = ()
    reason: str | None = None
