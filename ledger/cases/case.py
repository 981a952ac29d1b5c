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
from ledger.cases.end_letter import telling
from ledger.cases.envelope import check_same, envelope_of, taken_over
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
from ledger.cases.steps import ENDED, CaseStatus, ReceiveCase, RenderedHashes, Step, StepCase
from ledger.cases.transitions import evolve, fold
from ledger.law.requests import (
    FOR_MEASURES,
    PROVISION_RECORDS,
    RETAINED_DATA,
    WITHOUT_RECORDS,
    WITHOUT_SEARCH,
)

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
