"""Requests that no record answers: the steps of their own. The others are those of any case."""

from dataclasses import dataclass

from ledger.cases.events.measures import CaseMeasure, ItemAnswered
from ledger.cases.name_differences import NOTHING_COMPARED, NamesCompared
from ledger.policies.identifiers import KINDS
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class IdentifyPerson:
    """Say who the person is; no record is part of the answer.

    Attributes:
        tried: what was looked for and is not the person's, or has no records.
        not_the_person: why those of `tried` that have records are somebody else's.
        names: the names in the person's records, whatever they are of.
        kinds: schemes of identifiers that the ledger knows.
    """

    identifiers: tuple[PrincipalRef, ...]
    evidence: str
    tried: tuple[PrincipalRef, ...] = ()
    not_the_person: str | None = None
    names: NamesCompared = NOTHING_COMPARED
    kinds: frozenset[str] = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class DecideMeasures:
    """Decide what is done.

    Attributes:
        outcome: code of `ledger.law.requests.OUTCOMES`.
        grounds: codes of `ledger.law.answers.GROUNDS`, where it has any for such a request.
        information: each item that was asked for, where any is given.
    """

    outcome: str
    measures: tuple[CaseMeasure, ...] = ()
    reason: str | None = None
    grounds: tuple[str, ...] = ()
    information: tuple[ItemAnswered, ...] = ()
