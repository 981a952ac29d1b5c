"""`ledger backup` and `ledger restore` as they are run, and what `ledger serve` says in between.

The ledger that is lost was signed, and signed on after its backup: so the runbook's page of such a
restore is followed, too, command by command.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ledger.backup.creation import JOURNAL
from ledger.backup.manifest import MANIFEST, read_manifest
from ledger.clock import now
from ledger.crypto.notes import SignedNote, Verifier
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.header import event_hash
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.retention.journal_file import Journal
from projections.log.epochs import folder_of
from projections.log.folder import TileFolder
from projections.log.proofs import receipt
from tests.journals import journal_in
from tests.postgres.temporary import temporary_folder, temporary_server
from tests.serving.processes import command, environment, run
from tests.serving.test_serve import SECRETS, address_of, body, key, post

PAGE: Final = Path("docs/how-to/after-a-restore.md")
SEALED: Final = bytes.fromhex(SECRETS["LEDGER_SECRET"])
NAME: Final = "provision-ledger"
ORIGIN: Final = "ledger.example.jp/provision-ledger"
NEXT: Final = "ledger.example.jp/epoch-2/provision-ledger"
KEYS: Final = "SELECT key_id FROM ledger.data_keys WHERE key_class = 'record'"
MANAGER: Final = "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'invented'"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder(EmbeddedSettings()) as made:
        yield made


def at(home: Path, **more: str) -> dict[str, str]:
    return environment(**SECRETS, LEDGER_HOME=str(home), LEDGER_HTTP_PORT="0", **more)


def log_in(folder: Path) -> dict[str, str]:
    return {
        "LEDGER_LOG_ORIGIN": ORIGIN,
        "LEDGER_LOG_KEY_FILE": str(folder / "log.key"),
        "LEDGER_LOG_DIR": str(folder / "tiles"),
        "LEDGER_LOG_ANCHOR": str(folder / "anchor"),
        "LEDGER_LOG_S": "0.1",
    }


def done(*arguments: str, given: dict[str, str]) -> str:
    """What a command prints that ends well, without its log."""
    code, printed = run(*arguments, given=given)
    assert code == 0, printed
    return "\n".join(line for line in printed.splitlines() if not line.startswith("{"))


def refused(*arguments: str, given: dict[str, str]) -> str:
    """The sentence with which a command ends."""
    code, printed = run(*arguments, given=given)
    assert code == 1, printed
    assert "Traceback" not in printed
    return printed.splitlines()[-1]


def written(folder: Path) -> str:
    """The key of the log, made anew; it is printed to be given away."""
    printed = done("log", "key", ORIGIN, str(folder / "log.key"), given=environment())
    [found] = [line for line in printed.splitlines() if line.startswith(f"{ORIGIN}+")]
    return found


@pytest.fixture(scope="module")
def public(folder: Path) -> str:
    return written(folder)


@pytest.fixture(scope="module")
def lost(folder: Path, public: str) -> Path:
    """The home of a ledger that went on after its backup, which is in `folder`/backup."""
    assert public
    home = folder / "lost"
    given = at(home, **log_in(folder))
    with command("serve", given=given) as serving:
        address = address_of(serving)
        credential = key(given)
        post(address, credential, body("one", "two"))
        printed = done("backup", str(folder / "backup"), given=given)
        assert "needed to open it: the ledger secret and the epoch masters" in printed
        post(address, credential, body("three", "four"))
        done("log", "begin", given=given)
        serving.interrupt()
        assert serving.end() == 0, serving.text
    seen = Journal(home / "journal", NAME).last_head()
    assert seen is not None
    assert seen.position > read_manifest(folder / "backup").head
    return home


def commands() -> list[list[str]]:
    """The words of each command that the page shows, without the entry."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("./dev ledger ") for line in lines)
    return [shlex.split(line)[2:] for line in lines]


def noted(content: str | None, public: str) -> Checkpoint:
    note = SignedNote.read(content or "")
    note.verified([Verifier.read(public)])
    return Checkpoint.read(note.text)


