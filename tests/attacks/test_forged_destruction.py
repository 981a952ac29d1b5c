"""Events that say that keys were destroyed, and the ledger did not decide it.

Attack: whoever has the login of the purger deletes keys and parts years before their day, and
appends a `records-expired` that lists them; whoever has the login of the writer appends one that
lists keys that live, so that the ledger destroys them, or does not start any more.

Held off by: a proof in each `records-expired` under a subkey of the ledger secret (0107). One
without it destroys nothing, is taken into no journal and stops no start; `ledger fsck` and
`ledger projections verify` name it and what is gone, no whole bag and no certificate is made of it,
and a backup of before opens.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
import pytest

from api.resources.exports.export_run import Source, leave
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from ledger.backup.agreement import agree
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError
from ledger.exclusions.current import ExclusionsLostError, ExclusionsMissingError
from ledger.exports.filters import Filters
from ledger.format.json import encoded
from ledger.retention.destruction_check import faults
from ledger.retention.run import RunReport
from projections.log.full_check import examined
from tests.canary import MEMBER, OTHER_MEMBER
from tests.database import LEDGER_NAME, Database
from tests.journals import DEMO, EVENT_MAC, PROVE, ROW_MAC, journal_in
from tests.ledger.excluding import (
    append_daily,
    exclude,
    rows,
    second_house,
    store_version_1,
)
from tests.ledger.given import data, person
from tests.ledger.inside import Inside, inside
from tests.postgres.backups import (
    FAST,
    LATER,
    back_up,
    brought_back,
    purge,
    record_keys,
    restored,
    serving,
)
from tests.postgres.temporary import temporary_folder

NO_PROOF: Final = "this records-expired has no proof: the ledger did not decide on it"
_LIVING: Final = "SELECT key_id FROM ledger.data_keys ORDER BY key_id LIMIT 20"


def header(keys: list[bytes], stream: UUID, version: int = 1) -> dict[str, Any]:
    """What the attacker can write who has read other headers."""
    counts = {"cases": 0, "events": len(keys), "holds": 0, "keys": len(keys), "lookups": 0}
    return {
        "actor": "0" * 32,
        "at": "2036-12-01T03:00:00.000Z",
        "blind": secrets.token_hex(16),
        "command": str(random_uuid()),
        "facts": {"counts": counts},
        "keys": [key.hex() for key in sorted(keys)],
        "ledger": LEDGER_NAME,
        "stream": str(stream),
        "type": "records-expired",
        "v": 1,
        "version": version,
    }


def append(
    connection: psycopg.Connection,
    told: dict[str, Any],
    state: bytes | None = None,
    topic: str = "records-expired",
) -> int:
    """Append the event as the rights of the writer and of the purger allow; its position.

    With the MAC that it lacks (`test_forged_events.py`): what a proof holds off is tried here.
    """
    row = connection.execute("SELECT position FROM ledger.head FOR UPDATE").fetchone()
    assert row is not None
    position = row[0] + 1
    connection.execute("UPDATE ledger.head SET position = %s", (position,))
    written = encoded(told) if state is None else state
    mac = EVENT_MAC(UUID(told["stream"]), told["version"], topic, written)
    connection.execute(
        "INSERT INTO ledger.events VALUES (%s, %s, %s, %s, %s, %s, NULL, %s)",
        (position, told["stream"], told["version"], topic, written, told["command"], mac),
    )
    return position


def delete(connection: psycopg.Connection, keys: list[bytes]) -> None:
    for table in ("sealed_parts", "lookups", "data_keys"):
        connection.execute(f"DELETE FROM ledger.{table} WHERE key_id = ANY(%s)", (keys,))  # noqa: S608 -- of the line above


def agreed(database: Database, folder: Path) -> list[int]:
    """What every start does."""
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        return agree(journal_in(folder), connection, LATER, PROVE, ROW_MAC)


def fsck(house: Inside) -> list[str]:
    of = house.house
    told = examined(of.reads, of.reader, of.streams.opened, of.streams.verified_fact, None, PROVE)
    return [one.text for one in told.faults]


def verified(database: Database) -> list[tuple[int, str]]:
    with psycopg.connect(database.urls.projector, autocommit=True) as connection:
        return sorted((one.position, one.meaning) for one in faults(connection, PROVE))


def parts_only(connection: psycopg.Connection, keys: list[bytes]) -> None:
    connection.execute("DELETE FROM ledger.sealed_parts WHERE key_id = ANY(%s)", (keys,))


def other_bytes_in_the_key(connection: psycopg.Connection, keys: list[bytes]) -> None:
    connection.execute(
        "UPDATE ledger.data_keys SET wrapped = %s WHERE key_id = ANY(%s)", (bytes(60), keys)
    )


def with_an_event(connection: psycopg.Connection, keys: list[bytes]) -> None:
    delete(connection, keys)
    append(connection, header(keys, random_uuid()))


@pytest.mark.parametrize("deletes", [parts_only, other_bytes_in_the_key, with_an_event])
def test_what_the_purger_deletes_before_its_day_is_named_whatever_it_appends(
    tmp_path: Path, database: Database, deletes: Callable[[psycopg.Connection, list[bytes]], None]
) -> None:
    with inside(database) as house:
        house.record("lives", data(MEMBER))
        assert agreed(database, tmp_path) == []
        assert fsck(house) == []
        with psycopg.connect(database.urls.purger) as purger:
            deletes(purger, sorted(record_keys(database)))
    with inside(database) as house:  # a process that has not opened the key
        [told] = fsck(house)
    assert told.startswith("the event at position 1: ")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a server may lie."""
    with temporary_folder(FAST) as made:
        yield made


