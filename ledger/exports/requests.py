"""How many requests came and how they were answered, in counts that point at nobody.

A request about records of which nobody may know is answered as one about none (Order 11), and so it
is counted.

Source: Act Art. 33, 35, 37, 40.
"""

from collections import Counter
from collections.abc import Iterable

from ledger.cases import case
from ledger.cases.events.case import CaseDecided, CaseRefused
from ledger.exports.small_cells import suppressed
from ledger.values import Json

OPEN = "open"
REFUSED = "procedural_refusal"
MEASURES = "measures_decided"


def statistics(cases: Iterable[case.State], smallest: int) -> dict[str, Json]:
    """Requests as of one position, by kind and by how they were answered last.

    Args:
        smallest: the least count that is told, other than 0; see `small_cells.fits`.
    """
    kinds, outcomes = Counter[str](), Counter[str]()
    for one in cases:
        kinds[one.application.kind] += 1
        outcomes[_outcome(one)] += 1
    received, (by_kind, by_outcome) = suppressed((kinds, outcomes), smallest)
    return {
        "smallest": smallest,
        "received": received,
        "by_kind": dict(sorted(by_kind.items())),
        "by_outcome": dict(sorted(by_outcome.items())),
    }


def _outcome(state: case.State) -> str:
    if not state.replies:
        return OPEN if state.is_open else state.status.value
    decision = state.replies[-1].decision
    if isinstance(decision, CaseDecided):
        return decision.outcome
    return REFUSED if isinstance(decision, CaseRefused) else MEASURES
