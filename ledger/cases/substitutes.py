"""Which characters of its letters a case prints in another form.

A name in another character is a wrong name, so nothing is replaced unless somebody says it, with a
reason that the approver sees; the letter tells it, and the data keep what was written.
"""

from collections.abc import Iterator
from dataclasses import replace

from ledger.cases.events.substitute import CaseSubstitutesChosen, Substitute
from ledger.cases.print_step import SUBSTITUTES_MAX, PrintAs
from ledger.cases.state import State
from ledger.errors import AlreadyActiveError, Defect, MalformedError
from ledger.policies.my_number import my_number_defects
from ledger.policies.substitutes import AS_CODE_POINTS, OTHERS, composed, substitute_defects

_AT = "/substitutes"
_OF_OTHERS = "/others"
"""The member of the body of the API that asks for code points."""


def choose(step: PrintAs, state: State) -> CaseSubstitutesChosen:
    """Return the event of the choices.

    Raises:
        MalformedError: `PRINTABLE_ALREADY`, `NOT_ONE_CHARACTER`, `UNPRINTABLE_BASE`,
            `PLACEHOLDER`, `OTHER_FAMILY`; `SUBSTITUTE_TWICE`; `NOT_IN_THE_LETTERS`, no letter of
            the case prints it; no reason, an individual number, more than `SUBSTITUTES_MAX`
            besides the one for every other character.
        AlreadyStandsError: they are the ones that stand, in whatever spelling they are printed.
    """
    if defects := tuple(_defects(step)):
        raise MalformedError(defects)
    if [*map(_spelt, step.substitutes)] == [*map(_spelt, state.substitutes)]:
        raise AlreadyActiveError
    return CaseSubstitutesChosen(step.substitutes)


def _spelt(one: Substitute) -> Substitute:
    """The choice in one spelling; what it replaces is found in the letters as it is written."""
    return replace(one, printed=composed(one.printed))


def _defects(step: PrintAs) -> Iterator[Defect]:
    if sum(not _is_of_others(one) for one in step.substitutes) > SUBSTITUTES_MAX:
        yield Defect(_AT, "SCHEMA", f"at most {SUBSTITUTES_MAX}")
    written: set[str] = set()
    for n, one in enumerate(step.substitutes):
        pointer = _OF_OTHERS if _is_of_others(one) else f"{_AT}/{n}"
        texts = {"written": one.written, "printed": one.printed, "evidence": one.evidence}
        yield from my_number_defects(texts, pointer)
        if not one.evidence.strip():
            yield Defect(f"{pointer}/evidence", "SCHEMA", "say in words why this form")
        found: list[Defect] = []
        if not _is_of_others(one):
            found += substitute_defects(pointer, one.written, one.printed, step.lacking)
        yield from found
        if one.written in written:
            yield Defect(f"{pointer}/written", "SUBSTITUTE_TWICE", "it is said once already")
        elif not found and one.written not in step.used:
            detail = "no letter of the case prints it as the case stands"
            yield Defect(f"{pointer}/written", "NOT_IN_THE_LETTERS", detail)
        written.add(one.written)


def _is_of_others(one: Substitute) -> bool:
    return (one.written, one.printed) == (OTHERS, AS_CODE_POINTS)
