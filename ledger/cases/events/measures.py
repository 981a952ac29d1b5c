"""Facts of a request that no record answers (Act Art. 28(3), 32(2), 34, 35): who, what is done."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.cases.events.name_difference import NameDiffers
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class CasePersonIdentified:
    """Who asked is this person; no record is part of the answer.

    Attributes:
        identifiers: those that are the person; none when nobody was found.
        tried: those that were looked for and are not the person's, or have no records.
        evidence: why these identifiers are the person, as typed.
        names_differ: each identifier whose records bear another name than the form, and why.
        not_the_person: why those of `tried` that have records are somebody else's.
        name_checks: of each of `identifiers` in their order, what comparing the names came to
            (a code of `ledger.policies.name_comparison`); None of nobody, and before it was kept.
    """

    TYPE: ClassVar[str] = "case-person-identified"
    identifiers: tuple[PrincipalRef, ...]
    tried: tuple[PrincipalRef, ...]
    evidence: str
    names_differ: tuple[NameDiffers, ...] | None = None
    not_the_person: str | None = None
    name_checks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseMeasure:
    """One measure.

    Attributes:
        measure: code of `ledger.law.requests.MEASURES`.
        from_day: the day from which it is in force, or on which it was done, in Japan.
        what: what it extends to, in words for the letter.
        counterparty_party_id: of a stop towards one party alone.
    """

    measure: str
    from_day: date
    what: str | None = None
    counterparty_party_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemAnswered:
    """One item of the information that was asked for.

    Attributes:
        item: code of `ledger.law.answers.ITEMS`.
        text: as the letter tells it; None: it is withheld.
    """

    item: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CaseMeasuresDecided:
    """What is done about the request.

    Attributes:
        outcome: `taken`, `taken_in_part`, `other_measure` or `not_taken`.
        reason: why not, or why another one, as the letter gives it (Art. 36).
        grounds: codes of `ledger.law.answers.GROUNDS`; None of a request under Art. 35, and of
            whatever is done in full.
        information: of a request for information, when any is given; else None.
    """

    TYPE: ClassVar[str] = "case-measures-decided"
    outcome: str
    measures: tuple[CaseMeasure, ...] = ()
    reason: str | None = None
    grounds: tuple[str, ...] | None = None
    information: tuple[ItemAnswered, ...] | None = None
