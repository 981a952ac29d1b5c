"""Claims of requests, and their answers: one carries it out, the others learn of it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import psycopg
import pytest
from typing_extensions import override

from ledger.clock import day_in_japan
from ledger.crypto.epoch import FixedMasters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import CorruptRecordError
from ledger.lifetimes import DRAFT_DAYS, draft_day
from ledger.store.answers import (
    CLAIM_AGE_MAX,
    Busy,
    Claim,
    IdempotencyKeys,
    KeyedRequest,
    StoredAnswer,
)
from ledger.store.connections import WRITER, Connections
from ledger.store.keys import KeyRows
from tests.canary import NAME, traces
from tests.database import LEDGER_NAME, Database
from tests.journals import ROW_MAC
from tests.matrix import every
from tests.store.retained import DUE, LATER, Retained

AT: Final = datetime(2026, 11, 24, 3, tzinfo=UTC)
ASKED: Final = KeyedRequest("officer", "POST /v1/renames", "key-1", b"a new name")
OTHER: Final = replace(ASKED, content=b"another name")
ANSWER: Final = StoredAnswer(200, (("content-type", "application/json"),), f'"{NAME}\n"'.encode())
SECOND: Final = timedelta(seconds=1)

T = TypeVar("T")


class Losing(Connections):
    """Every connection dies when its work is done, and before the result is told: so once more."""

    @override
    def read(self, work: Callable[[psycopg.Connection], T]) -> T:
        super().read(work)
        return super().read(work)


@dataclass(frozen=True)
class Answering:
    database: Database
    answers: IdempotencyKeys

    def claim(self, asked: KeyedRequest = ASKED, at: datetime = AT) -> Claim:
        claim = self.answers.claim(asked, at)
        assert isinstance(claim, Claim)
        return claim

    def execute(self, statement: str, *values: object) -> int:
        with psycopg.connect(self.database.admin) as admin:
            return admin.execute(statement.encode(), values).rowcount


def opened(connections: Connections) -> IdempotencyKeys:
    masters = FixedMasters({"2026-W48": bytes(32)})
    keys = KeyRing(KeyRows(connections, ROW_MAC), masters, LEDGER_NAME, lambda: AT)
    return IdempotencyKeys(connections, keys, LedgerSecret(bytes(32), LEDGER_NAME))


@pytest.fixture
def answering(database: Database) -> Iterator[Answering]:
    connections = Connections(database.urls.writer, WRITER)
    try:
        yield Answering(database, opened(connections))
    finally:
        connections.close()


def test_one_claims_and_its_answer_is_repeated(answering: Answering) -> None:
    claim = answering.claim()
    assert not claim.again
    # Whoever asks elsewhere is not in the way.
    for other in ({"caller": "another"}, {"route": "POST /v1/links"}, {"key": "key-2"}):
        assert answering.claim(replace(OTHER, **other)).command != claim.command
    assert answering.answers.claim(ASKED, AT) is Busy.RUNNING
    assert answering.answers.claim(OTHER, AT) is Busy.OTHER_RUNS
    answering.answers.keep(claim, ANSWER)
    assert answering.answers.claim(ASKED, AT) == ANSWER
    assert answering.answers.claim(OTHER, AT) is Busy.REUSED
    with psycopg.connect(answering.database.urls.reader) as reader:
        rows = reader.execute("SELECT * FROM ledger.answers").fetchall()
    assert not traces(repr(rows))
    assert not any(traces(one) for row in rows for one in row if isinstance(one, bytes))


def test_of_many_at_once_one_claims(answering: Answering) -> None:
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(answering.answers.claim(ASKED, AT)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Claim) for one in found) == 1
    assert found.count(Busy.RUNNING) == 7


def test_an_old_claim_is_taken_over_with_its_command(answering: Answering) -> None:
    first = answering.claim()
    assert answering.answers.claim(ASKED, AT + CLAIM_AGE_MAX) is Busy.RUNNING
    assert answering.answers.claim(OTHER, AT + CLAIM_AGE_MAX + SECOND) is Busy.OTHER_RUNS
    second = answering.claim(at=AT + CLAIM_AGE_MAX + SECOND)
    assert second.again
    assert second.command == first.command
    # The first one was only slow: it no longer lets go, but what it knows is answering.
    answering.answers.let_go(first, refused=True)
    assert answering.answers.claim(ASKED, AT + CLAIM_AGE_MAX + SECOND) is Busy.RUNNING
    answering.answers.keep(first, ANSWER)
    answering.answers.keep(second, replace(ANSWER, status=201))
    answering.answers.let_go(second, refused=False)
    assert answering.answers.claim(ASKED, AT) == ANSWER


def test_a_refused_request_frees_the_key_and_an_unknown_outcome_binds_it(
    answering: Answering,
) -> None:
    first = answering.claim()
    answering.answers.let_go(first, refused=True)
    again = answering.claim()
    assert (again.command, again.again) == (first.command, False)
    answering.answers.let_go(again, refused=True)
    other = answering.claim(OTHER)
    assert (other.command == first.command, other.again) == (False, False)
    answering.answers.let_go(other, refused=False)
    assert answering.answers.claim(ASKED, AT) is Busy.OTHER_LOST
    again = answering.claim(OTHER)
    assert (again.command, again.again) == (other.command, True)


@every("state", ["running", "failed", "refused", "done"])
def test_past_its_day_a_claim_is_as_good_as_gone_and_its_key_is_free_for_another_request(
    answering: Answering, state: str
) -> None:
    late = AT + timedelta(days=DRAFT_DAYS)
    assert day_in_japan(late) == draft_day(AT)

    def begun(key: str) -> tuple[Claim, KeyedRequest]:
        asked = replace(ASKED, key=f"{state}-{key}")
        first = answering.claim(asked)
        if state == "done":
            answering.answers.keep(first, ANSWER)
        elif state != "running":
            answering.answers.let_go(first, refused=state == "refused")
        return first, asked

    first, asked = begun("same")
    anew = answering.claim(asked, late)
    assert anew.key.day == draft_day(late)
    # What was never answered may stand, and is the same command; what was answered is asked anew.
    assert (anew.command == first.command) == (state != "done")
    assert anew.again == (state in ("running", "failed"))
    assert answering.answers.claim(replace(asked, content=b"x"), late) is Busy.OTHER_RUNS
    first, asked = begun("other")
    asked = replace(asked, content=b"another name")
    other = answering.claim(asked, late)
    assert (other.command == first.command, other.again) == (False, False)
    # Whoever began a month ago has nothing to say any more.
    answering.answers.keep(first, ANSWER)
    assert answering.answers.claim(asked, late) is Busy.RUNNING


def test_an_answer_in_another_row_does_not_open(answering: Answering) -> None:
    one, two = answering.claim(), answering.claim(replace(ASKED, key="key-2"))
    answering.answers.keep(one, ANSWER)
    answering.answers.keep(two, ANSWER)
    swapped = """
        UPDATE ledger.answers AS a SET sealed = b.sealed FROM ledger.answers AS b
         WHERE a.place = %s AND b.place = %s
    """
    assert answering.execute(swapped, one.place, two.place) == 1
    with pytest.raises(CorruptRecordError):
        answering.answers.claim(ASKED, AT)
    # A key that is destroyed takes its answers along.
    answering.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", one.key.id)
    assert answering.claim(OTHER).command != one.command


def test_what_is_carried_out_again_after_a_lost_answer_changes_nothing(
    answering: Answering,
) -> None:
    losing = Losing(answering.database.urls.writer, WRITER)
    try:
        answers = opened(losing)
        first = answers.claim(ASKED, AT)
        assert isinstance(first, Claim)
        second = answers.claim(ASKED, AT + CLAIM_AGE_MAX + SECOND)
        assert isinstance(second, Claim)
        assert (second.command, second.again) == (first.command, True)
        answers.let_go(second, refused=True)
        third = answers.claim(ASKED, AT)
        assert isinstance(third, Claim)
        assert not third.again
        answers.keep(third, ANSWER)
        assert answers.claim(ASKED, AT) == ANSWER
    finally:
        losing.close()


def test_answers_are_counted_and_destroyed_with_their_key(kept: Retained) -> None:
    due, later = kept.key(DUE, "draft"), kept.key(LATER, "draft")
    with psycopg.connect(kept.database.urls.writer) as writer:
        writer.cursor().executemany(
            "INSERT INTO ledger.answers"
            " (place, fingerprint, command, claim, claimed_at, state, key_id)"
            " VALUES (%s, %s, %s, %s, now(), 'running', %s)",
            [
                (random_uuid().bytes, bytes(16), random_uuid(), random_uuid(), key)
                for key in (due, due, later)
            ],
        )
    assert [(one.key_id, one.events) for one in kept.dying.due(LATER)] == [(due, 2), (later, 1)]
    assert [(one.key_class, one.events) for one in kept.dying.counts_by_month()] == [("draft", 3)]
    kept.index()
    assert kept.expire(due).events == 2
    with psycopg.connect(kept.database.urls.reader) as reader:
        assert reader.execute("SELECT key_id FROM ledger.answers").fetchall() == [(later,)]


@every(
    "change", ["command = gen_random_uuid()", "mac = NULL", "mac = decode(repeat('00', 32), 'hex')"]
)
def test_a_command_without_the_right_mac_is_not_believed(answering: Answering, change: str) -> None:
    asked = replace(ASKED, key=change)
    first = answering.claim(asked)
    answering.answers.let_go(first, refused=False)
    sql = f"UPDATE ledger.answers SET {change} WHERE place = %s"  # noqa: S608 -- our own
    assert answering.execute(sql, first.place) == 1
    with psycopg.connect(answering.database.urls.reader) as reader:
        found = reader.execute(
            "SELECT command FROM ledger.answers WHERE place = %s", (first.place,)
        )
        [(there,)] = found.fetchall()
    second = answering.claim(asked)
    assert (second.command in (first.command, there), second.again) == (False, False)
    # From here on it is that request's own command.
    answering.answers.let_go(second, refused=False)
    third = answering.claim(asked)
    assert (third.command, third.again) == (second.command, True)
    answering.answers.keep(third, ANSWER)
    assert answering.answers.claim(asked, AT) == ANSWER
