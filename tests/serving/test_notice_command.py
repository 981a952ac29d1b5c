"""`ledger notices publish`: a notice from a file, each change judged before it is published."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from api.container import Container
from api.server.secrets import secrets_of
from tests.database import LEDGER_NAME, Database
from tests.doors.samples import notice
from tests.serving.processes import environment, run
from tests.serving.sealed_place import Place

Publish = Callable[..., tuple[int, str]]
FIRST = notice(notice_id="ju-command")
USER = {"party_id": "group-hotel", "name": "例示ホテル株式会社"}
CHANGED = {
    **FIRST,
    "version": {
        **FIRST["version"],
        "version": "2026-04",
        "in_force_from": "2026-04-01",
        "published_on": "2026-04-01",
        "scope": [*FIRST["version"]["scope"], USER],
    },
}
NOT_ALLOWED = "/version/scope/2: not allowed, JU_CHANGE_NOT_ALLOWED (Act 27(5)(iii), 27(6))\n"
CONSENTED = "/version/scope/2: allowed, WITH_CONSENT (Act 27(5)(iii), 27(6))\n"


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(tmp_path, database)


@pytest.fixture
def publish(place: Place, tmp_path: Path) -> Publish:
    """Write a body to a file and hand it to the command; (exit code, output)."""

    def published(body: object, *options: str) -> tuple[int, str]:
        file = tmp_path / "notice.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")
        code, told = run(
            "notices", "publish", str(file), *options, given=environment(**place.given)
        )
        assert "Traceback" not in told
        assert USER["name"] not in told
        return code, told

    return published


def versions(place: Place) -> int:
    """How many publications stand."""
    with closing(Container(place.database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        return sum(len(one.published) for one in house.ledger().notices())


def test_a_notice_is_published_and_a_change_that_is_not_allowed_only_when_it_is_meant(
    place: Place, publish: Publish
) -> None:
    first = "no change that Act 27(6) speaks of\n"
    assert publish(FIRST, "--check") == (0, first.strip())
    assert versions(place) == 0
    assert publish(FIRST) == (0, f"{first}published at position 1")
    assert publish(CHANGED, "--check") == (1, NOT_ALLOWED.strip())
    code, told = publish(CHANGED)
    assert (code, told.startswith(NOT_ALLOWED), "nothing was published" in told) == (1, True, True)
    consented = {**CHANGED, "stated": {"principals_consented": True}}
    assert publish(consented, "--check") == (0, CONSENTED.strip())
    assert versions(place) == 1
    told = f"{NOT_ALLOWED}published at position 2"
    assert publish(CHANGED, "--record-unlawful-changes") == (0, told)
    code, told = publish(CHANGED, "--record-unlawful-changes")
    assert (code, "ALREADY_STANDS" in told) == (2, True)
    assert versions(place) == 2
