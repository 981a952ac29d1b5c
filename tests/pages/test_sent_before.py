"""A form that was sent before with other content: its page says what is known, and no more."""

import threading
from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest

from api.web.pages import once
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.test_registering_emitters import DONE, emitter, form, new, sent

CARRIED_OUT = "前に送信した内容で既に登録しました"
UNSETTLED = "登録されたかどうか、まだ分かりません"
NOT_NOW = "今回の内容は登録していません"


def lost() -> AbstractContextManager[object]:
    """The database is gone when the emitter is registered."""
    return patch.object(Ledger, "register_emitter", side_effect=StoreUnavailableError)


def test_what_was_carried_out_is_told_so(office: Office) -> None:
    person = office.person("operator")
    ready = form(person)
    assert sent(person, ready, **new("carried")) == (303, DONE)
    status, page = sent(person, ready, **new("carried-other"))
    assert (status, CARRIED_OUT in words_of(page), NOT_NOW in words_of(page)) == (422, True, True)
    assert emitter(office, "carried-other") is None


def test_of_what_was_lost_nobody_says_that_it_stands(office: Office) -> None:
    person = office.person("operator")
    ready = form(person)
    with lost():
        assert sent(person, ready, **new("lost"))[0] == 503
    status, page = sent(person, ready, **new("lost-other"))
    assert (status, UNSETTLED in words_of(page), NOT_NOW in words_of(page)) == (409, True, True)
    assert CARRIED_OUT not in words_of(page)
    assert emitter(office, "lost-other") is None
    # The same content is the same command: it is carried out now.
    assert sent(person, ready, **new("lost")) == (303, DONE)
    assert emitter(office, "lost") is not None


def test_what_is_still_carried_out_is_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "_LOOKS_MAX", 2)
    person, begun, go_on = office.person("operator"), threading.Event(), threading.Event()
    ready, register = form(person), Ledger.register_emitter

    def slow(*given: object) -> object:
        begun.set()
        assert go_on.wait(30)
        return register(*given)  # pyright: ignore[reportArgumentType] -- as they came

    found: list[tuple[int, str]] = []
    with patch.object(Ledger, "register_emitter", slow):
        first = threading.Thread(target=lambda: found.append(sent(person, ready, **new("slow"))))
        first.start()
        assert begun.wait(30)
        status, page = sent(office.person("operator"), ready, **new("slow-other"))
        again, again_page = sent(person, ready, **new("slow"))
        go_on.set()
        first.join()
    assert found == [(303, DONE)]
    for told in (page, again_page):
        assert UNSETTLED in words_of(told)
        assert CARRIED_OUT not in words_of(told)
    assert (status, again) == (409, 409)
    assert emitter(office, "slow-other") is None
