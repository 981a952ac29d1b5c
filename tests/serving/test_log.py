"""The integrator's process and `ledger log`, as an operator runs them."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from tests.database import Database
from tests.serving.processes import command, environment, gone, run
from tests.serving.signed_ledger import ORIGIN, Signed, signed_ledger


@pytest.fixture
def signed(database: Database, tmp_path: Path) -> Signed:
    return signed_ledger(database, tmp_path)


def test_a_running_ledger_is_signed_by_itself(signed: Signed) -> None:
    signed.record("1", "2", "3")
    with command("serve", given=signed.given) as serving:
        serving.line("the log is not signed: no log was begun here")
        assert signed.published() is None
        code, printed = signed.run("begin")
        assert (code, "begun, and signed at" in printed) == (0, True)
        signed.signed_at(signed.head())
        signed.record("4")
        signed.signed_at(signed.head())
        code, printed = signed.run("checkpoint")
        assert code == 1
        assert "integrator is at work" in printed
        # Appends and answers go on without it.
        worker = serving.pid_of("integrator")
        os.kill(worker, signal.SIGKILL)
        assert gone(worker)
        serving.line("the integrator was killed by signal 9; it is started again")
        signed.record("5")
    assert signed.published() is not None
    code, printed = signed.run("show")
    assert code == 0
    assert printed.splitlines()[0] == signed.key
    assert printed.splitlines()[1] == ORIGIN


def test_the_next_one_signs_where_the_last_one_ended(signed: Signed) -> None:
    signed.record("1", "2")
    assert signed.run("checkpoint")[0] == 1
    for one, ids in (("begin", ("3",)), ("checkpoint", ("4",))):
        signed.record(*ids)
        code, printed = signed.run(one)
        assert (code, f"signed at {signed.head()}" in printed) == (0, True)
    code, printed = signed.run("check")
    assert code == 0
    assert f"{signed.head()} events are those of the signed tree" in printed


def test_an_event_that_a_superuser_changed_is_named(signed: Signed) -> None:
    signed.record(*map(str, range(8)))
    signed.run("begin")
    with psycopg.connect(signed.database.admin) as connection:
        connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE ledger.events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
            " 'consent_27_1', 'opt_out_27_2'), 'UTF8') WHERE notification_id = 5"
        )
    code, printed = signed.run("check")
    assert code == 1
    assert "the event at position 5 is not the one in the tree" in printed


def test_a_ledger_behind_its_last_checkpoint_is_not_signed(signed: Signed) -> None:
    signed.record("1", "2", "3")
    signed.run("begin")
    note = (signed.tiles / "checkpoint").read_bytes()
    with psycopg.connect(signed.database.admin) as connection:
        # As after a restore to an older state.
        connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE ledger.head DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM ledger.events WHERE notification_id = 3")
        connection.execute("UPDATE ledger.head SET position = 2")
    code, printed = signed.run("checkpoint")
    assert code == 1
    assert "the ledger has 2 events and the last signed checkpoint 3" in printed
    with command("serve", given=signed.given) as serving:
        # The daily job has appended since: the ledger is as long again, and another one.
        serving.line("the log is not signed: the (ledger has 2 events|event at position 3)")
        serving.line("listening|ready")
    assert (signed.tiles / "checkpoint").read_bytes() == note


def test_a_lost_folder_is_made_again_from_the_events(signed: Signed) -> None:
    signed.record(*map(str, range(300)))
    signed.run("begin")
    before = _files(signed.tiles)
    shutil.rmtree(signed.tiles)
    code, printed = signed.run("checkpoint")
    assert code == 1
    assert "ledger log rebuild makes it" in printed
    code, printed = signed.run("rebuild")
    assert (code, f"the tiles of {signed.head()} events are written" in printed) == (0, True)
    assert _files(signed.tiles) == before
    signed.record("another")
    assert signed.run("checkpoint")[0] == 0


def test_nothing_is_rebuilt_of_a_ledger_that_is_another_one(signed: Signed) -> None:
    signed.record("1", "2")
    signed.run("begin")
    before = _files(signed.tiles)
    with psycopg.connect(signed.database.admin) as connection:
        connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE ledger.events SET state = state || ' '::bytea WHERE notification_id = 1"
        )
    code, printed = signed.run("rebuild")
    assert code == 1
    assert "nothing is written" in printed
    assert _files(signed.tiles) == before


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert run("log", "key", ORIGIN, str(file), given=environment())[0] == 0
    before = file.read_bytes()
    code, printed = run("log", "key", ORIGIN, str(file), given=environment())
    assert code == 1
    assert "a file is there already" in printed
    assert file.read_bytes() == before
    assert run("log", "key", "a b", str(tmp_path / "other"), given=environment())[0] == 1


def test_without_a_key_there_is_no_log(signed: Signed) -> None:
    given = {n: v for n, v in signed.given.items() if not n.startswith("LEDGER_LOG_")}
    for one in ("show", "begin", "checkpoint", "check", "rebuild"):
        code, printed = run("log", one, given=given)
        assert code == 1
        assert "this ledger's log is not signed" in printed
    code, printed = run("log", "show", given=given | {"LEDGER_LOG_ORIGIN": ORIGIN})
    assert code == 1
    assert "LEDGER_LOG_KEY: the log has a name and a key, or neither" in printed


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }
