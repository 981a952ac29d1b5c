"""Refusals become RFC 9457 answers: kinds (catalogue), statuses (refusals), answers, pages."""

from api.problems.answers import (
    MEDIA_TYPE,
    ProblemResponse,
    install,
    internal_error_response,
    language,
    language_of,
    problem,
    problem_of,
    refusal_response,
    respond,
)
from api.problems.catalogue import KINDS
from api.problems.documented import PROBLEM_REF, PROBLEM_SCHEMA, problems, routes
from api.problems.kind import Kind, Text
from api.problems.refusals import (
    ANSWERS,
    BatchTooLargeError,
    DuplicateMemberError,
    IssuerUnavailableError,
    MalformedBodyError,
    NotReadyError,
    NotUtf8Error,
    ScopeMissingError,
    SubjectRequiredError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
    kind_of,
)

__all__ = [
    "ANSWERS",
    "KINDS",
    "MEDIA_TYPE",
    "PROBLEM_REF",
    "PROBLEM_SCHEMA",
    "BatchTooLargeError",
    "DuplicateMemberError",
    "IssuerUnavailableError",
    "Kind",
    "MalformedBodyError",
    "NotReadyError",
    "NotUtf8Error",
    "ProblemResponse",
    "ScopeMissingError",
    "SubjectRequiredError",
    "Text",
    "UnauthenticatedError",
    "UnsupportedMediaTypeError",
    "install",
    "internal_error_response",
    "kind_of",
    "language",
    "language_of",
    "problem",
    "problem_of",
    "problems",
    "refusal_response",
    "respond",
    "routes",
]
