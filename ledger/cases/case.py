"""Disclosure cases: from the arrival of a request to the delivery of its answer. One stream each.

`steps` holds the commands, `step_availability` the table of statuses in which they are open,
`state` a case and `transitions`, `resumption` and `invalidation` what each event leaves of it,
`decider` what a command does; `intake`, `papers`, `identification`, `name_differences`,
`record_decisions`, `measures` and `reply_steps` are its parts in the order of the procedure,
`content` what is approved, `envelope` what two cases of one envelope share, `mistakes` what was put
down by mistake, `replacement` where such a request goes on, `returned_mail` what the post brought
back, `end_letter` which letter tells a stop when a case ends, `duties` who may not approve,
`refusals` why not, `charge` whose work it is, `clocks` what falls due.

Source: Act Art. 33, 35, 37, 39; the published procedure.
"""

from ledger.cases.clocks import next_due, running
from ledger.cases.content import content_of, documents_digest, records_digest
from ledger.cases.decider import check_open, decide, procedure_of, step_name
from ledger.cases.dispatched_replies import Decision, Reply
from ledger.cases.envelope import check_same, envelope_of, taken_over
from ledger.cases.events.case import CaseClosed, CaseWithdrawn
from ledger.cases.measures import is_owed, stops_of, told_stops
from ledger.cases.mistake_steps import ENTRY, MistakeReport
from ledger.cases.replacement import (
    Agreement,
    agreement,
    check_replaced,
    check_replacement,
    is_mistaken_entry,
)
from ledger.cases.state import State
from ledger.cases.step_availability import OPEN_TO, open_steps
from ledger.cases.steps import (
    ENDED,
    ON_ITS_WAY,
    CaseStatus,
    ReceiveCase,
    RenderedHashes,
    Step,
    StepCase,
)
from ledger.cases.transitions import evolve, fold
from ledger.law.requests import (
    FOR_MEASURES,
    PROVISION_RECORDS,
    RETAINED_DATA,
    WITHOUT_RECORDS,
    WITHOUT_SEARCH,
)
from ledger.policies.identifiers import says_something

TRIES_MIN = 2
"""Letters that came back before a case is closed although the person has an older one in hand."""


def telling(state: State, end: CaseClosed | CaseWithdrawn) -> tuple[Reply, ...] | None:
    """The letters that each tell every stop that stands, or the case does not end so.

    That is the one that the person has in hand. Nobody who withdraws is out of reach, so without
    such a letter nothing is told. At a closing it is the newest where every letter came back; and
    where those after the one in hand came back, two at least, and a note says what was tried (a
    dot or なし says nothing), they are these two: who cannot be reached keeps the stop, and the
    case ends.

    Returns:
        None: the newest letter is on its way, or came back and no other is in hand. An empty tuple:
            no letter tells anything.
    """
    held = state.held
    if isinstance(end, CaseWithdrawn):
        return () if held is None else (held,)
    newest = state.replies[-1:]
    is_as_sent = state.status in ON_ITS_WAY and state.submission is not None
    if held is None:
        return None if is_as_sent else newest
    if is_as_sent and (held,) == newest:
        return None
    came_back = [one for one in state.replies if one.position > held.position]
    is_said = says_something(end.note or "")
    if len(came_back) >= TRIES_MIN and is_said:
        return tuple(came_back[-TRIES_MIN:])
    return (held,)


__all__ = [
    "ENDED",
    "ENTRY",
    "FOR_MEASURES",
    "OPEN_TO",
    "PROVISION_RECORDS",
    "RETAINED_DATA",
    "WITHOUT_RECORDS",
    "WITHOUT_SEARCH",
    "Agreement",
    "CaseStatus",
    "Decision",
    "MistakeReport",
    "ReceiveCase",
    "RenderedHashes",
    "Reply",
    "State",
    "Step",
    "StepCase",
    "agreement",
    "check_open",
    "check_replaced",
    "check_replacement",
    "check_same",
    "content_of",
    "decide",
    "documents_digest",
    "envelope_of",
    "evolve",
    "fold",
    "is_mistaken_entry",
    "is_owed",
    "next_due",
    "open_steps",
    "procedure_of",
    "records_digest",
    "running",
    "step_name",
    "stops_of",
    "taken_over",
    "telling",
    "told_stops",
]