def test_a_restored_ledger_opens_once_the_loss_is_accepted_and_begins_an_epoch_of_its_log(
    folder: Path, lost: Path, public: str
) -> None:
    given = at(folder / "restored", LEDGER_JOURNAL_DIR=str(lost / "journal"), **log_in(folder))
    journal = journal_in(lost / "journal", NAME, SEALED)
    seen, head = journal.last_head(), read_manifest(folder / "backup").head
    assert seen is not None
    behind = f"the log ends at position {head}, and position {seen.position} was seen"
    assert behind in refused("restore", str(folder / "backup"), given=given)
    # Masters are not changed for a database that is not the one in use.
    for words in (("serve",), ("follow",), ("keys", "rotate")):
        assert behind in refused(*words, given=given)
    without = at(folder / "restored")
    assert "the erasure journal of this ledger is not in" in refused("serve", given=without)
    printed = done("restore", "--accept-loss", given=given)
    assert "not there" not in printed
    assert f"what was done after position {head} is lost: exclusions, revoked API keys" in printed
    old = (folder / "tiles/checkpoint").read_bytes()
    new = _epoch_of_the_page(folder, noted(old.decode(), public), given)
    # What was signed before stays as it was.
    assert (folder / "tiles/checkpoint").read_bytes() == old
    with command("serve", given=given) as serving:
        address = address_of(serving)
        assert post(address, key(given), body("three"))["counts"] == {"recorded": 1}
        serving.line('"msg":"signed"|signed')
        serving.interrupt()
        assert serving.end() == 0
    assert noted(folder_of(folder / "tiles", 2).checkpoint(), new).origin == NEXT
    printed = done("projections", "verify", given=given)
    assert printed.splitlines()[-1].startswith("0 differences up to position ")


def _epoch_of_the_page(folder: Path, lost: Checkpoint, given: dict[str, str]) -> str:
    """The key of the epoch that the page's commands begin."""
    first, check, look, begin, *after = commands()
    assert "was restored from an older state" in refused(*first, given=given)
    code, printed = run(*check, given=given)
    assert code == 1
    position = int(re.findall(r"position (\d+)", printed)[0])
    printed = done(*look, given=given)
    assert f"{ORIGIN} was signed at {lost.size} events, and ends." in printed
    assert f"Up to position {position - 1} the ledger is the one that was signed" in printed
    [confirmed] = re.findall(r"--confirm ([0-9a-f]{16})", printed)
    assert not (folder / "tiles/epochs").exists()
    assert "this is not the code" in refused(*look, "--confirm", "0" * 16, given=given)
    assert begin[-1] == "CODE"
    printed = done(*begin[:-1], confirmed, given=given)
    [following] = [line for line in printed.splitlines() if line.startswith(f"{NEXT}+")]
    for words in after:
        printed = done(*words, given=given)
    assert printed.splitlines()[:2] == [following, NEXT]
    new = noted(folder_of(folder / "tiles", 2).checkpoint(), following)
    _receipts_of_both(folder, position - 1, (lost, new), given)
    # It is begun once: now nothing is lost any more.
    assert "no epoch is begun" in refused(*look, given=given)
    return following


def _receipts_of_both(
    folder: Path, parted: int, both: tuple[Checkpoint, Checkpoint], given: dict[str, str]
) -> None:
    """Positions that both have are proven by both; what was lost is proven by the old one."""
    code, printed = run("headers", given=given)
    assert code == 0
    headers = [line.encode() for line in printed.splitlines() if '"stream"' in line]
    assert b'"type":"log-epoch-started"' in headers[both[1].size - 1]
    folders = (TileFolder(folder / "tiles"), folder_of(folder / "tiles", 2))
    for checkpoint, tiles in zip(both, folders, strict=True):
        note = tiles.checkpoint() or ""
        for position in range(1, parted + 1):
            text = receipt(tiles, note, checkpoint, position, headers[position - 1]).text
            read = LogReceipt.read(text)
            leaf = leaf_hash(event_hash(read.extra))
            assert verify_inclusion(leaf, read.index, checkpoint.size, read.path, checkpoint.root)


def test_a_key_that_stands_again_stops_the_start(folder: Path, lost: Path) -> None:
    journal = journal_in(folder / "noted", NAME, SEALED)
    given = at(folder / "dead", LEDGER_JOURNAL_DIR=str(journal.folder))
    told = refused("restore", str(folder / "backup"), given=given)
    assert f"there is no erasure journal in {journal.folder}" in told
    assert not (folder / "dead" / "postgres-18").exists()
    # What must live on is copied before its key dies again: it has to open.
    later = {**given, "LEDGER_EPOCH_MASTER": "2026-W49:" + "a7" * 32}
    told = refused("restore", str(folder / "backup"), "--accept-loss", given=later)
    assert "not there: the epoch masters 2026-W48; take them out of escrow" in told
    assert not (folder / "dead" / "postgres-18").exists()
    assert not journal.folder.exists()
    done("restore", str(folder / "backup"), "--accept-loss", given=given)
    assert "2026-W48 of a living key is not there" in refused("serve", given=later)
    told = refused("restore", "--accept-loss", given=later)
    assert "not there: the epoch masters 2026-W48" in told
    assert journal.id() == Journal(lost / "journal", NAME).id()
    with (
        EmbeddedServer(folder / "dead") as server,
        psycopg.connect(server.admin_url("ledger")) as connection,
    ):
        [row] = connection.execute(KEYS).fetchall()
    journal.settle([row[0]], 9)
    told = refused("serve", given=given)
    assert told.startswith("ledger: 1 destroyed keys stand again")
    assert "`ledger restore`" in told


