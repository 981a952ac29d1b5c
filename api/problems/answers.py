"""A refusal becomes an `application/problem+json` answer (RFC 9457)."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.problems.kind import DEFECTS_JA, SECONDS_TO_RETRY, ProblemKind, Text
from api.problems.kinds import KINDS, kind_of
from api.problems.refusals import (
    PROOF_ALGORITHMS,
    IdempotencyKeyInProgressError,
    ProofRefusedError,
    Scheme,
    ScopeMissingError,
    UnauthenticatedError,
    UnsupportedCodingError,
)
from ledger.errors import DEFECTS_MAX, Defect, LedgerError
from ledger.policies.my_number import MY_NUMBER_SHOWN
from ledger.values import Json

_log: Final = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

REQUEST_ID = "ledger.request_id"
"""Where the connection's scope holds the request id, a UUID made by us."""

INCIDENT_PAGE = "ledger.incident_page"
"""Where the connection's scope holds what answers an unexpected error to people, as a function of
the request; without it the answer is a problem."""

_QUOTING: Final = {
    "uuid_parsing": "give a UUID",
    "union_tag_invalid": "give one of the values that the contract names",
    "union_tag_not_found": "state which kind it is",
    "extra_forbidden": "the contract does not know this member",
}
"""Details of kinds of validation errors whose own words quote the input or say too little."""

# The validator puts it before the words of a rule of ours.
_VALIDATORS_OWN: Final = "Value error, "

_FIELD_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")

BY_STATUS = {
    KINDS[suffix].status: KINDS[suffix]
    for suffix in (
        "bad-request",
        "unauthenticated",
        "not-found",
        "method-not-allowed",
        "not-acceptable",
        "precondition-failed",
        "unsupported-media-type",
        "precondition-required",
    )
}
"""Kinds of the errors that the framework raises by status."""


def language(accept_language: str | None) -> str:
    """`ja` if the header prefers Japanese to English, else `en` (RFC 9110, section 12.5.4)."""
    if not accept_language:
        return "en"
    weights = {"ja": 0.0, "en": 0.0}
    for choice in accept_language.lower().split(","):
        tag, _, parameter = choice.strip().partition(";")
        primary = tag.strip().partition("-")[0]
        if primary in weights:
            weights[primary] = max(weights[primary], _weight(parameter))
    return "ja" if weights["ja"] > weights["en"] else "en"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def problem(
    kind: ProblemKind,
    members: Mapping[str, Json],
    language: str,
    *,
    code: str | None = None,
    defects: Iterable[Defect] = (),
) -> dict[str, Json]:
    """The members of one problem, in `language`.

    Args:
        kind: what happened.
        members: data of this occurrence; they fill the detail and stand in the answer.
        language: `en` or `ja`.
        code: a finer code than the kind's.
        defects: what is wrong where; they become `errors`.
    """
    texts = {
        name: "" if value is None else str(value)
        for name, value in members.items()
        if not isinstance(value, list | dict)
    }
    answer: dict[str, Json] = {
        "type": kind.type,
        "title": kind.title.in_language(language),
        "status": kind.status,
        "detail": kind.detail.in_language(language).format_map(texts),
        "code": code or kind.code,
        "retryable": kind.retryable,
        **members,
    }
    if errors := [_defect(defect, language) for defect in defects]:
        answer["errors"] = errors
    return answer


def _defect(defect: Defect, language: str) -> Json:
    detail = Text(defect.detail, DEFECTS_JA.get(defect.code, defect.detail))
    return {
        "pointer": defect.pointer,
        "code": defect.code,
        "detail": detail.in_language(language),
    }


def problem_of(error: LedgerError, language: str) -> dict[str, Json]:
    """The members of the problem that answers `error`; also for one item of a batch."""
    kind, members = kind_of(error)
    answer = problem(kind, members, language, code=error.code, defects=error.defects)
    if error.pointer is not None:
        answer["errors"] = [
            {"pointer": error.pointer, "code": error.code, "detail": answer["detail"]},
        ]
    return answer


class ProblemResponse(Response):
    """One problem as an HTTP answer."""

    media_type = MEDIA_TYPE

    def __init__(
        self, answer: Mapping[str, Json], language: str, headers: Mapping[str, str] | None = None
    ) -> None:
        status = cast("int", answer["status"])
        more = {"Content-Language": language, "Vary": "Accept-Language", **(headers or {})}
        if answer["retryable"] and status == KINDS["store-unavailable"].status:
            more["Retry-After"] = str(SECONDS_TO_RETRY)
        super().__init__(orjson.dumps(answer), status_code=status, headers=more)


