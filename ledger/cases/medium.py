"""The medium of a reply: what was asked for, and what may stand in for it."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger.cases.intake import MEDIA, PAPER, future, text_defects
from ledger.cases.state import State
from ledger.cases.steps import Decide
from ledger.errors import Defect

ROWS_OF_A_DOCUMENT: Final = 10_000
"""Rows that one document on paper holds; beyond it goes on in further ones, all on paper."""


def medium_defects(step: Decide, medium: str, state: State, today: date) -> Iterator[Defect]:
    """What is wrong with the medium of a reply, given the one that was asked for.

    The principal chooses. Another one stands in only where the one asked for is difficult, with a
    reason that a letter tells, or where the person agreed to it. How many records there are changes
    nothing. Whoever stated none has left the choice to the procedure and the officer.

    Args:
        medium: in which the reply would go.

    Source: Act Art. 33(2), (3), 33(5).
    """
    requested = state.application.medium
    agreement = step.medium_agreement
    if agreement is not None:
        yield from _agreement_defects(step, state, today)
    if medium not in MEDIA:
        yield Defect("/medium", "SCHEMA", f"give one of {', '.join(MEDIA)}")
    elif requested in (None, medium) or agreement is not None or (step.medium_reason or "").strip():
        return
    elif requested == PAPER:
        detail = "who asked for paper gets paper: say why it is difficult, or what was agreed"
        yield Defect("/medium", "MEDIUM_NOT_ASKED", detail)
    else:
        detail = "say why the medium asked for is difficult, or what was agreed"
        yield Defect("/medium_reason", "MEDIUM_REASON_MISSING", detail)


def is_all_on_paper(medium: str, disclosed: int) -> bool | None:
    """`CaseDecided.whole_on_paper`: stated where so many records may not fit one document."""
    return True if medium == PAPER and disclosed > ROWS_OF_A_DOCUMENT else None


def _agreement_defects(step: Decide, state: State, today: date) -> Iterator[Defect]:
    agreement = step.medium_agreement
    assert agreement is not None, "the caller looked"
    yield from future("/medium_agreement/agreed_on", agreement.agreed_on, today)
    if agreement.agreed_on < state.application.arrived_on:
        detail = "nobody agrees before the request arrives"
        yield Defect("/medium_agreement/agreed_on", "BEFORE_THE_REQUEST", detail)
    yield from text_defects("medium_agreement/how", agreement.how)
