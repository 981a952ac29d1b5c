"""What an operator reads of an error: a sentence to act on, or nothing but the traceback."""

import logging

import psycopg
import pytest

from api.server.application import ReportingCheck
from api.server.control_pipe import ControlPipe
from api.server.reasons import UNREACHABLE, is_operators, lines, why
from api.settings.settings import SettingsError
from ledger.errors import (
    CorruptRecordError,
    StoreUnavailableError,
)
from ledger.postgres.errors import PreparationError, ServerStartError
from ledger.store.secret_check import OtherSecretError
from tests.matrix import every

PREPARE = (
    "the database is not prepared for this program: an administrator of it must run the "
    "statements above"
)
REFUSED = "the database cannot be reached: "

TOLD: dict[str, tuple[Exception, tuple[str, ...]]] = {
    "two wrong settings": (SettingsError(("A: set it", "B: read it")), ("A: set it; B: read it",)),
    "a broken record": (
        CorruptRecordError("no header", 7),
        ("position 7: no header: run `ledger fsck`",),
    ),
    "a server that did not start": (
        ServerStartError("it did not start\n\nFATAL: no memory\n"),
        ("FATAL: no memory", "it did not start"),
    ),
    "missing rights": (
        PreparationError(("CREATE ROLE a;", "CREATE SCHEMA b;")),
        (
            "CREATE ROLE a;",
            "CREATE SCHEMA b;",
            PREPARE,
        ),
    ),
    "a wrong password": (
        psycopg.OperationalError('FATAL:  password authentication failed for user "ledger"'),
        (REFUSED + "the server refuses the user or the password of LEDGER_DATABASE_URL",),
    ),
    "a server that speaks another language": (
        psycopg.OperationalError("FATAL:  ユーザー認証に失敗しました"),
        (UNREACHABLE,),
    ),
}
UNEXPECTED = [
    RuntimeError("x"),
    psycopg.errors.UndefinedTable("x"),
    psycopg.errors.DeadlockDetected("x"),
]


@every("name", TOLD)
def test_what_an_operator_can_mend_is_told_with_the_sentence_last(name: str) -> None:
    error, expected = TOLD[name]
    assert lines(error) == expected
    assert why(error) == expected[-1]


def test_what_nobody_expects_is_told_by_its_type_alone_and_keeps_its_place_in_the_log() -> None:
    for error in UNEXPECTED:
        assert lines(error) is None
        assert why(error) == f"unexpected {type(error).__name__}: its place is in the log"
    for error in (*UNEXPECTED, CorruptRecordError("no header", 7)):
        assert not is_operators(error)
    for error in (OtherSecretError("it is another one"), StoreUnavailableError()):
        assert is_operators(error)


def test_a_check_tells_each_reason_once_and_when_it_passes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost, odd = StoreUnavailableError(), RuntimeError("0042-7781")
    said: list[tuple[str, str | None]] = []
    errors = [None, lost, lost, odd, None]

    def failing() -> None:
        if error := errors.pop(0):
            raise error

    check = ReportingCheck("database", failing, lambda name, reason: said.append((name, reason)))
    caplog.set_level(logging.INFO, "api")
    check()
    for error in (lost, lost, odd):
        with pytest.raises(type(error)):
            check()
    check()
    unexpected = "unexpected RuntimeError: its place is in the log"
    assert said == [("database", UNREACHABLE), ("database", unexpected), ("database", None)]
    assert caplog.messages == [UNREACHABLE, unexpected, "the check passes again"]
    assert [record.exc_info is not None for record in caplog.records] == [False, True, False]


def test_what_is_over_is_no_longer_said_and_half_a_line_waits_for_its_end() -> None:
    line = ControlPipe()
    there = line.standard_input()
    try:
        for part, expected in (
            (b'{"a":"slow"}\n{"b":"lost"}\n{"a"', {"a": "slow", "b": "lost"}),
            (b':null}\n{"end":"\xe7\xb5\x82', {"b": "lost"}),
            (b'"}\n', {"b": "lost", "end": "終"}),
        ):
            with open(there, "wb", closefd=False) as writing:
                writing.write(part)
            line.hear()
            assert line.messages == expected
    finally:
        line.close()
