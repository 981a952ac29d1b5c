"""Refusals of what is sent or fetched in pieces: bulk transfers, uploads, exports."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.problems import refusals as problems
from api.problems.answers import language, problem_of
from api.problems.kinds import KINDS, kind_of
from ledger import errors
from ledger.cases import refusals as cases
from ledger.crypto.epoch import MasterMissingError
from ledger.errors import Defect, LedgerError
from ledger.exclusions.exclusion import ExclusionsFullError
from ledger.log.epoch import LogEpochChangedError
from ledger.notices.notice import UnlawfulChangesError
from ledger.policies.notice_changes import JudgedChange
from ledger.transfers.bulk import errors as bulk
from ledger.transfers.settlement import FindingsDifferError, NothingToSettleError
from ledger.transfers.transfer import MarkDiffersError
from projections.finding_list import FindingsOutdatedError
from projections.log.errors import CheckpointPendingError, LogDiffersError
from tests.api.door import no_database, probe_app, whole_app
from tests.matrix import every

PIECEWISE: Final[tuple[LedgerError, ...]] = (
    problems.UploadUnreadableError(),
    problems.ExportStateError("making"),
    problems.RangeNotSatisfiableError(7),
    bulk.BulkClosedError("committing"),
    bulk.BulkRunsError(),
    bulk.TooManyUploadsError([UUID(int=7)]),
    problems.PartUnreadableError("truncated"),
    problems.UnsupportedCodingError(("gzip",)),
    bulk.PartsMissingError([2, 3]),
    bulk.LinesDifferError(3, 2),
    bulk.ContentDiffersError(),
    bulk.PartDiffersError(),
)
DEFECT = Defect("/principals/0/id", "SCHEMA", "at least one character")
EVERY_REFUSAL = [
    errors.MalformedError((DEFECT,)),
    errors.ConflictingTransferError(7),
    MarkDiffersError(7),
    errors.ExpiredError(7),
    errors.StreamMovedError(UUID(int=7)),
    errors.TooManyIdentifiersError(),
    errors.PositionBeyondHeadError(8, 7),
    LogEpochChangedError(8, 7, 2, 5),
    problems.AsOfEarlierEpochError(8, 7, 2, None),
    CheckpointPendingError(),
    LogDiffersError(),
    problems.AsOfBeyondHeadError(8, 7),
    errors.ProjectionBehindError(8, 7),
    errors.NamesOutdatedError(),
    FindingsOutdatedError(),
    FindingsDifferError(),
    NothingToSettleError(),
    problems.UnauthenticatedError(presented=True),
    problems.ScopeMissingError(("events:write",)),
    problems.ProofRefusedError("replay"),
    problems.PersonUnknownError(),
    problems.SubjectRequiredError("case"),
    problems.MalformedBodyError(7),
    problems.NotUtf8Error(7),
    problems.FormUnreadableError(),
    problems.DuplicateMemberError(),
    problems.BatchTooLargeError(5_000_000, 1_000),
    problems.TooManyItemsError(5_000_000, 1_000),
    problems.NotReadyError(("database",)),
    problems.UnsupportedMediaTypeError(),
    problems.IssuerUnavailableError(),
    errors.SourceNotAllowedError(),
    errors.NotFoundError(),
    errors.AlreadyRetractedError(),
    errors.NothingToChangeError(),
    errors.AlreadyActiveError(),
    errors.DoesNotStandError(),
    UnlawfulChangesError((JudgedChange("add_item", "/version/items/1", "JU_CHANGE_NOT_ALLOWED"),)),
    errors.StoreUnavailableError(),
    errors.MastersUnavailableError("the epoch masters cannot be reached"),
    MasterMissingError("2026-W48"),
    errors.TooLargeError(),
    errors.SeparationOfDutiesError(),
    errors.KeyDestroyedError(b"k" * 32),
    errors.UnstorableError("23514", "a_constraint"),
    problems.RetentionBusyError(),
    *PIECEWISE,
    problems.JournalMissingError(),
    problems.IdempotencyKeyMalformedError(),
    problems.IdempotencyKeyReusedError(),
    problems.FormSentOtherwiseError(),
    problems.IdempotencyKeyInProgressError(),
    problems.FormUnsettledError(),
    problems.IfMatchMissingError(),
    problems.IfMatchMalformedError(),
    problems.UnprintableError(2),
    problems.RenderingUnavailableError(),
    problems.TooBusyError(),
    errors.ExpiryDisturbedError(7),
    ExclusionsFullError(8_192),
    errors.ClockAheadError(datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)),
    errors.NotPlannedError((bytes(32),)),
    cases.StaleVersionError(),
    cases.CaseStatusError("review", "approve"),
    cases.IdentityNotProvenError("correction_requested", ("MY_NUMBER_SHOWN",), ()),
    cases.StaleApprovalError(),
    cases.NotOpenedError(("/v1/cases/00000000-0000-4000-8000-000000000001/preview.pdf",)),
    cases.NothingToSupplementError(),
    cases.StopActiveError(),
    cases.StopLiftedError(),
    cases.PersonChangedError(),
    cases.MistakeReportedError(),
    cases.CaseExpiringError(),
    cases.ReplacementError(("ended",)),
    cases.OwnStopActiveError(),
    cases.CameOfAgeError(),
]


def refusals(base: type[LedgerError] = LedgerError) -> Iterator[type[LedgerError]]:
    for found in base.__subclasses__():
        yield found
        yield from refusals(found)


def ours() -> set[type[LedgerError]]:
    rooms = ("ledger", "projections", "api")
    return {found for found in refusals() if found.__module__.partition(".")[0] in rooms}


def test_every_refusal_has_a_status() -> None:
    codes = {code for one in KINDS.values() for code in (one.code, *one.finer_codes)}
    assert {error.code for error in ours()} <= codes


def test_every_refusal_is_answered_below() -> None:
    assert {type(error) for error in EVERY_REFUSAL} == ours()


@every("error", EVERY_REFUSAL, called=lambda error: type(error).__name__)
@every("spoken", ["en", "ja"])
def test_a_refusal_is_told_in_both_languages(error: LedgerError, spoken: str) -> None:
    answer = problem_of(error, spoken)
    kind, _ = kind_of(error)
    assert answer["type"] == f"/problems/{kind.suffix}"
    assert answer["status"] == kind.status
    assert answer["code"] == error.code
    assert answer["title"] == kind.title.in_language(spoken)
    assert "{" not in str(answer["detail"])
    assert json.loads(json.dumps(answer)) == answer
    assert str(answer["title"]).isascii() == (spoken == "en")


def test_a_fault_of_ours_does_not_tell_the_clients_how_the_database_looks() -> None:
    answer = problem_of(errors.UnstorableError("23514", "a_constraint"), "en")
    assert "a_constraint" not in str(answer)
    assert answer["retryable"] is False


def test_defects_keep_their_code_and_change_their_language() -> None:
    error = errors.MalformedError((DEFECT, Defect("/x", "BRAND_NEW", "told in English only")))
    told = problem_of(error, "ja")["errors"]
    assert told == [
        {
            "pointer": DEFECT.pointer,
            "code": "SCHEMA",
            "detail": "項目の形式が契約（スキーマ）に合いません。",
        },
        {"pointer": "/x", "code": "BRAND_NEW", "detail": "told in English only"},
    ]


@every(
    "header, spoken",
    [
        (None, "en"),
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en-US;q=0.8", "ja"),
        ("en,ja;q=0.9", "en"),
        ("ja;q=0.2, en;q=0.1", "ja"),
        ("ja;q=0", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("ja;q=nonsense", "en"),
        ("JA", "ja"),
    ],
)
def test_the_language_follows_the_header(header: str | None, spoken: str) -> None:
    assert language(header) == spoken


@given(st.text(max_size=40))
def test_any_language_header_is_survived(header: str) -> None:
    assert language(header) in ("en", "ja")


def test_a_refusal_leaves_the_door_as_a_problem_with_its_headers() -> None:
    app = probe_app(no_database, trouble=errors.StoreUnavailableError)
    answer = TestClient(app).get("/trouble/x", headers={"Accept-Language": "ja"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "ja"
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["retryable"] is True
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


@every(
    "method, path, status, suffix",
    [
        ("GET", "/nowhere/吉田", 404, "not-found"),
        ("PUT", "/whoami", 405, "method-not-allowed"),
        ("POST", "/validated", 422, "schema-violation"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    method: str, path: str, status: int, suffix: str
) -> None:
    answer = TestClient(probe_app(no_database)).request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{suffix}"
    assert "吉田" not in answer.text
    if status == 405:
        assert answer.headers["allow"] == "GET"


def test_a_validation_error_points_and_repeats_no_value() -> None:
    client = TestClient(probe_app(no_database))
    sent = {"count": "吉田", "more_than": 1, "吉田": 1}
    answer = client.post("/validated?limit=99", json=sent)
    assert answer.status_code == 422
    # What does not look like a field's name may be a person's: the pointer ends above it.
    assert [one["pointer"] for one in answer.json()["errors"]] == [
        "/query/limit",
        "/count",
        "/more_than",
        "",
    ]
    assert "吉田" not in answer.text
    assert "99" not in answer.text.replace(answer.headers["x-request-id"], "")


@every("suffix", sorted(KINDS))
def test_every_problem_type_has_a_page(suffix: str) -> None:
    client = TestClient(whole_app(no_database))
    english = client.get(f"/problems/{suffix}")
    assert english.json()["status"] == KINDS[suffix].status
    page = client.get(
        f"/problems/{suffix}", headers={"Accept": "text/html", "Accept-Language": "ja"}
    )
    assert page.headers["content-type"].startswith("text/html")
    assert KINDS[suffix].title.ja in page.text


def test_an_unknown_problem_type_is_not_found() -> None:
    answer = TestClient(whole_app(no_database)).get("/problems/toothache")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
