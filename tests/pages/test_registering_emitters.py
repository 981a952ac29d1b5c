"""送信元の登録: an emitter is registered, renamed and ended on the page, as at the door."""

import threading
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import pytest

from api.web.pages import once
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.watching import day, register

PAGE = "/desk/emitters"
DONE = f"{PAGE}?done=registered"


def form(person: Person, emitter: str = "") -> Sheet:
    return sheet(person.get(f"{PAGE}?emitter={emitter}").text, PAGE)


def on(name: str, given: str) -> dict[str, str]:
    """The fields of a day."""
    year, month, its_day = given.split("-")
    return {
        f"{name}_era": "ad",
        f"{name}_year": year,
        f"{name}_month": month,
        f"{name}_day": its_day,
    }


def sent(person: Person, ready: Sheet, **typed: str) -> tuple[int, str]:
    given = {**ready.fields, **{name: [text] for name, text in typed.items()}}
    answer = person.post(PAGE, given, token=given["form_token"][0])
    return answer.status_code, answer.headers.get("location") or answer.text


def emitter(office: Office, wanted: str) -> dict[str, Any] | None:
    key = office.key("admin:config", owner="operator")
    states = office.api("GET", "/v1/emitters", key).json()["emitters"]
    return next((one for one in states if one["emitter"] == wanted), None)


def new(id_: str) -> dict[str, str]:
    source = f"https://{id_}.example.jp/"
    return {"emitter": id_, "name": "新しい基盤", "source": source, **on("since", day(9))}


def test_an_emitter_is_registered_renamed_and_ended(office: Office) -> None:
    person = office.person("operator")
    assert sent(person, form(person), **new("shop")) == (303, DONE)
    assert "登録を更新しました" in words_of(person.get(DONE).text)
    made = emitter(office, "shop")
    assert made is not None
    assert (made["name"], made["since"], made["until"]) == ("新しい基盤", day(9), None)
    assert f"{PAGE}?emitter=shop" in person.get(PAGE).text
    ready = form(person, "shop")
    assert ready.text("name") == "新しい基盤"
    assert sent(person, ready, name="改めた基盤", **on("until", day(2))) == (303, DONE)
    ended = emitter(office, "shop")
    assert ended is not None
    assert (ended["name"], ended["until"]) == ("改めた基盤", day(2))
    assert "終了" in person.get(PAGE).text


def test_who_comes_second_sees_what_differs_and_can_send_it_again(office: Office) -> None:
    register(office, "pair", "https://pair.example.jp/", name="前の名称")
    person = office.person("operator")
    mine = form(person, "pair")
    register(office, "pair", "https://pair.example.jp/", name="ほかの名称")
    status, page = sent(person, mine, name="私の名称")
    assert status == 409
    assert "別の画面から更新されています" in words_of(page)
    assert "ほかの名称" in page
    found = emitter(office, "pair")
    assert found is not None
    assert found["name"] == "ほかの名称"
    again = sheet(page, PAGE)
    assert again.text("name") == "私の名称"
    assert sent(person, again) == (303, DONE)
    found = emitter(office, "pair")
    assert found is not None
    assert found["name"] == "私の名称"


def test_a_new_emitter_does_not_take_the_code_of_one_that_there_is(office: Office) -> None:
    register(office, "taken", "https://taken.example.jp/", name="前からの基盤")
    person = office.person("operator")
    status, page = sent(person, form(person), **new("taken"))
    assert status == 422
    assert 'href="#emitter"' in page
    assert "この記号の送信元は登録されています" in page
    assert sheet(page, PAGE).text("stood") == ""
    assert "送信元を登録する" in page
    found = emitter(office, "taken")
    assert found is not None
    assert found["name"] == "前からの基盤"


CARRIED_OUT = "前に送信した内容で既に登録しました"
UNSETTLED = "登録されたかどうか、まだ分かりません"
NOT_NOW = "今回の内容は登録していません"


def lost() -> AbstractContextManager[object]:
    """The database is gone when the emitter is registered."""
    return patch.object(Ledger, "register_emitter", side_effect=StoreUnavailableError)


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
