"""The erasure journal: what was destroyed stays known, whatever happens to the database."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.retention import journal_file
from ledger.retention.journal_file import ERASURES, HEAD, Head, Journal, JournalError
from tests.database import LEDGER_NAME
from tests.journals import journal_in
from tests.rounds import rounds

AT: Final = datetime(2029, 6, 1, 3, 0, tzinfo=UTC)
ID: Final = UUID("7f000000-0000-4000-8000-000000000001")
PLAN: Final = UUID("7f000000-0000-4000-8000-000000000002")
FIRST: Final = bytes([1]) * 32
SECOND: Final = bytes([2]) * 32


def begun(folder: Path) -> Journal:
    journal = journal_in(folder / "journal")
    assert journal.begin(ID, AT) == ID
    return journal


def read_anew(journal: Journal) -> Journal:
    return journal_in(journal.folder)


def test_a_key_counts_as_destroyed_once_its_expiry_is_done(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.intend([FIRST], PLAN, AT)
    assert (journal.erased(), journal.intended()) == (set(), {FIRST})
    journal.settle([FIRST], 17)
    again = read_anew(journal)
    assert (again.erased(), again.intended()) == ({FIRST}, set())
    assert again.begin(PLAN, AT) == ID, "it is begun once"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.saw(Head(1, FIRST), AT)
    assert journal.folder.stat().st_mode & 0o777 == 0o700
    for name in (ERASURES, HEAD):
        assert (journal.folder / name).stat().st_mode & 0o777 == 0o600


def test_a_lock_that_nobody_lets_go_of_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(tmp_path)
    monkeypatch.setattr(journal_file, "LOCK_S_MAX", 0.1)
    with (journal.folder / ERASURES).open("rb") as held:
        flock(held, LOCK_EX)
        with pytest.raises(TimeoutError, match="another process keeps"):
            journal.intend([FIRST], PLAN, AT)
        with pytest.raises(TimeoutError):
            journal.saw(Head(1, FIRST), AT)
    journal.intend([FIRST], PLAN, AT)
    journal.saw(Head(1, FIRST), AT)
    assert (journal.intended(), journal.last_head()) == ({FIRST}, Head(1, FIRST))


def test_an_intent_that_nobody_ended_is_settled_later(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.intend([FIRST, SECOND], PLAN, AT)
    again = read_anew(journal)
    again.settle([FIRST], 18)
    assert (again.erased(), again.intended()) == ({FIRST}, {SECOND})


def test_nothing_is_intended_in_a_journal_that_was_never_begun(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(JournalError, match="there is no erasure journal"):
            journal_in(folder).intend([FIRST], PLAN, AT)
        assert not journal_in(folder).exists


def test_the_journal_of_another_ledger_is_refused(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    with pytest.raises(JournalError, match="another ledger"):
        journal_in(journal.folder, "another").erased()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=rounds(60),
)
@given(cut=st.integers(min_value=1))
def test_a_last_line_that_was_cut_off_is_passed_over_and_written_over(
    tmp_path: Path, cut: int
) -> None:
    journal = journal_in(tmp_path / f"cut-{cut}")
    (journal.folder / ERASURES).unlink(missing_ok=True)
    journal.begin(ID, AT)
    journal.settle([FIRST], 17)
    path = journal.folder / ERASURES
    before = path.stat().st_size
    journal.settle([SECOND], 18)
    os.truncate(path, before + cut % (path.stat().st_size - before))
    assert journal.erased() == {FIRST}
    journal.settle([SECOND], 19)
    assert read_anew(journal).erased() == {FIRST, SECOND}


DAMAGES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "a key was changed": lambda text: text.replace(b"0101", b"0103", 1),
    "a line is missing": lambda text: b"".join(
        line for n, line in enumerate(text.splitlines(keepends=True)) if n != 1
    ),
    "two lines changed places": lambda text: b"".join(
        text.splitlines(keepends=True)[n] for n in (0, 2, 1)
    ),
    "the first line is missing": lambda text: text.partition(b"\n")[2],
    "a line is empty": lambda text: text.replace(b"\n", b"\n\n", 1),
    "a line is no JSON": lambda text: text.replace(b'"state"', b'"state', 1),
    "a position is none": lambda text: text.replace(b":17", b":null", 1),
    "a line was cut off, not the last one": lambda text: text.replace(b'"}\n', b"\n", 1),
}


def test_any_other_damage_is_refused(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.settle([FIRST], 17)
    journal.settle([SECOND], 18)
    path = journal.folder / ERASURES
    whole = path.read_bytes()
    for change in DAMAGES.values():
        path.write_bytes(change(whole))
        for use in (journal.erased, lambda: journal.intend([FIRST], PLAN, AT)):
            with pytest.raises(JournalError, match="damaged"):
                use()


def test_the_last_head_is_kept_and_goes_back_only_when_somebody_vouches_for_it(
    tmp_path: Path,
) -> None:
    journal = begun(tmp_path)
    assert journal.last_head() is None
    for head in (Head(0, b""), Head(5, FIRST), Head(5, FIRST), Head(7, SECOND)):
        journal.saw(head, AT)
        assert read_anew(journal).last_head() == head
    read_anew(journal).saw(Head(5, FIRST), AT)
    assert journal.last_head() == Head(7, SECOND)
    journal.accept(Head(5, FIRST), AT)
    assert read_anew(journal).last_head() == Head(5, FIRST)
    assert b'"head":5,"seen":7,"state":"accepted"' in (journal.folder / ERASURES).read_bytes()


def plain(line: Mapping[str, object], before: str) -> bytes:
    """A line as versions wrote it before sums were keyed, and as anybody can write it."""
    text = json.dumps(line, sort_keys=True, separators=(",", ":"))
    digest = sha256(f"{before}\n{text}".encode()).hexdigest()[:32]
    return f'{text[:-1]},"sum":"{digest}"}}'.encode() + b"\n"


def earlier(folder: Path) -> Journal:
    """A journal of before sums were keyed, in which a key was destroyed, with its head."""
    folder.mkdir(parents=True)
    begun = {"state": "begun", "at": AT.isoformat(), "id": str(ID), "ledger": LEDGER_NAME}
    first = plain(begun, "")
    done = {"state": "done", "keys": [FIRST.hex()], "position": 17}
    (folder / ERASURES).write_bytes(first + plain(done, sum_of(first)))
    head = {"at": AT.isoformat(), "event_hash": FIRST.hex(), "head": 17}
    (folder / HEAD).write_text(json.dumps(head))
    return journal_in(folder)


def sum_of(content: bytes) -> str:
    return content[-35:-3].decode()


def test_a_journal_of_before_sums_were_keyed_is_read_and_goes_on_with_keyed_ones(
    tmp_path: Path,
) -> None:
    journal = earlier(tmp_path / "earlier")
    before = (journal.folder / ERASURES).read_bytes()
    assert (journal.id(), journal.erased(), journal.is_keyed) == (ID, {FIRST}, False)
    assert journal.last_head() == Head(17, FIRST)
    journal.key_sums(AT)
    journal.key_sums(AT)
    journal.settle([SECOND], 18)
    again = read_anew(journal)
    assert (again.erased(), again.is_keyed) == ({FIRST, SECOND}, True)
    assert again.last_head() == Head(17, FIRST)
    content = (journal.folder / ERASURES).read_bytes()
    assert content.startswith(before)
    assert content.count(b'"state":"keyed"') == 1


def test_a_line_is_made_by_nobody_without_the_ledger_secret(tmp_path: Path) -> None:
    forged: dict[str, object] = {"state": "done", "keys": [SECOND.hex()], "position": 18}
    for journal in (begun(tmp_path), upgraded(tmp_path / "earlier")):
        path = journal.folder / ERASURES
        whole = path.read_bytes()
        other = journal_in(tmp_path / "other", secret=bytes(32))
        other.begin(ID, AT)
        other.settle([SECOND], 18)
        theirs = (other.folder / ERASURES).read_bytes().splitlines(keepends=True)[-1]
        for line in (plain(forged, sum_of(whole)), theirs):
            path.write_bytes(whole + line)
            with pytest.raises(JournalError, match="damaged"):
                journal.erased()
            with pytest.raises(JournalError, match="damaged"):
                journal.settle([SECOND], 18)


def upgraded(folder: Path) -> Journal:
    journal = earlier(folder)
    journal.key_sums(AT)
    return journal


def test_a_head_is_made_by_nobody_without_the_ledger_secret(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    path = journal.folder / HEAD
    journal.saw(Head(17, FIRST), AT)
    told = json.loads(path.read_text())
    for changed in ({"head": 3}, {"event_hash": SECOND.hex()}, {"sum": "0" * 32}, {"sum": None}):
        path.write_text(json.dumps({k: v for k, v in {**told, **changed}.items() if v is not None}))
        with pytest.raises(JournalError, match="damaged"):
            read_anew(journal).last_head()
    for content in (b"", b"[]", b"{}", b'{"head":"1","event_hash":""}'):
        path.write_bytes(content)
        with pytest.raises(JournalError, match="damaged"):
            read_anew(journal).last_head()


def test_without_the_ledger_secret_a_journal_is_copied_and_not_written(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.settle([FIRST], 17)
    journal.saw(Head(17, SECOND), AT)
    without = Journal(journal.folder, LEDGER_NAME)
    copy = tmp_path / "copy"
    copy.mkdir()
    without.copy_to(copy)
    assert journal_in(copy).erased() == {FIRST}
    assert journal_in(copy).last_head() == Head(17, SECOND)
    for write in (
        lambda: without.settle([SECOND], 18),
        lambda: without.saw(Head(18, SECOND), AT),
        lambda: without.key_sums(AT),
    ):
        with pytest.raises(JournalError, match="ledger secret"):
            write()
    with (journal.folder / ERASURES).open("ab") as file:
        file.write(b'{"keys":[],"position":18,"state":"done","sum":"no sum"}\n')
    with pytest.raises(JournalError, match="damaged"):
        without.erased()
