"""Which refusal is answered as which kind of problem, and with which of its data.

A refusal is a `LedgerError`; the doors' own are in `api.problems.refusals`. Statuses live here and
nowhere else.
"""

from api.problems import catalogue
from api.problems.kind import ProblemKind
from api.problems.refusals import (
    AsOfBeyondHeadError,
    AsOfEarlierEpochError,
    BatchTooLargeError,
    DuplicateMemberError,
    ExportStateError,
    FormSentOtherwiseError,
    FormUnreadableError,
    FormUnsettledError,
    IdempotencyKeyInProgressError,
    IdempotencyKeyMalformedError,
    IdempotencyKeyReusedError,
    IfMatchMalformedError,
    IfMatchMissingError,
    IssuerUnavailableError,
    JournalMissingError,
    MalformedBodyError,
    NotReadyError,
    NotUtf8Error,
    PartUnreadableError,
    PersonUnknownError,
    ProofRefusedError,
    RangeNotSatisfiableError,
    RenderingUnavailableError,
    RetentionBusyError,
    ScopeMissingError,
    SubjectRequiredError,
    TooBusyError,
    TooManyItemsError,
    UnauthenticatedError,
    UnprintableError,
    UnsupportedCodingError,
    UnsupportedMediaTypeError,
    UploadUnreadableError,
)
from ledger import errors
from ledger.cases import refusals as cases
from ledger.crypto.epoch import MasterMissingError
from ledger.errors import LedgerError
from ledger.exclusions.exclusion import ExclusionsFullError
from ledger.log.epoch import LogEpochChangedError
from ledger.notices.notice import UnlawfulChangesError
from ledger.transfers.bulk import errors as bulk
from ledger.transfers.settlement import FindingsDifferError, NothingToSettleError
from ledger.transfers.transfer import MarkDiffersError
from ledger.values import Json
from projections.finding_list import FindingsOutdatedError
from projections.log.errors import CheckpointPendingError, LogDiffersError

_EPOCH = ("position", "head", "epoch", "parted_after")

