"""What a letter calls the request that it answers; each kind has its own words.

Source: `ledger.law.requests`.
"""

from ledger.cases.letters.letter import RequestSummary
from ledger.law.requests import PROVISION_RECORDS, RequestKind, request_kind

FORM = "当社所定の書面"
"""In place of a title where the published procedure has no form for the kind of request."""


def kind_of(request: RequestSummary) -> RequestKind:
    """What was asked for, as the law has it on the day of arrival."""
    return request_kind(request.about or PROVISION_RECORDS, request.arrived_on)
