"""An end that is asked for: the first signal interrupts, later ones do not."""

import os
import signal

import psycopg
import pytest

from api.server.signals import ENDING, StopRequested, stopping


def signalled() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    signal.getsignal(signal.SIGTERM)  # Python runs the handler between two calls


def test_the_first_signal_interrupts_and_later_ones_do_not() -> None:
    reached: list[str] = []
    before = [signal.getsignal(number) for number in ENDING]

    def work() -> None:
        try:
            signalled()
            reached.append("after the signal")
        finally:
            signalled()
            reached.append("tidied up")

    with pytest.raises(StopRequested), stopping():
        work()
    assert reached == ["tidied up"]
    with stopping() as stop:
        stop.keep_quiet()
        signalled()
    assert not stop.requested, "no signal interrupts an orderly end"
    assert [signal.getsignal(number) for number in ENDING] == before


def test_a_statement_that_was_cut_off_counts_as_the_request() -> None:
    def tidy_up() -> None:
        raise psycopg.OperationalError

    def work() -> None:
        try:
            signalled()
        finally:
            tidy_up()

    with pytest.raises(StopRequested), stopping():
        work()
    with pytest.raises(psycopg.OperationalError), stopping():
        tidy_up()
