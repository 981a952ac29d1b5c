"""Bodies with a model of their own are read as strictly as transfers are."""

import pytest

from tests.canary import MEMBER
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import EVERYTHING, SOURCE


def refused(corridor: Corridor, path: str, body: object) -> Answer:
    key = corridor.key(*EVERYTHING, source=SOURCE)
    answer = corridor.ask("POST", path, body, key=key)
    assert answer.status == 422, answer.text
    return answer


A = {"scheme": "member", "id": MEMBER}
STOP = {"principal": A, "kind": "opt_out_stop", "day": "2026-01-01"}


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        ("/v1/links", {"a": A, "b": A, "evidence": "x"}, "/b", "SAME_IDENTIFIER"),
        (
            "/v1/links",
            {"a": A, "b": {"scheme": "Member", "id": "x"}, "evidence": "x"},
            "/b/scheme",
            "SCHEMA",
        ),
        ("/v1/links", {"a": A, "b": A}, "/evidence", "SCHEMA"),
        ("/v1/links", {"a": A, "b": A, "evidence": "a\0b"}, "/evidence", "CONTROL_CHARACTER"),
        ("/v1/links", {"a": A, "b": A, "evidence": "\u200b"}, "/evidence", "SCHEMA"),
        ("/v1/renames", {"principal": A, "name": "\u3000"}, "/name", "SCHEMA"),
        ("/v1/renames", {"principal": A, "name": "\u2066x"}, "/name", "CONTROL_CHARACTER"),
        ("/v1/directives", {**STOP, "day": 0}, "/day", "SCHEMA"),
        ("/v1/directives", {**STOP, "day": "2026-02-30"}, "/day", "SCHEMA"),
        ("/v1/directives", {**STOP, "day": "2026-01-01T00:00:00"}, "/day", "SCHEMA"),
        ("/v1/directives", {**STOP, "kind": "stop"}, "/kind", "SCHEMA"),
        ("/v1/histories", {"identifiers": [A], "case": "c", "after": "5"}, "/after", "SCHEMA"),
        ("/v1/histories", {"identifiers": [A], "case": "c", "as_of": True}, "/as_of", "SCHEMA"),
        ("/v1/histories", {"identifiers": [A], "case": 5}, "/case", "SCHEMA"),
        ("/v1/histories", {"identifiers": [A], "case": "c", "limit": 501}, "/limit", "SCHEMA"),
        ("/v1/notices", {"kind": "opt_out", "notice_id": "n"}, "/filed_on", "SCHEMA"),
        (
            "/v1/notices",
            {"kind": "joint_use", "notice_id": 1, "owner": "u"},
            "/notice_id",
            "SCHEMA",
        ),
        ("/v1/notices", {}, "", "SCHEMA"),
    ],
)
def test_small_bodies_are_read_as_strictly(
    corridor: Corridor, path: str, body: object, pointer: str, code: str
) -> None:
    assert refused(corridor, path, body).errors[pointer] == code
