"""The runbook after a restore behind the last checkpoint: its commands, on a restored ledger."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ledger.crypto.notes import SignedNote, Verifier
from ledger.format.header import event_hash
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from projections.log.epochs import folder_of
from projections.log.folder import TileFolder
from projections.log.proofs import receipt
from tests.serving.processes import command, environment, run
from tests.serving.test_serve import SECRETS, address_of, body, key, post

PAGE: Final = Path("docs/how-to/after-a-restore.md")
ORIGIN: Final = "ledger.example.jp/provision-ledger"
NEXT: Final = "ledger.example.jp/epoch-2/provision-ledger"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder(EmbeddedSettings()) as made:
        yield made


def at(folder: Path, home: str) -> dict[str, str]:
    return environment(
        **SECRETS,
        LEDGER_HOME=str(folder / home),
        LEDGER_JOURNAL_DIR=str(folder / "journal"),
        LEDGER_HTTP_PORT="0",
        LEDGER_LOG_ORIGIN=ORIGIN,
        LEDGER_LOG_KEY_FILE=str(folder / "log.key"),
        LEDGER_LOG_DIR=str(folder / "tiles"),
        LEDGER_LOG_ANCHOR=str(folder / "anchor"),
        LEDGER_LOG_S="0.1",
    )


def commands() -> list[list[str]]:
    """The words of each command that the page shows, without the entry."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("./dev ledger ") for line in lines)
    return [shlex.split(line)[2:] for line in lines]


@pytest.fixture(scope="module")
def public(folder: Path) -> str:
    """A ledger that went on after its backup, was signed, and came back from that backup."""
    code, printed = run("log", "key", ORIGIN, str(folder / "log.key"), given=environment())
    assert code == 0
    [found] = [line for line in printed.splitlines() if line.startswith(f"{ORIGIN}+")]
    given = at(folder, "lost")
    with command("serve", given=given) as serving:
        address, credential = address_of(serving), key(given)
        post(address, credential, body("one", "two"))
        code, printed = run("backup", str(folder / "backup"), given=given)
        assert code == 0, printed
        post(address, credential, body("three", "four"))
        code, printed = run("log", "begin", given=given)
        assert code == 0, printed
        serving.interrupt()
        assert serving.end() == 0, serving.text
    given = at(folder, "restored")
    assert run("restore", str(folder / "backup"), given=given)[0] == 1
    code, printed = run("restore", "--accept-loss", given=given)
    assert code == 0, printed
    return found


def ran(words: list[str], folder: Path) -> tuple[int, str]:
    code, printed = run(*words, given=at(folder, "restored"))
    assert "Traceback" not in printed
    return code, "\n".join(line for line in printed.splitlines() if not line.startswith("{"))


def noted(content: str | None, public: str) -> Checkpoint:
    note = SignedNote.read(content or "")
    note.verified([Verifier.read(public)])
    return Checkpoint.read(note.text)


def test_the_commands_of_the_page_begin_an_epoch(folder: Path, public: str) -> None:
    first, check, look, begin, *after = commands()
    old = (folder / "tiles/checkpoint").read_bytes()
    lost = noted(old.decode(), public)

    code, printed = ran(first, folder)
    assert code == 1
    assert "was restored from an older state" in printed
    code, printed = ran(check, folder)
    assert code == 1
    position = int(re.findall(r"position (\d+)", printed)[0])

    code, printed = ran(look, folder)
    assert code == 0, printed
    assert f"{ORIGIN} was signed at {lost.size} events, and ends." in printed
    assert f"Up to position {position - 1} the ledger is the one that was signed" in printed
    [confirmed] = re.findall(r"--confirm ([0-9a-f]{16})", printed)
    assert not (folder / "tiles/epochs").exists()
    code, printed = ran([*look, "--confirm", "0" * 16], folder)
    assert (code, "this is not the code" in printed) == (1, True)

    assert begin[-1] == "CODE"
    code, printed = ran([*begin[:-1], confirmed], folder)
    assert code == 0, printed
    [following] = [line for line in printed.splitlines() if line.startswith(f"{NEXT}+")]
    for words in after:
        code, printed = ran(words, folder)
        assert code == 0, printed
    assert printed.splitlines()[:2] == [following, NEXT]

    # What was signed before stays as it was.
    assert (folder / "tiles/checkpoint").read_bytes() == old
    new = noted(folder_of(folder / "tiles", 2).checkpoint(), following)
    assert new.origin == NEXT
    _receipts_of_both(folder, position - 1, lost, new)

    # It is begun once: now nothing is lost any more, and it goes on by itself.
    code, printed = ran(look, folder)
    assert (code, "no epoch is begun" in printed) == (1, True)
    with command("serve", given=at(folder, "restored")) as serving:
        post(address_of(serving), key(at(folder, "restored")), body("three"))
        serving.line('"msg":"signed"|signed')
        serving.interrupt()
        assert serving.end() == 0


def _receipts_of_both(folder: Path, parted: int, lost: Checkpoint, new: Checkpoint) -> None:
    """Positions that both have are proven by both; what was lost is proven by the old one."""
    code, printed = run("headers", given=at(folder, "restored"))
    assert code == 0
    headers = [line.encode() for line in printed.splitlines() if '"stream"' in line]
    assert b'"type":"log-epoch-started"' in headers[new.size - 1]
    for checkpoint, tiles in (
        (lost, TileFolder(folder / "tiles")),
        (new, folder_of(folder / "tiles", 2)),
    ):
        note = tiles.checkpoint() or ""
        for position in range(1, parted + 1):
            header = headers[position - 1]
            text = receipt(tiles, note, checkpoint, position, header).text
            read = LogReceipt.read(text)
            leaf = leaf_hash(event_hash(read.extra))
            assert verify_inclusion(leaf, read.index, checkpoint.size, read.path, checkpoint.root)
