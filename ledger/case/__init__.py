"""Disclosure cases: from the arrival of a request to the delivery of its answer. One stream each.

`steps` holds the commands and the table of statuses, `state` what the events leave, `deciding` what
a command does; `intake`, `papers` and `replying` are its three parts, `refusals` why not.

Source: Act Art. 33, 37, 39; the published procedure.
"""

from ledger.case.deciding import decide, step_name
from ledger.case.replying import content_of, records_digest
from ledger.case.state import PROVISION_RECORDS, RETAINED_DATA, Reply, State, evolve, fold
from ledger.case.steps import ENDED, OPEN_TO, ReceiveCase, Rendered, Status, StepCase

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
    "StepCase",
    "content_of",
    "decide",
    "evolve",
    "fold",
    "records_digest",
    "step_name",
]
