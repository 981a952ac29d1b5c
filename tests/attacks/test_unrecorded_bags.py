"""The state of an export is changed past the ledger, so that its bag is handed out unrecorded.

Attack: whoever has the login of the writer calls an export ready whose bag is packed and not on
record yet, and ends the session of whoever makes it. The bag would be handed out, and no list of
accesses would ever say so.

Held off by: what is sealed beside an export tells whether its bag was made and where its event
stands. Until it does the bag is being made, whatever the row says, and is put on record before it
is handed out.
"""

import psycopg
import pytest

from api.resources.exports import maker
from tests.doors.corridor import Corridor
from tests.doors.exporting import WHY, asked, fetched, make_all, state
from tests.doors.samples import provision
from tests.doors.test_accesses import listed


class EndedError(BaseException):
    """The process ends here."""


def ended(*_: object, **__: object) -> None:
    raise EndedError


def called_ready(corridor: Corridor, export: str) -> None:
    with psycopg.connect(corridor.urls.writer) as writer:
        writer.execute("UPDATE ledger.exports SET state = 'ready' WHERE export = %s", (export,))


def test_a_bag_is_not_handed_out_before_it_is_on_record(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    corridor.record(provision())
    export = asked(corridor, case="D-77", reason=WHY)["export"]
    with monkeypatch.context() as patched:
        patched.setattr(maker, "command_of", ended)
        with pytest.raises(EndedError):
            make_all(corridor)
    called_ready(corridor, export)
    assert fetched(corridor, export).status_code == 409
    shown = state(corridor, export)
    assert (shown["state"], "made" in shown) == ("making", False)
    assert make_all(corridor) == 1
    assert fetched(corridor, export).status_code == 200
    (access,) = listed(corridor, "?case=D-77")["accesses"]
    assert access["position"] == state(corridor, export)["made"]["position"]


def test_an_export_that_nobody_began_is_made_whatever_its_row_says(corridor: Corridor) -> None:
    corridor.record(provision())
    export = asked(corridor, case="D-78", reason=WHY)["export"]
    called_ready(corridor, export)
    assert state(corridor, export)["state"] == "making"
    assert make_all(corridor) == 1
    assert fetched(corridor, export).status_code == 200
    assert len(listed(corridor, "?case=D-78")["accesses"]) == 1
