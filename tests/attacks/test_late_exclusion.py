"""What is excluded while an export is made, that has read the record already (Order 11).

Attack: a record is excluded while the bag of an export is packed, or after its process died and
before the next one puts the pieces on record; the bag, which nobody had before, is handed out with
the record. The chief was told that it counts at once.

Held off by: what was hidden as the records were read is kept, sealed, with the packed bag, and
compared before its event and after it. Where it moved, the export has failed as interrupted and is
asked for anew.
"""

import io
import zipfile

import pytest

from api.resources.exports import maker
from ledger.service.ledger import Ledger
from tests.doors.corridor import Corridor
from tests.doors.exporting import asked, fetched, make_all, state
from tests.doors.samples import provision


class DiedError(BaseException):
    """The process ended here."""


def die(*_: object) -> None:
    raise DiedError


def exclude(corridor: Corridor, transfer: str) -> None:
    key = corridor.key("records:exclude", label="chief")
    body = {"action": "exclude", "transfers": [transfer], "ground": "i", "reason": "危害"}
    assert corridor.ask("POST", "/v1/exclusions", body, key=key).status == 200


def is_in(corridor: Corridor, export: str, transfer: str) -> bool:
    with zipfile.ZipFile(io.BytesIO(fetched(corridor, export).content)) as bag:
        [name] = [one for one in bag.namelist() if one.endswith("records.ndjson")]
        return transfer.encode() in bag.read(name)


@pytest.mark.parametrize("moment", ["packed", "produced"])
def test_a_record_excluded_while_its_export_is_made_is_not_handed_out(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    recorded = corridor.record(provision())["transfer"]
    export = asked(corridor)["export"]
    holder = maker if moment == "packed" else Ledger
    real = getattr(holder, moment)

    def late(*given: object, **named: object) -> object:
        found = real(*given, **named)
        exclude(corridor, recorded)
        return found

    monkeypatch.setattr(holder, moment, late)
    make_all(corridor)
    monkeypatch.undo()
    failed = state(corridor, export)
    assert (failed["state"], failed["error"]) == ("failed", "INTERRUPTED")
    again = asked(corridor)["export"]
    make_all(corridor)
    assert not is_in(corridor, again, recorded)


def test_a_record_excluded_after_the_process_died_that_packed_it_is_not_handed_out(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = corridor.record(provision())["transfer"]
    export = asked(corridor)["export"]
    monkeypatch.setattr(maker.Maker, "_on_record", die)
    with pytest.raises(DiedError):
        make_all(corridor)
    monkeypatch.undo()
    exclude(corridor, recorded)
    make_all(corridor)
    assert state(corridor, export)["state"] == "failed"


def test_an_export_whose_process_died_is_handed_out_where_nothing_was_excluded(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, shown = (corridor.record(provision())["transfer"] for _ in range(2))
    exclude(corridor, hidden)
    export = asked(corridor)["export"]
    monkeypatch.setattr(maker.Maker, "_on_record", die)
    with pytest.raises(DiedError):
        make_all(corridor)
    monkeypatch.undo()
    make_all(corridor)
    assert state(corridor, export)["state"] == "ready"
    assert [is_in(corridor, export, one) for one in (hidden, shown)] == [False, True]
