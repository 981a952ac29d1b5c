import ast
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.auth import make
from api.observability.logs import FIELDS, safe
from ledger.clock import now
from ledger.errors import CorruptRecordError
from tests.api.door import actor_of, no_database, probe_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database
from tests.matrix import every

ROOT = Path(__file__).parents[2]
CANARY = "吉田 花子 090-0000-0000"
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(written: io.StringIO) -> Lines:
    """The lines that were written so far."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def failing() -> Exception:
    return ValueError(f"cannot handle {CANARY}")


def test_a_request_is_one_line_without_its_path_query_or_body(lines: Lines) -> None:
    client = TestClient(probe_app(no_database, trouble=failing))
    client.post(f"/validated?name={CANARY}", json={"count": 1, "name": CANARY})
    client.get(f"/nowhere/{CANARY}")
    client.request("吉田".encode().hex(), "/whoami")
    told = lines()
    assert [(line["message"], line["route"], line["method"], line["status"]) for line in told] == [
        ("request", "/validated", "POST", 422),
        ("request", "(none)", "GET", 404),
        ("request", "/whoami", "OTHER", 405),
    ]
    assert all(isinstance(line["duration_ms"], float) for line in told)
    assert len({line["request_id"] for line in told}) == 3


def test_a_line_tells_when_and_who_also_of_what_was_refused(
    lines: Lines, shared_database: Database
) -> None:
    key, credential = make("auditor", frozenset({"audit:read"}), None, at=now(), days=1)
    owner(shared_database).add(key)
    client = TestClient(probe_app(writer(shared_database)))
    client.get("/whoami", headers=bearer(credential))
    client.post("/send", json={}, headers=bearer(credential))
    client.get("/whoami", headers=bearer(credential[:-1] + "x"))
    told = lines()
    actor = actor_of(f"key\n{key.id}")
    assert [(line["status"], line["actor"]) for line in told] == [
        (200, actor),
        (403, actor),
        (401, None),
    ]
    for line in told:
        assert datetime.fromisoformat(str(line["at"])).utcoffset() == timedelta(0)
    assert credential.rpartition("_")[2] not in str(told)


@pytest.mark.parametrize(
    "error",
    [failing, lambda: CorruptRecordError(f"the bytes of {CANARY}", 7)],
    ids=["unexpected", "broken world"],
)
def test_an_unexpected_error_is_an_incident_without_its_message(
    lines: Lines, error: Callable[[], Exception]
) -> None:
    client = TestClient(probe_app(no_database, trouble=error))
    answer = client.get(f"/trouble/{CANARY}")
    assert answer.status_code == 500
    assert answer.json()["code"] == "INTERNAL_ERROR"
    assert answer.headers["x-content-type-options"] == "nosniff"
    incident, request = lines()
    assert incident["error"] == type(error()).__name__
    assert incident["incident"] == answer.headers["x-request-id"] == request["request_id"]
    assert request["route"] == "/trouble/{place}"
    assert "door.py" in str(incident["frames"])
    for text in (answer.text, str(incident), str(request)):
        assert "吉田" not in text
        assert "090-0000" not in text


def test_every_answer_carries_the_headers_of_an_api() -> None:
    client = TestClient(probe_app(no_database))
    for path in ("/whoami", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"][14] == "4"


def test_the_client_does_not_choose_the_request_id() -> None:
    answer = TestClient(probe_app(no_database)).get("/whoami", headers={"X-Request-ID": "mine"})
    assert answer.headers["x-request-id"] != "mine"


def test_only_allowed_fields_and_code_like_values_are_logged(lines: Lines) -> None:
    log = logging.getLogger("ledger.anything")
    log.warning("kept", extra={"count": 3, "name_of_person": CANARY, "code": CANARY, "check": "db"})
    (line,) = lines()
    assert line["count"] == 3
    assert line["check"] == "db"
    assert line["code"] == "…"
    assert "name_of_person" not in line
    assert line.keys() <= FIELDS | {"at", "level", "logger", "message"}


def test_every_field_that_a_program_states_is_an_allowed_one() -> None:
    stated: set[str] = set()
    for path in (*(ROOT / "api").rglob("*.py"), *(ROOT / "ledger").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("info", "warning", "error", "critical", "exception"):
                continue
            for extra in (one.value for one in node.keywords if one.arg == "extra"):
                assert isinstance(extra, ast.Dict), (
                    f"{path}: state the fields where they are logged"
                )
                stated |= {str(ast.literal_eval(key)) for key in extra.keys if key is not None}
    assert {"keys", "needed", "incident"} <= stated <= FIELDS


def test_arguments_of_our_own_messages_are_shown_only_when_they_are_codes(lines: Lines) -> None:
    log = logging.getLogger("projections.follower")
    log.warning("%s is %d behind, 100%% of %r, not %s", "entries", 7, CANARY, object())
    assert lines()[0]["message"] == "entries is 7 behind, 100% of …, not …"


def test_messages_of_other_libraries_are_not_repeated(lines: Lines) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s", CANARY)
    logging.getLogger("another_package").warning(f"error connecting: {CANARY}")  # noqa: G004 -- what a library might do
    server = logging.getLogger("uvicorn.error")
    server.info("Uvicorn running on %s:%d", CANARY, 8000)
    server.info("Started server process [%d]", 4711)
    server.info("Nobody listens on %s", "a-code")
    told = lines()
    assert [line["logger"] for line in told] == [
        "asyncio",
        "another_package",
        *["uvicorn.error"] * 3,
    ]
    assert told[0]["message"] == "(at test_observability:" + str(told[0]["message"]).split(":")[1]
    assert [line["message"] for line in told[2:]] == [
        "Uvicorn running on …:8000",
        "Started server process [4711]",
        "Nobody listens on …",
    ]
    assert "吉田" not in str(told)


def test_warnings_and_uncaught_errors_are_told_by_type(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.warn(CANARY, stacklevel=1)
    try:
        raise failing()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)

    def in_thread() -> None:
        raise failing()

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    told = lines()
    assert [line["logger"] for line in told] == ["py.warnings", *["api.observability.logs"] * 2]
    assert [line.get("error") for line in told] == [None, "ValueError", "ValueError"]
    assert "吉田" not in str(told)


@every(
    "value, shown",
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        ("a-code_1", "a-code_1"),
        ("名前", "…"),
        ("a@b.example", "…"),
        ("x" * 201, "…"),
        ("line\nbreak", "…"),
        (b"bytes", "…"),
        ({"a": 1}, "…"),
    ],
)
def test_a_value_is_logged_only_when_it_can_be_no_text_of_a_person(
    value: object, shown: object
) -> None:
    assert safe(value) == shown