def test_where_no_ledger_is_nothing_is_restored_backed_up_or_made(folder: Path) -> None:
    given = at(folder / "nowhere")
    there = f"there is no ledger in {folder / 'nowhere'}"
    for words in (("restore",), ("restore", "--accept-loss"), ("backup", str(folder / "none"))):
        assert there in refused(*words, given=given)
    assert not (folder / "nowhere").exists()
    assert not (folder / "none").exists()


def test_nothing_is_put_where_it_does_not_belong(folder: Path, lost: Path) -> None:
    backup = str(folder / "backup")
    assert "holds a database" in refused("restore", backup, given=at(lost))
    other = at(folder / "other", LEDGER_NAME="another")
    assert "another ledger" in refused("restore", backup, given=other)
    assert "is not empty" in refused("backup", backup, given=at(lost))
    outer = at(folder / "other", LEDGER_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert "LEDGER_JOURNAL_DIR is not set" in refused("restore", backup, given=outer)
    outer["LEDGER_JOURNAL_DIR"] = str(lost / "journal")
    assert "a server of its own" in refused("restore", backup, given=outer)
    foreign = journal_in(folder / "foreign", NAME, SEALED)
    foreign.begin(random_uuid(), now())
    told = refused(
        "restore", backup, given=at(folder / "other", LEDGER_JOURNAL_DIR=str(foreign.folder))
    )
    assert f"the erasure journal of this ledger is not in {foreign.folder}" in told
    damaged = folder / "damaged"
    shutil.copytree(backup, damaged)
    with (damaged / "base" / "PG_VERSION").open("a") as file:
        file.write("\n")
    told = refused("restore", str(damaged), given=at(folder / "other"))
    assert told == "ledger: the backup is broken: base/PG_VERSION was changed"
    assert not (folder / "other").exists()


def test_an_outer_database_is_dumped_and_restored_by_an_ordinary_user(folder: Path) -> None:
    journal = str(folder / "outer-journal")
    with temporary_server() as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            connection.execute(MANAGER)
        parts = conninfo_to_dict(server.admin_url())
        place = f"host={quote(str(parts['host']), safe='')}&port={parts['port']}"

        def given(database: str, **more: str) -> dict[str, str]:
            url = f"postgresql://manager:invented@/{database}?{place}"
            return environment(**SECRETS, LEDGER_DATABASE_URL=url, LEDGER_HTTP_PORT="0", **more)

        noted = given("first", LEDGER_JOURNAL_DIR=journal)
        with command("serve", given=noted) as serving:
            post(address_of(serving), key(noted), body("one"))
            serving.interrupt()
            assert serving.end() == 0
        assert "set LEDGER_JOURNAL_DIR" in refused("serve", given=given("first"))
        done("backup", str(folder / "outer"), given=noted)
        assert "invented" not in (folder / "outer" / MANIFEST).read_text()
        manifest = read_manifest(folder / "outer")
        assert manifest.method == "dump"
        assert (folder / "outer" / JOURNAL).is_dir()
        again = given("second", LEDGER_JOURNAL_DIR=journal)
        for words in (("restore", "--accept-loss"), ("backup", str(folder / "none"))):
            assert "there is no ledger in the database of LEDGER" in refused(*words, given=again)
        with psycopg.connect(server.admin_url()) as connection:
            made = connection.execute("SELECT FROM pg_database WHERE datname = 'second'")
            assert made.fetchone() is None
        printed = done("restore", str(folder / "outer"), given=again)
        restored = f"restored: position {manifest.head}, 0 keys destroyed again"
        assert printed.splitlines()[-1] == restored
        verified = done("projections", "verify", given=again).splitlines()[-1]
        assert verified == f"0 differences up to position {manifest.head}"
        assert "empty database" in refused("restore", str(folder / "outer"), given=again)
