"""Refusals become RFC 9457 answers: kinds (catalogue), statuses (meaning), answers, pages."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from api.problems.catalogue import KINDS
from api.problems.error_kinds import ANSWERS, kind_of
from api.problems.kind import ProblemKind, Text
from api.problems.refusals import (
    PROOF_ALGORITHMS,
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
    ProofCheck,
    ProofRefusedError,
    RangeNotSatisfiableError,
    RenderingUnavailableError,
    RetentionBusyError,
    Scheme,
    ScopeMissingError,
    SubjectRequiredError,
    TooBusyError,
    TooManyItemsError,
    UnauthenticatedError,
    UnprintableError,
    UnsupportedCodingError,
    UnsupportedMediaTypeError,
    UploadUnreadableError,
    as_of_beyond,
)

if TYPE_CHECKING:
    from api.problems.answers import (
        INCIDENT_PAGE,
        MEDIA_TYPE,
        ProblemResponse,
        install,
        internal_error_response,
        language,
        language_of,
        problem,
        problem_of,
        refusal_response,
        refused,
        respond,
    )
    from api.problems.documentation import PROBLEM_REF, PROBLEM_SCHEMA, problems, routes

_ANSWERS: Final = "api.problems.answers"
_DOCUMENTED: Final = "api.problems.documentation"
_OF_THE_DOORS: Final = {
    **dict.fromkeys(
        (
            "INCIDENT_PAGE",
            "MEDIA_TYPE",
            "ProblemResponse",
            "install",
            "internal_error_response",
            "language",
            "language_of",
            "problem",
            "problem_of",
            "refusal_response",
            "refused",
            "respond",
        ),
        _ANSWERS,
    ),
    **dict.fromkeys(("PROBLEM_REF", "PROBLEM_SCHEMA", "problems", "routes"), _DOCUMENTED),
}
"""Name → its module, which loads the framework of the doors: most processes have none."""

__all__ = [
    "ANSWERS",
    "INCIDENT_PAGE",
    "KINDS",
    "MEDIA_TYPE",
    "PROBLEM_REF",
    "PROBLEM_SCHEMA",
    "PROOF_ALGORITHMS",
    "AsOfBeyondHeadError",
    "AsOfEarlierEpochError",
    "BatchTooLargeError",
    "DuplicateMemberError",
    "ExportStateError",
    "FormSentOtherwiseError",
    "FormUnreadableError",
    "FormUnsettledError",
    "IdempotencyKeyInProgressError",
    "IdempotencyKeyMalformedError",
    "IdempotencyKeyReusedError",
    "IfMatchMalformedError",
    "IfMatchMissingError",
    "IssuerUnavailableError",
    "JournalMissingError",
    "MalformedBodyError",
    "NotReadyError",
    "NotUtf8Error",
    "PartUnreadableError",
    "PersonUnknownError",
    "ProblemKind",
    "ProblemResponse",
    "ProofCheck",
    "ProofRefusedError",
    "RangeNotSatisfiableError",
    "RenderingUnavailableError",
    "RetentionBusyError",
    "Scheme",
    "ScopeMissingError",
    "SubjectRequiredError",
    "Text",
    "TooBusyError",
    "TooManyItemsError",
    "UnauthenticatedError",
    "UnprintableError",
    "UnsupportedCodingError",
    "UnsupportedMediaTypeError",
    "UploadUnreadableError",
    "as_of_beyond",
    "install",
    "internal_error_response",
    "kind_of",
    "language",
    "language_of",
    "problem",
    "problem_of",
    "problems",
    "refusal_response",
    "refused",
    "respond",
    "routes",
]


def __getattr__(name: str) -> object:
    """What is of the doors, imported when somebody asks for it (PEP 562)."""
    if name not in _OF_THE_DOORS:
        raise AttributeError(f"{__name__} has no {name}")
    return getattr(import_module(_OF_THE_DOORS[name]), name)