ANSWERS: dict[type[LedgerError], tuple[ProblemKind, tuple[str, ...]]] = {
    errors.MalformedError: (catalogue.SCHEMA_VIOLATION, ()),
    errors.ConflictingTransferError: (catalogue.DUPLICATE_MISMATCH, ("position",)),
    MarkDiffersError: (catalogue.MARK_DIFFERS, ("position",)),
    errors.SourceNotAllowedError: (catalogue.SOURCE_NOT_ALLOWED, ()),
    errors.NotFoundError: (catalogue.NOT_FOUND, ()),
    errors.ExpiredError: (catalogue.EXPIRED, ("position",)),
    errors.AlreadyRetractedError: (catalogue.ALREADY_RETRACTED, ()),
    errors.NothingToChangeError: (catalogue.NOTHING_TO_CHANGE, ()),
    NothingToSettleError: (catalogue.NOTHING_TO_SETTLE, ()),
    FindingsDifferError: (catalogue.FINDINGS_DIFFER, ()),
    errors.AlreadyStandsError: (catalogue.ALREADY_STANDS, ()),
    UnlawfulChangesError: (catalogue.UNLAWFUL_CHANGES, ("changes",)),
    errors.DoesNotStandError: (catalogue.DOES_NOT_STAND, ()),
    errors.TooManyIdentifiersError: (catalogue.TOO_MANY_IDENTIFIERS, ()),
    errors.StreamMovedError: (catalogue.STREAM_MOVED, ()),
    errors.PositionBeyondHeadError: (catalogue.POSITION_BEYOND_HEAD, ("position", "head")),
    AsOfBeyondHeadError: (catalogue.POSITION_BEYOND_HEAD, ("position", "head")),
    LogEpochChangedError: (catalogue.LOG_EPOCH_CHANGED, _EPOCH),
    AsOfEarlierEpochError: (catalogue.LOG_EPOCH_CHANGED, _EPOCH),
    errors.ProjectionBehindError: (catalogue.PROJECTION_BEHIND, ("position", "reached")),
    errors.NamesOutdatedError: (catalogue.NAMES_OUTDATED, ()),
    FindingsOutdatedError: (catalogue.FINDINGS_OUTDATED, ()),
    CheckpointPendingError: (catalogue.CHECKPOINT_PENDING, ()),
    LogDiffersError: (catalogue.LOG_DIFFERS, ()),
    errors.StoreUnavailableError: (catalogue.STORE_UNAVAILABLE, ()),
    errors.MastersUnavailableError: (catalogue.STORE_UNAVAILABLE, ()),
    MasterMissingError: (catalogue.STORE_UNAVAILABLE, ()),
    errors.KeyGoneError: (catalogue.STORE_UNAVAILABLE, ()),
    errors.UnstorableError: (catalogue.UNSTORABLE, ()),
    errors.TooLargeError: (catalogue.ITEM_TOO_LARGE, ()),
    errors.ExpiryDisturbedError: (catalogue.EXPIRY_DISTURBED, ()),
    errors.ClockAheadError: (catalogue.CLOCK_AHEAD, ("days",)),
    errors.NotPlannedError: (catalogue.NOT_PLANNED, ("count",)),
    ExclusionsFullError: (catalogue.EXCLUSIONS_FULL, ("bytes_max",)),
    errors.SeparationOfDutiesError: (catalogue.SEPARATION_OF_DUTIES, ()),
    cases.StaleVersionError: (catalogue.PRECONDITION_FAILED, ()),
    cases.CaseStatusError: (catalogue.CASE_STATUS, ("case_status", "step", "open")),
    cases.IdentityNotProvenError: (catalogue.IDENTITY_NOT_PROVEN, ("outcome", "reasons", "open")),
    cases.StaleApprovalError: (catalogue.STALE_APPROVAL, ()),
    cases.NotOpenedError: (catalogue.NOT_OPENED, ("fetch",)),
    cases.NothingToSupplementError: (catalogue.NOTHING_TO_SUPPLEMENT, ()),
    cases.StopStandsError: (catalogue.STOP_STANDS, ()),
    cases.PersonChangedError: (catalogue.PERSON_CHANGED, ()),
    cases.MistakeReportedError: (catalogue.MISTAKE_REPORTED, ()),
    cases.CaseExpiringError: (catalogue.CASE_EXPIRING, ()),
    cases.ReplacementError: (catalogue.REPLACEMENT_UNFIT, ("reasons",)),
    cases.OwnStopStandsError: (catalogue.OWN_STOP_STANDS, ()),
    cases.CameOfAgeError: (catalogue.PRINCIPAL_CAME_OF_AGE, ()),
    ExportStateError: (catalogue.EXPORT_STATE, ("state",)),
    bulk.BulkClosedError: (catalogue.BULK_CLOSED, ("bulk_state",)),
    bulk.BulkRunsError: (catalogue.BULK_RUNS, ()),
    bulk.TooManyUploadsError: (catalogue.TOO_MANY_UPLOADS, ("uploads", "count")),
    bulk.PartsMissingError: (catalogue.PARTS_MISSING, ("missing", "count")),
    bulk.LinesDifferError: (catalogue.LINES_DIFFER, ("announced", "found")),
    bulk.ContentDiffersError: (catalogue.CONTENT_DIFFERS, ()),
    bulk.PartDiffersError: (catalogue.PART_DIFFERS, ()),
    PartUnreadableError: (catalogue.PART_UNREADABLE, ("reason",)),
    RangeNotSatisfiableError: (catalogue.RANGE_NOT_SATISFIABLE, ("bytes",)),
    RetentionBusyError: (catalogue.RETENTION_BUSY, ()),
    JournalMissingError: (catalogue.JOURNAL_MISSING, ()),
    RenderingUnavailableError: (catalogue.RENDERING_UNAVAILABLE, ()),
    TooBusyError: (catalogue.TOO_BUSY, ()),
    UnprintableError: (catalogue.UNPRINTABLE, ("count",)),
    UnauthenticatedError: (catalogue.UNAUTHENTICATED, ()),
    ProofRefusedError: (catalogue.PROOF_REFUSED, ("check",)),
    PersonUnknownError: (catalogue.PERSON_UNKNOWN, ()),
    ScopeMissingError: (catalogue.SCOPE_MISSING, ("scopes",)),
    SubjectRequiredError: (catalogue.SUBJECT_REQUIRED, ("parameter",)),
    NotUtf8Error: (catalogue.MALFORMED_BODY, ("byte",)),
    MalformedBodyError: (catalogue.MALFORMED_BODY, ("byte",)),
    UploadUnreadableError: (catalogue.UPLOAD_UNREADABLE, ()),
    FormUnreadableError: (catalogue.FORM_UNREADABLE, ()),
    DuplicateMemberError: (catalogue.DUPLICATE_MEMBER, ()),
    BatchTooLargeError: (catalogue.BATCH_TOO_LARGE, ("bytes_max", "items_max")),
    TooManyItemsError: (catalogue.BATCH_TOO_LARGE, ("bytes_max", "items_max")),
    UnsupportedMediaTypeError: (catalogue.UNSUPPORTED_MEDIA_TYPE, ()),
    UnsupportedCodingError: (catalogue.UNSUPPORTED_CODING, ()),
    IssuerUnavailableError: (catalogue.ISSUER_UNAVAILABLE, ()),
    NotReadyError: (catalogue.NOT_READY, ("failing",)),
    IdempotencyKeyMalformedError: (catalogue.IDEMPOTENCY_KEY_MALFORMED, ()),
    FormSentOtherwiseError: (catalogue.FORM_SENT_OTHERWISE, ()),
    IdempotencyKeyReusedError: (catalogue.IDEMPOTENCY_KEY_REUSED, ()),
    FormUnsettledError: (catalogue.FORM_UNSETTLED, ()),
    IdempotencyKeyInProgressError: (catalogue.IDEMPOTENCY_KEY_IN_PROGRESS, ()),
    IfMatchMissingError: (catalogue.PRECONDITION_REQUIRED, ()),
    IfMatchMalformedError: (catalogue.IF_MATCH_MALFORMED, ()),
}
"""The kind of each refusal and the attributes that its answer carries. A test walks the tree."""

POINTERS: dict[type[LedgerError], str] = {
    MalformedBodyError: "",
    DuplicateMemberError: "",
    TooManyItemsError: "/items",
    BatchTooLargeError: "",
    errors.SourceNotAllowedError: "/source",
    AsOfBeyondHeadError: "/as_of",
    errors.PositionBeyondHeadError: "/after",
}
"""The place in the input that these refusals speak of; `MalformedError` brings its own."""


def pointer_of(error: LedgerError) -> str | None:
    """JSON Pointer to what `error` refuses, None when it speaks of no place."""
    return next((place for base, place in POINTERS.items() if isinstance(error, base)), None)


def kind_of(error: LedgerError) -> tuple[ProblemKind, dict[str, Json]]:
    """The kind of `error` and the members that its answer carries.

    A class that is missing here counts as its nearest base, at last as a fault of ours.
    """
    for base in type(error).__mro__:
        if issubclass(base, LedgerError) and base in ANSWERS:
            kind, names = ANSWERS[base]
            return kind, {name: getattr(error, name) for name in names}
    return catalogue.INTERNAL_ERROR, {}
