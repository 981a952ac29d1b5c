"""Disclosure cases: from the arrival of a request to the delivery of its answer. One stream each.

`steps` holds the commands and the table of statuses, `state` what the events leave, `deciding` what
a command does; `intake`, `papers` and `replying` are its three parts, `refusals` why not; `opening`
which steps are open, `clocks` what falls due.

Source: Act Art. 33, 37, 39; the published procedure.
"""

from ledger.case.clocks import next_due, running
from ledger.case.deciding import decide, procedure_of, step_name
from ledger.case.opening import open_steps
from ledger.case.replying import content_of, documents_digest, records_digest
from ledger.case.sent import Reply
from ledger.case.state import PROVISION_RECORDS, RETAINED_DATA, State, evolve, fold
from ledger.case.steps import ENDED, OPEN_TO, ReceiveCase, Rendered, Status, Step, StepCase

__all__ = [
    "ENDED",
    "OPEN_TO",
    "PROVISION_RECORDS",
    "RETAINED_DATA",
    "ReceiveCase",
    "Rendered",
    "Reply",
    "State",
    "Status",
    "Step",
    "StepCase",
    "content_of",
    "decide",
    "documents_digest",
    "evolve",
    "fold",
    "next_due",
    "open_steps",
    "procedure_of",
    "records_digest",
    "running",
    "step_name",
]
