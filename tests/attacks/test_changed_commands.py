"""A request whose outcome is unknown is given the command of another event.

Attack: whoever has the login of the writer puts the command of any recorded event into the row of a
request that was answered 503. When the client sends the request again under its Idempotency-Key, it
would be told, with the receipt of that event, that what it asked for stands: a stop, a correction,
a hold that nobody recorded.

Held off by: a MAC over place, fingerprint and command of the row, under a subkey of the ledger
secret (0110). A row without it, or with another one, is as if it were not there: the request is
judged anew, under a command of its own, and the log tells it.
"""

import psycopg
import pytest

from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import today
from tests.matrix import every

_CHANGED = """
    UPDATE ledger.answers SET state = 'failed', sealed = NULL, {}
     WHERE command = (SELECT command FROM ledger.events WHERE notification_id = %(own)s)
"""
_COMMAND = "command = (SELECT command FROM ledger.events WHERE notification_id = %(other)s)"
CHANGES = {
    "command": _COMMAND,
    "command without a MAC": f"mac = NULL, {_COMMAND}",
    "command and MAC of another request": (
        "(command, mac) = (SELECT o.command, o.mac FROM ledger.answers AS o JOIN ledger.events AS e"
        " ON e.command = o.command WHERE e.notification_id = %(other)s)"
    ),
}


def stop(corridor: Corridor, caller: str, person: str, key: str) -> Answer:
    body = {"principal": {"scheme": "member", "id": person}, "kind": "opt_out_stop", "day": today()}
    headers = {"Idempotency-Key": f'"{key}"'}
    return corridor.ask("POST", "/v1/directives", body, key=caller, headers=headers)


@every("change", CHANGES)
def test_a_request_sent_again_is_never_told_that_another_event_is_its_own(
    corridor: Corridor, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    caller = corridor.key("records:write", label="officer-77")
    person, key = f"CNRY-{fresh_id()}", fresh_id()
    own = stop(corridor, caller, person, key).body["position"]
    other = stop(corridor, caller, f"CNRY-{fresh_id()}", fresh_id()).body["position"]
    with psycopg.connect(corridor.urls.writer) as writer:
        changed = _CHANGED.format(CHANGES[change]).encode()
        assert writer.execute(changed, {"own": own, "other": other}).rowcount == 1
    caplog.clear()
    again = stop(corridor, caller, person, key)
    # Judged anew, as a command of its own: this stop stands already, and that is true.
    assert (again.status, again.body["code"]) == (409, "ALREADY_STANDS"), again.text
    assert "no right MAC" in caplog.text
    assert person not in caplog.text
