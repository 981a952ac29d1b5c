"""The command `emitter`: what people see of an outbox, and do about it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_emitter import Outbox
from ledger_emitter.command import main, parser
from ledger_emitter.send_queue import ItemRefused, SendQueue, SourcePaused
from tests.canary import NAME, traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.docs.markdown import DOCS, fences_of
from tests.emitter.ledgers import address
from tests.emitter.transfers import item

SCHEMA = {"code": "SCHEMA_VIOLATION", "status": 422, "detail": "給付の形式"}


def refuse(outbox: Outbox, *ids: str, code: str = "SCHEMA_VIOLATION") -> None:
    placed = outbox.put_many([item(one) for one in ids])
    problem = {**SCHEMA, "code": code}
    SendQueue(outbox).settle([ItemRefused(one.number, "rejected", code, problem) for one in placed])


def told(path: Path, *arguments: str, code: int = 0) -> str:
    command = [Path(sys.executable).with_name("emitter"), "--outbox", path, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_the_status_says_what_waits_and_whether_a_person_is_needed(
    outbox: Outbox, path: Path
) -> None:
    outbox.put_many([item("1"), item("2")])
    assert "waiting  2 items" in told(path, "status")
    refuse(outbox, "bad")
    assert "refused  1" in told(path, "status", code=1)
    outbox.discard(1)
    SendQueue(outbox).settle([SourcePaused("https://b.example.jp", "SOURCE_NOT_ALLOWED", 60)])
    outbox.put(item("3", "https://b.example.jp"))
    SendQueue(outbox).settle([SourcePaused("https://b.example.jp", "SOURCE_NOT_ALLOWED", 60)])
    assert "held     https://b.example.jp" in told(path, "status", code=1)


def test_the_refused_are_listed_without_a_person_and_shown_one_by_one_with_them(
    outbox: Outbox, path: Path
) -> None:
    refuse(outbox, *(str(n) for n in range(130)))
    listed = told(path, "refused")
    assert len(listed.splitlines()) == 130
    assert not traces(listed)
    shown = told(path, "refused", "17")
    assert NAME in shown
    assert "給付の形式" in shown
    assert "no refused item 999" in told(path, "refused", "999", code=1)


def test_refused_items_are_sent_again_by_number_or_by_code_and_discarded(
    outbox: Outbox, path: Path
) -> None:
    refuse(outbox, "1", "2")
    refuse(outbox, "3", code="SCOPE_MISSING")
    assert "1 items are sent again" in told(path, "requeue", "--code", "SCOPE_MISSING")
    told(path, "discard", "1")
    assert "no refused item 1" in told(path, "requeue", "1", code=1)
    assert [one.id for one in outbox.refused()] == ["2"]
    assert outbox.status().waiting == 1


@pytest.mark.parametrize("code", ["MARK_DIFFERS", "SCOPE_MISSING"])
def test_the_list_of_refused_items_does_not_tell_which_one_is_marked(
    outbox: Outbox, path: Path, code: str
) -> None:
    refuse(outbox, "1", code=code)
    assert "  rejected  REJECTED  " in told(path, "refused")
    assert code not in told(path, "refused") + told(path, "status", code=1)
    assert code in told(path, "refused", "1"), "whoever reads the item reads its problem"


def test_every_command_in_the_page_is_one() -> None:
    page = DOCS / "how-to" / "emit-from-python.md"
    shown = [
        line
        for fence in fences_of(page)
        for line in fence.text.splitlines()
        if line.startswith("emitter ")
    ]
    assert len(shown) >= 8
    for line in shown:
        parser().parse_args(shlex.split(line)[1:])


BROKEN = {
    "no outbox": (["status"], "there is no outbox"),
    "a moment without an offset": (["replay", "--since", "2026-11-24T03:00:00"], "offset"),
    "a moment that is none": (["replay", "--since", "yesterday"], "isoformat"),
    "plain HTTP to another machine": (
        ["send", "--url", "http://ledger.example.jp", "--credential-file", "k"],
        "plain HTTP",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_done_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    arguments, expected = BROKEN[what]
    path = tmp_path / "outbox.db"
    if what != "no outbox":
        Outbox(path).close()
    assert main(["--outbox", str(path), *arguments]) == 2
    printed = capsys.readouterr()
    assert re.fullmatch(r"emitter: [^\n]+\n", printed.err)
    assert expected in printed.err
    assert path.exists() == (what != "no outbox")


def test_an_outbox_is_emptied_by_a_command(
    ledger: Ledger, outbox: Outbox, path: Path, source: str
) -> None:
    key = path.with_name("key.txt")
    key.write_text(ledger.key() + "\n", "utf-8")
    outbox.put_many([item(str(n), source) for n in range(5)])
    sending = ["send", "--url", address(ledger), "--credential-file", str(key), "--until-empty"]
    assert "waiting  0 items" in told(path, *sending)
    assert recorded(ledger, source) == {str(n): 1 for n in range(5)}
