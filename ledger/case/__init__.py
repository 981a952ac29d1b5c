"""Disclosure cases: from the arrival of a request to the delivery of its answer. One stream each.

`steps` holds the commands, `opening` the table of statuses in which they are open, `state` a case
and `evolving`, `resuming` and `voiding` what each event leaves of it, `deciding` what a command
does; `intake`, `papers`, `identifying`, `naming`, `withholding`, `measures` and `replying` are its
parts in the order of the procedure, `content` what is approved, `envelope` what two cases of one
envelope share, `mistakes` what was put down by mistake, `replacing` where such a request goes on,
`returning` what the post brought back, `telling` which letter tells a stop when a case ends,
`duties` who may not approve, `refusals` why not, `charge` whose work it is, `clocks` what falls
due.

Source: Act Art. 33, 35, 37, 39; the published procedure.
"""

from ledger.case.clocks import next_due, running
from ledger.case.content import content_of, documents_digest, records_digest
from ledger.case.deciding import check_open, decide, procedure_of, step_name
from ledger.case.envelope import check_same, envelope_of, taken_over
from ledger.case.evolving import evolve, fold
from ledger.case.measures import is_owed, stops_of, told_stops
from ledger.case.mistaking import ENTRY, Report
from ledger.case.opening import OPEN_TO, open_steps
from ledger.case.replacing import (
    Agreement,
    agreement,
    check_replaced,
    check_replacement,
    is_mistaken_entry,
)
from ledger.case.sent import Decision, Reply
from ledger.case.state import State
from ledger.case.steps import ENDED, ReceiveCase, Rendered, Status, Step, StepCase
from ledger.case.telling import telling
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
    "Decision",
    "ReceiveCase",
    "Rendered",
    "Reply",
    "Report",
    "State",
    "Status",
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