def respond(
    request: Request, answer: dict[str, Json], headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    """Answer `request`; the request id becomes the `instance`."""
    request_id = cast("str | None", request.scope.get(REQUEST_ID))
    if request_id is not None:
        answer["instance"] = f"urn:uuid:{request_id}"
    return ProblemResponse(answer, language_of(request), headers)


def language_of(request: Request) -> str:
    """The language in which to answer `request`."""
    # By hand: the framework's headers are searched with an exception when there is none.
    for name, value in request.scope["headers"]:
        if name == b"accept-language":
            return language(value.decode("latin-1"))
    return "en"


def refusal_response(request: Request, error: LedgerError) -> ProblemResponse:
    """The answer to a refusal, with the headers that its status demands."""
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = _challenge(error.scheme, _reason(error))
    if isinstance(error, ScopeMissingError):
        reason = f', error="insufficient_scope", scope="{error.scopes}"'
        headers["WWW-Authenticate"] = _challenge(error.scheme, reason)
    if isinstance(error, UnsupportedCodingError):
        headers["Accept-Encoding"] = ", ".join(error.codings)  # RFC 9110, section 15.5.16
    if isinstance(error, IdempotencyKeyInProgressError):
        headers["Retry-After"] = str(SECONDS_TO_RETRY)
    return respond(request, problem_of(error, language_of(request)), headers)


def _reason(error: UnauthenticatedError) -> str:
    # RFC 6750, section 3: no error code for a caller who sent nothing.
    if not error.presented:
        return ""
    # RFC 9449, section 7: a proof that is not right, or a credential that came another way.
    if not isinstance(error, ProofRefusedError) or error.check == "scheme":
        return ', error="invalid_token"'
    return f', error="invalid_dpop_proof", error_description="{error.check}"'


def _challenge(scheme: Scheme, reason: str) -> str:
    """What the caller is to show. Source: RFC 6750, section 3; RFC 9449, section 7.1."""
    algorithms = f', algs="{" ".join(PROOF_ALGORITHMS)}"' if scheme == "DPoP" else ""
    return f'{scheme} realm="ledger"{reason}{algorithms}'


def internal_error_response(request: Request) -> ProblemResponse:
    """The answer to an unexpected error: nothing of it but the request id."""
    return respond(request, problem(KINDS["internal-error"], {}, language_of(request)))


def refused(request: Request, error: Exception) -> Response:
    """The answer to a refusal; one that is a fault of ours is logged too."""
    assert isinstance(error, LedgerError)
    response = refusal_response(request, error)
    if response.status_code == KINDS["internal-error"].status:
        _log.error("refused by a fault of ours", extra={"code": error.code})
    return response


def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses. Its message is not repeated: it may quote the request."""
    assert isinstance(error, HTTPException)
    kind = BY_STATUS.get(error.status_code)
    if kind is None:
        text = ("Refused", "拒否されました")
        kind = ProblemKind(error.status_code, "refused", *text, *text)
    return respond(request, problem(kind, {}, language_of(request)), error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    """What a parameter or body model refuses: places and rules, never the value."""
    assert isinstance(error, RequestValidationError)
    spoken = language_of(request)
    found = cast("list[dict[str, object]]", error.errors())
    first = cast("tuple[str | int, ...]", found[0]["loc"])
    if found[0]["type"] == "json_invalid":
        byte = first[1] if len(first) > 1 and isinstance(first[1], int) else 0
        answer = problem(KINDS["malformed-body"], {"byte": byte}, spoken, code="NOT_JSON")
        return respond(request, answer)
    defects = tuple(_validation_defect(one, error.body) for one in found[:DEFECTS_MAX])
    return respond(request, problem(KINDS["schema-violation"], {}, spoken, defects=defects))


def _validation_defect(found: Mapping[str, object], body: object) -> Defect:
    place = cast("tuple[str | int, ...]", found["loc"])
    # A body is pointed into from its root; a parameter is named after where it stands.
    steps = _steps_into(body, place[1:]) if place[0] == "body" else place
    # What the validator says of these kinds quotes the input; the others' words are the rule's.
    kind = str(found["type"])
    detail = _QUOTING.get(kind) or str(found["msg"]).removeprefix(_VALIDATORS_OWN)
    code = kind if kind == MY_NUMBER_SHOWN else "SCHEMA"
    return Defect("".join(f"/{step}" for step in steps), code, detail)


def _steps_into(body: object, place: Sequence[str | int]) -> list[str | int]:
    """The place without names of alternatives, which are no members, and without typed-in names.

    An unknown member's name may be somebody's name put into the wrong place: the pointer then ends
    above it.
    """
    steps: list[str | int] = []
    inner = body
    for n, step in enumerate(place):
        if isinstance(inner, dict):
            members = cast("dict[str | int, object]", inner)
            if step not in members and n + 1 < len(place):
                continue
            inner = members.get(step)
        elif isinstance(inner, list) and isinstance(step, int):
            elements = cast("list[object]", inner)
            inner = elements[step] if step < len(elements) else None
        if isinstance(step, str) and not _FIELD_NAME.fullmatch(step):
            break
        steps.append(step)
    return steps


def install(app: FastAPI) -> None:
    """Answer every refusal of `app` as a problem.

    Unexpected errors are not handled here but by the outermost middleware: the framework's
    own handler raises them again, and the server would print their message.
    """
    app.add_exception_handler(LedgerError, refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
