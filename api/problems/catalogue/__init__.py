"""Every kind of problem this API answers, as data: status, titles and texts in two languages.

Sorted by what the caller can do: `callers` (show who they are, or let it be), `requests` (correct
the request), `forms` (open the page anew), `states` (read again and decide again), `mistakes`
(settle what was reported), `findings` (look at them again), `exports` (wait for the bag),
`bulk` (send the parts as announced), `faults` (wait, or tell who operates).

Source: RFC 9457; the table of problem types of the API reference. A kind is a promise: its suffix
and its code never change, its texts may.
"""

from api.problems.catalogue import (
    bulk,
    callers,
    exports,
    faults,
    findings,
    forms,
    mistakes,
    requests,
    states,
)
from api.problems.catalogue.bulk import (
    BULK_CLOSED,
    BULK_RUNS,
    CONTENT_DIFFERS,
    LINES_DIFFER,
    PART_DIFFERS,
    PARTS_MISSING,
)
from api.problems.catalogue.callers import (
    NOT_FOUND,
    SCOPE_MISSING,
    SEPARATION_OF_DUTIES,
    SOURCE_NOT_ALLOWED,
    SUBJECT_REQUIRED,
    UNAUTHENTICATED,
)
from api.problems.catalogue.exports import EXPORT_STATE, RANGE_NOT_SATISFIABLE
from api.problems.catalogue.faults import (
    CHECKPOINT_PENDING,
    EXPIRY_DISTURBED,
    FINDINGS_OUTDATED,
    INTERNAL_ERROR,
    ISSUER_UNAVAILABLE,
    LOG_DIFFERS,
    NAMES_OUTDATED,
    NOT_READY,
    PROJECTION_BEHIND,
    RENDERING_UNAVAILABLE,
    STORE_UNAVAILABLE,
    UNSTORABLE,
)
from api.problems.catalogue.findings import FINDINGS_DIFFER, NOTHING_TO_SETTLE
from api.problems.catalogue.forms import (
    FORM_SENT_OTHERWISE,
    FORM_UNREADABLE,
    FORM_UNSETTLED,
    UPLOAD_UNREADABLE,
)
from api.problems.catalogue.mistakes import (
    CASE_EXPIRING,
    MISTAKE_REPORTED,
    OWN_STOP_STANDS,
    REPLACEMENT_UNFIT,
)
from api.problems.catalogue.requests import (
    BAD_REQUEST,
    BATCH_TOO_LARGE,
    DUPLICATE_MEMBER,
    IDEMPOTENCY_KEY_MALFORMED,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    IF_MATCH_MALFORMED,
    ITEM_TOO_LARGE,
    LOG_EPOCH_CHANGED,
    MALFORMED_BODY,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    POSITION_BEYOND_HEAD,
    PRECONDITION_REQUIRED,
    SCHEMA_VIOLATION,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.problems.catalogue.states import (
    ALREADY_RETRACTED,
    ALREADY_STANDS,
    CASE_STATUS,
    CLOCK_AHEAD,
    DOES_NOT_STAND,
    DUPLICATE_MISMATCH,
    EXCLUSIONS_FULL,
    EXPIRED,
    IDEMPOTENCY_KEY_IN_PROGRESS,
    IDENTITY_NOT_PROVEN,
    JOURNAL_MISSING,
    MARK_DIFFERS,
    NOT_OPENED,
    NOT_PLANNED,
    NOTHING_TO_CHANGE,
    NOTHING_TO_SUPPLEMENT,
    PERSON_CHANGED,
    PRECONDITION_FAILED,
    PRINCIPAL_CAME_OF_AGE,
    RETENTION_BUSY,
    STALE_APPROVAL,
    STOP_STANDS,
    STREAM_MOVED,
    TOO_MANY_IDENTIFIERS,
    UNPRINTABLE,
)
from api.problems.kind import Kind

__all__ = [
    "ALREADY_RETRACTED",
    "ALREADY_STANDS",
    "BAD_REQUEST",
    "BATCH_TOO_LARGE",
    "BULK_CLOSED",
    "BULK_RUNS",
    "CASE_EXPIRING",
    "CASE_STATUS",
    "CHECKPOINT_PENDING",
    "CLOCK_AHEAD",
    "CONTENT_DIFFERS",
    "DOES_NOT_STAND",
    "DUPLICATE_MEMBER",
    "DUPLICATE_MISMATCH",
    "EXCLUSIONS_FULL",
    "EXPIRED",
    "EXPIRY_DISTURBED",
    "EXPORT_STATE",
    "FINDINGS_DIFFER",
    "FINDINGS_OUTDATED",
    "FORM_SENT_OTHERWISE",
    "FORM_UNREADABLE",
    "FORM_UNSETTLED",
    "IDEMPOTENCY_KEY_IN_PROGRESS",
    "IDEMPOTENCY_KEY_MALFORMED",
    "IDEMPOTENCY_KEY_MISSING",
    "IDEMPOTENCY_KEY_REUSED",
    "IDENTITY_NOT_PROVEN",
    "IF_MATCH_MALFORMED",
    "INTERNAL_ERROR",
    "ISSUER_UNAVAILABLE",
    "ITEM_TOO_LARGE",
    "JOURNAL_MISSING",
    "KINDS",
    "LINES_DIFFER",
    "LOG_DIFFERS",
    "LOG_EPOCH_CHANGED",
    "MALFORMED_BODY",
    "MARK_DIFFERS",
    "METHOD_NOT_ALLOWED",
    "MISTAKE_REPORTED",
    "NAMES_OUTDATED",
    "NOTHING_TO_CHANGE",
    "NOTHING_TO_SETTLE",
    "NOTHING_TO_SUPPLEMENT",
    "NOT_ACCEPTABLE",
    "NOT_FOUND",
    "NOT_OPENED",
    "NOT_PLANNED",
    "NOT_READY",
    "OWN_STOP_STANDS",
    "PARTS_MISSING",
    "PART_DIFFERS",
    "PERSON_CHANGED",
    "POSITION_BEYOND_HEAD",
    "PRECONDITION_FAILED",
    "PRECONDITION_REQUIRED",
    "PRINCIPAL_CAME_OF_AGE",
    "PROJECTION_BEHIND",
    "RANGE_NOT_SATISFIABLE",
    "RENDERING_UNAVAILABLE",
    "REPLACEMENT_UNFIT",
    "RETENTION_BUSY",
    "SCHEMA_VIOLATION",
    "SCOPE_MISSING",
    "SEPARATION_OF_DUTIES",
    "SOURCE_NOT_ALLOWED",
    "STALE_APPROVAL",
    "STOP_STANDS",
    "STORE_UNAVAILABLE",
    "STREAM_MOVED",
    "SUBJECT_REQUIRED",
    "TOO_MANY_IDENTIFIERS",
    "UNAUTHENTICATED",
    "UNPRINTABLE",
    "UNSTORABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "UPLOAD_UNREADABLE",
]

KINDS: dict[str, Kind] = {
    found.suffix: found
    for room in (callers, requests, forms, states, mistakes, findings, exports, bulk, faults)
    for found in vars(room).values()
    if isinstance(found, Kind)
}
"""All kinds by suffix."""
