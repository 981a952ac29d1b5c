"""A fact about how a case is printed: what stands on paper for what cannot be printed."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Substitute:
    """One character of a letter that is printed in another form (代替文字).

    Attributes:
        written: as it stands in the data: one character, with its selector and its marks, and the
            invisible characters beside it; empty: every other one that cannot be printed.
        printed: what the letters print in its place; `U+` of every other one: its code points.
        evidence: why this form: where it is taken from, or when it was agreed on with the person.
    """

    written: str
    printed: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CaseSubstitutesChosen:
    """From here on the letters of the case print these, and no others; none takes all back."""

    TYPE: ClassVar[str] = "case-substitutes-chosen"
    substitutes: tuple[Substitute, ...]
