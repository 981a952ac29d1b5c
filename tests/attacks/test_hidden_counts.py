"""What emitters declare and where they send from tells no officer of a hidden record.

Attack: an officer takes what a plain export has of a day from the count that its emitter declared;
she looks for a source of which she is shown no record, or waits for one to be named.
Held off by: counts are told to the emitter itself and to who may mark records, and sources that
send unregistered to them and to who operates.
"""

from typing import Any

import pytest

from api.auth import Scope
from tests.conftest import cloned_database
from tests.database import Database, Server
from tests.doors.emitting import Doors, opened
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.doors.test_exclusions import exclude

OFFICER: tuple[Scope, ...] = ("cases:read", "records:read", "records:write", "audit:read")
HIDINGS = ("nobody", "marked", "excluded")


def send(doors: Doors, id_: str, source: str, day: str, hiding: str) -> None:
    """Record a transfer, hidden as `hiding` says; none for `nobody`."""
    if hiding == "nobody":
        return
    key = doors.corridor.key("events:write", "records:exclude", source=source)
    data = provision(transferred_on=day, principals=[{"scheme": "member", "id": f"CNRY-{id_}"}])
    mark = {"order_11": "i"} if hiding == "marked" else {}
    answer = doors.corridor.send({"source": source, "id": id_, "data": data, **mark}, key=key)
    assert answer.status == 200, answer.text
    if hiding == "excluded":
        assert exclude(doors.corridor, answer.body["results"][0]["transfer"]).status == 200


def emitters(doors: Doors, *scopes: Scope, source: str | None = None) -> Any:  # noqa: ANN401 -- a body
    key = doors.corridor.key(*scopes, source=source)
    return doors.corridor.ask("GET", "/v1/emitters", key=key).body["emitters"]


def test_no_count_tells_an_officer_how_many_records_are_hidden(server: Server) -> None:
    seen: dict[str, Any] = {}
    for hiding in HIDINGS:
        with cloned_database(server) as database, opened(database) as doors:
            doors.register()
            send(doors, "a-1", SOURCE, doors.day(3), "shown")
            send(doors, "a-2", SOURCE, doors.day(3), hiding)
            count = 1 if hiding == "nobody" else 2
            assert doors.declare(3, 3, expected_count=count).status == 200
            shown = emitters(doors, *OFFICER)
            seen[hiding] = [{**one, "position": 0} for one in shown]
            told = [{**doors.period(3, 3), "expected_count": count}]
            # Neither does a key of another source that may send, nor one of no source at all.
            for source in (OTHER_SOURCE, None):
                both = emitters(doors, "coverage:write", "cases:read", source=source)
                assert both == shown
            assert emitters(doors, "coverage:write", source=SOURCE)[0]["counts"] == told
            assert emitters(doors, "cases:read", "records:exclude")[0]["counts"] == told
    assert seen["nobody"] == seen["marked"] == seen["excluded"]
    assert seen["nobody"][0]["counts"] == []


@pytest.mark.parametrize("hiding", HIDINGS[1:])
def test_a_source_that_sent_a_hidden_record_alone_is_named_to_no_officer(
    database: Database, hiding: str
) -> None:
    with opened(database) as doors:
        doors.register()
        send(doors, "s-1", OTHER_SOURCE, doors.day(3), hiding)
        key = doors.corridor.key(*OFFICER)
        found = doors.corridor.ask("GET", "/v1/coverage", key=key)
        # The letter claims no completeness, so that much she is told; not who sent, nor when.
        assert (found.body["is_complete"], found.body["unregistered"]) == (False, [])
        assert OTHER_SOURCE not in found.text
        allowed: tuple[tuple[Scope, ...], ...] = (
            ("cases:read", "records:exclude"),
            ("admin:config",),
            ("quarantine:write",),
        )
        for scopes in allowed:
            key = doors.corridor.key(*scopes)
            named = doors.corridor.ask("GET", "/v1/coverage", key=key).body["unregistered"]
            assert [one["source"] for one in named] == [OTHER_SOURCE]