def test_a_forged_destruction_comes_into_no_journal_and_a_backup_of_before_opens(
    folder: Path,
) -> None:
    journal = journal_in(folder / "journal")
    with serving(folder / "one") as database, inside(database) as house:
        house.record("lives", data(MEMBER))
        assert agreed(database, journal.folder) == []
        keys = sorted(record_keys(database))
        house.follow()
        back_up(database, folder / "backup", "dump", journal)
        with psycopg.connect(database.urls.purger) as purger:
            delete(purger, keys)
            forged = append(purger, header(keys, random_uuid()))
        assert agreed(database, journal.folder) == [forged]
        assert journal.erased() == set()
        returned = brought_back(journal, database)
        assert (returned.destroyed, returned.unproven) == (0, (forged,))
        assert (forged, NO_PROOF) in verified(database)
        assert [meaning for place, meaning in verified(database) if place != forged] == [
            "a sealed part is missing, and no records-expired lists its key"
        ]
    with restored(folder / "backup", folder / "two", "dump") as database:
        assert brought_back(journal, database, accept_loss=True).destroyed == 0
        assert agreed(database, journal.folder) == []
        with inside(database) as house:
            assert len(house.page(MEMBER).entries) == 1
            assert fsck(house) == []


def living(database: Database) -> list[bytes]:
    with psycopg.connect(database.admin) as connection:
        return [row[0] for row in connection.execute(_LIVING)]


