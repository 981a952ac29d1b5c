"""The command `emitter`: what people see of an outbox, and do about it."""

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies

from ledger_emitter import Backoff, Destination, Outbox
from ledger_emitter.answers import Answer, Later, judged
from ledger_emitter.clock import milliseconds
from ledger_emitter.command import main, parser
from ledger_emitter.send_queue import ItemRefused, SendQueue, SourcePaused
from tests.canary import NAME, traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.docs.markdown import DOCS, fences_of
from tests.emitter.ledgers import address
from tests.emitter.transfers import item
from tests.matrix import every

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


# -- Where items are sent is checked before anything is sent, and the key is shown nowhere --


KEY = "plk_0123456789abcdef_secret"


BROKEN_OF_DESTINATION = {
    "no scheme": {"url": "ledger.example.jp"},
    "another scheme": {"url": "ftp://ledger.example.jp"},
    "no host": {"url": "https://"},
    "plain HTTP to another machine": {"url": "http://ledger.example.jp"},
    "a host that only begins like this machine": {"url": "http://localhost.example.jp"},
    "a password in the address": {"url": "https://somebody:secret@ledger.example.jp"},
    "a query": {"url": "https://ledger.example.jp/?key=1"},
    "no item": {"items_max": 0},
    "more items than a ledger takes": {"items_max": 1_001},
    "no byte": {"body_bytes_max": 0},
    "an empty key": {"credential": ""},
    "a key with a line end": {"credential": f"{KEY}\n"},
    "a key that is no ASCII": {"credential": "鍵"},
}


@every("what", BROKEN_OF_DESTINATION)
def test_a_destination_that_cannot_be_is_refused_without_its_key(what: str) -> None:
    members = {"url": "https://ledger.example.jp", "credential": KEY, **BROKEN_OF_DESTINATION[what]}
    with pytest.raises(ValueError, match=r".+: |items_max") as raised:
        Destination(**members)  # pyright: ignore[reportArgumentType] -- cases
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)


@every(
    "url, plain_http",
    [
        ("https://ledger.example.jp", False),
        ("https://ledger.example.jp/", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000/", False),
        ("http://api:8000", True),
    ],
)
def test_a_destination_has_a_base_without_a_slash_at_its_end(url: str, plain_http: bool) -> None:  # noqa: FBT001 -- a case
    there = Destination(url, KEY, plain_http=plain_http)
    assert there.base == url.rstrip("/")
    assert KEY not in repr(there)


# -- How long is waited, and that whoever asks for more time gets it --


NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
UNREADABLE = {"words": "soon", "a negative number": "-5", "nothing": "", "a fraction": "1.5"}
seconds = strategies.floats(0, 1e9)


@given(strategies.integers(1, 10_000), strategies.none() | seconds)
def test_the_wait_is_within_its_span_and_never_shorter_than_asked(
    failures: int, asked: float | None
) -> None:
    backoff = Backoff()
    span = min(backoff.span_s_max, backoff.first_s * 2 ** min(failures - 1, 20))
    least = 0.0 if asked is None else min(asked, backoff.retry_after_s_max)
    assert least <= backoff.after(failures, asked) <= least + span


def test_two_emitters_do_not_come_back_at_the_same_moment() -> None:
    waits = [Backoff().after(8) for _ in range(200)]
    assert len(set(waits)) == 200
    assert min(waits) < 15, "the whole span is used"
    assert max(waits) > 45


def test_while_paused_the_ledger_is_asked_at_most_twice_a_pause() -> None:
    waits = [Backoff().while_paused() for _ in range(200)]
    assert 30 <= min(waits) < max(waits) <= 60
    assert Backoff().while_paused(300) >= 300


def told_of_retrying(retry_after: str | None) -> float | None:
    answer = Answer(503, "text/html", retry_after, b"")
    found = judged(1, answer, milliseconds(NOW))
    assert isinstance(found, Later)
    return found.retry_after_s


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert told_of_retrying("120") == 120
    assert told_of_retrying(format_datetime(NOW + timedelta(seconds=90), usegmt=True)) == 90
    assert told_of_retrying(format_datetime(NOW - timedelta(seconds=90), usegmt=True)) == 0
    assert told_of_retrying(None) is None


@every("what", UNREADABLE)
def test_a_retry_after_that_cannot_be_read_asks_for_nothing(what: str) -> None:
    assert told_of_retrying(UNREADABLE[what]) is None