def test_an_event_of_the_writer_that_names_living_keys_stops_nothing_and_is_named(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    journal = journal_in(tmp_path)
    with inside(database) as house:
        house.record("one", data(MEMBER))
        house.record("two", data(OTHER_MEMBER))
        assert agreed(database, tmp_path) == []
        keys = living(database)
        assert keys
        with psycopg.connect(database.urls.writer) as writer:
            forged = append(writer, header(keys, random_uuid()))
        settings = Settings(name=LEDGER_NAME, secret=DEMO, journal_dir=tmp_path)
        assert check_agreement(settings, database.urls) is not None
        [said] = [one for one in caplog.records if one.levelname == "ERROR"]
        assert "ledger fsck" in said.message
        assert vars(said)["position"] == forged
        assert journal.erased() == set()
        assert fsck(house) == [f"the event at position {forged}: {NO_PROOF}"]
        assert verified(database) == [(forged, NO_PROOF)]
        retention = house.house.retention(settings)
        house.follow()
        report = retention.plan("0" * 32, confirmed=True)
        assert isinstance(report, RunReport)
        assert report.planned is not None
        returned = brought_back(journal, database)
        assert (returned.destroyed, returned.unproven) == (0, (forged,))
        assert set(keys) <= set(living(database))
        assert len(house.page(MEMBER).entries) == 1


def test_neither_a_whole_bag_nor_a_certificate_is_made_of_it(
    tmp_path: Path, database: Database
) -> None:
    with inside(database) as house:
        house.record("one", data(MEMBER))
        keys = sorted(record_keys(database))
        house.follow()
        retention = house.house.retention(Settings(name=LEDGER_NAME, journal_dir=tmp_path))
        assert agreed(database, tmp_path) == []
        plan = retention.plan("0" * 32, confirmed=True).plan
        assert plan is not None
        assert retention.overview.certificate(plan).erasures == ()
        with psycopg.connect(database.urls.purger) as purger:
            delete(purger, keys)
            append(purger, header(keys, plan, 2))
        with pytest.raises(CorruptRecordError, match="has no proof"):
            retention.overview.certificate(plan)
        source = Source(house.house.streams, house.ledger, lambda: house.now)
        asked, to = Filters(whole=True, reason="報告の求め"), tmp_path / "bag"
        with pytest.raises(CorruptRecordError, match="has no proof"):
            leave(source, "0" * 32, asked, to, None, lambda _done, _of: None)
        assert not to.exists()


def test_the_proof_of_one_event_proves_no_other(tmp_path: Path, database: Database) -> None:
    """What the attacker reads of a genuine one, with one thing changed, or once more."""
    with inside(database) as house:
        house.record("dies", data(MEMBER))
        house.now += timedelta(days=40)
        house.record("lives", data(OTHER_MEMBER))
        journal = journal_in(tmp_path)
        assert agreed(database, tmp_path) == []
        dying, *others = sorted(record_keys(database))
        assert others
        house.follow()
        genuine = purge(database, journal, [dying], house.head())
        with psycopg.connect(database.admin) as admin:
            row = admin.execute(
                "SELECT state FROM ledger.events WHERE notification_id = %s", (genuine.position,)
            ).fetchone()
        assert row is not None
        read = json.loads(row[0])
        assert verified(database) == []
        other = str(random_uuid())
        for change in (
            {"keys": [key.hex() for key in others]},
            {"stream": other},
            {"version": 2},
            {"command": other},
            {"ledger": "other"},
            {"at": "2036-12-01T03:00:00.001Z"},
            {"actor": "1" * 32},
        ):
            told = read | {"version": 2, "stream": read["stream"]} | change
            with psycopg.connect(database.urls.writer) as writer:
                forged = append(writer, told)
                assert forged in [place for place, _ in faults_in(writer)]
                writer.rollback()


def faults_in(connection: psycopg.Connection) -> list[tuple[int, str]]:
    return [(one.position, one.meaning) for one in faults(connection, PROVE)]


JOB: Final = "d" * 32
DAY: Final = timedelta(days=1)
_ROW: Final[LiteralString] = "SELECT token, key_id, sealed, number FROM ledger.exclusions"
_TRIGGER: Final = "TRIGGER exclusions_number_rises"


@pytest.fixture
def a_house(database: Database) -> Iterator[Inside]:
    """A ledger with two records of one person, the first of which gets excluded."""
    with inside(database) as made:
        made.record("one", data(MEMBER))
        made.record("two", data(MEMBER))
        yield made


def stands(a_house: Inside) -> Sequence[Any]:
    [row] = rows(a_house, _ROW)
    return row


def as_writer(a_house: Inside, statement: LiteralString, *values: object) -> None:
    with psycopg.connect(a_house.database.urls.writer, autocommit=True) as connection:
        assert connection.execute(statement, values).rowcount == 1


def put_back(a_house: Inside, row: Sequence[Any], number: int) -> None:
    as_writer(
        a_house,
        "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s, number = %s",
        *row[:3],
        number,
    )


def shown(a_house: Inside) -> list[int]:
    """What a process reads that has read nothing before."""
    as_of = a_house.follow()
    with closing(second_house(a_house)) as other:
        page = other.histories.page([person(MEMBER)], as_of, None, 1_000)
    return [one.position for one in page.entries]


def test_the_row_of_before_is_refused_or_does_not_open(a_house: Inside) -> None:
    """Attack: whoever has the login of the writer, and neither the ledger secret nor a master,
    keeps the row of what is excluded, waits until a record is excluded, and puts the row of
    before in its place: the record is in the person's history again, though no two persons
    lifted it. Or they let the row name a key that there is not, so that an older daily event
    stands in its place.
    Held off by: a number in the row that rises by one with each writing, which a trigger of the
    owner's sees to, and which is in the authenticated data of what is sealed: an earlier seal
    does not open under a later number, and then nobody is shown anything (0113). What the owner
    puts back, number and all, is named by `ledger fsck` where a daily event told it, and
    `ledger exclusions repeat` refuses.
    """
    exclude(a_house, 2)
    before = stands(a_house)
    exclude(a_house, 1)
    now = stands(a_house)
    assert shown(a_house) == []
    for number in (before[3], now[3], now[3] + 2, 0, -1):
        with pytest.raises(psycopg.DatabaseError):
            put_back(a_house, before, number)
    with pytest.raises(psycopg.DatabaseError):
        as_writer(
            a_house,
            "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s",
            *before[:3],
        )
    assert (stands(a_house), shown(a_house)) == (now, [])
    put_back(a_house, before, now[3] + 1)
    with pytest.raises(CorruptRecordError):
        shown(a_house)
    # The process that read the row before does not go on with what it knew.
    with pytest.raises(CorruptRecordError):
        a_house.house.streams.exclusions.active()


def test_a_row_of_before_there_were_numbers_does_not_come_back_either(a_house: Inside) -> None:
    store_version_1(a_house.house, a_house.now, as_draft=True)  # excludes position 1
    before = stands(a_house)
    assert (before[3], shown(a_house)) == (0, [2])
    exclude(a_house, 2)
    assert (stands(a_house)[3], shown(a_house)) == (1, [])
    put_back(a_house, before, 2)
    with pytest.raises(CorruptRecordError):
        shown(a_house)


def test_a_row_that_names_a_key_that_there_is_not_brings_back_no_daily_event(
    a_house: Inside,
) -> None:
    a_house.house.exclusions().repeat(a_house.now, JOB)  # nothing is excluded yet
    exclude(a_house, 1)
    row = stands(a_house)
    put_back(a_house, (row[0], bytes(32), row[2]), row[3] + 1)
    with pytest.raises(ExclusionsLostError):
        shown(a_house)


def as_owner_put_back(a_house: Inside, row: Sequence[Any]) -> None:
    with psycopg.connect(a_house.database.urls.owner) as connection:
        connection.execute(f"ALTER TABLE ledger.exclusions DISABLE {_TRIGGER}")
        connection.execute(
            "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s, number = %s", row
        )
        connection.execute(f"ALTER TABLE ledger.exclusions ENABLE ALWAYS {_TRIGGER}")


def gaps(a_house: Inside) -> list[int | None]:
    return list(a_house.house.streams.exclusions.gaps())


def test_what_the_owner_puts_back_is_named_once_a_daily_event_has_told_it(a_house: Inside) -> None:
    exclude(a_house, 2)
    before = stands(a_house)
    exclude(a_house, 1)
    # A limit: what no daily event has told yet is shown again, and nothing tells.
    told = stands(a_house)
    as_owner_put_back(a_house, before)
    assert (shown(a_house), gaps(a_house)) == ([1], [])
    as_owner_put_back(a_house, told)
    event = a_house.house.exclusions().repeat(a_house.now, JOB).position
    assert (shown(a_house), gaps(a_house)) == ([], [])
    as_owner_put_back(a_house, before)
    assert (shown(a_house), gaps(a_house)) == ([1], [None])
    for _ in range(2):
        with pytest.raises(ExclusionsMissingError, match=f"position {event} "):
            a_house.house.exclusions().repeat(a_house.now, JOB)
        a_house.now += DAY  # nor does the event of another day take it over
    assert a_house.head() == event


def no_lift_told(a_house: Inside) -> None:
    """A daily event without it, as a version before made it of a row that was put back."""
    key = a_house.house.keys.key_for("exclusion", day=a_house.now.date() + timedelta(days=1_000))
    stream = a_house.house.streams.exclusions.rows.newest()
    assert stream is not None
    append_daily(a_house.house, {"v": 2, "excluded": []}, a_house.now, stream.stream, key, 2)


def nothing(_: Inside) -> None:
    pass


@pytest.mark.parametrize(("then", "named"), [(no_lift_told, [4]), (nothing, [])])
def test_a_daily_event_that_leaves_something_out_is_named(
    a_house: Inside, then: Callable[[Inside], None], named: list[int]
) -> None:
    exclude(a_house, 1)
    assert a_house.house.exclusions().repeat(a_house.now, JOB).position == 3
    then(a_house)
    assert gaps(a_house) == named
