"""本人確認 by several people and windows: nothing is overwritten, nothing is taken twice."""

from datetime import date, timedelta

import pytest

from ledger.clock import day_in_japan, now
from tests.canary import NAME
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.looked import ADDRESS, Papers, looks, opened_by, told, two
from tests.pages.office import Office
from tests.pages.overtaken import CONFLICT, differing_rows


def this_day() -> date:
    return day_in_japan(now())


@pytest.fixture
def page(office: Office) -> Papers:
    return Papers(office.person("officer"), Work(office).begun()).opened()


def test_what_somebody_else_put_down_is_told_beside_what_was_typed(
    office: Office, page: Papers
) -> None:
    opened_by(office, page).done(**two(this_day() - timedelta(days=1)), note="<b>先に書いた")
    assert 'id="differing"' not in page.page
    mine = {**two(this_day()), "p1_original": "copy", "note": "私の確認"}
    page.again(page.send("", **mine), 409)
    yesterday, today = (f"{one:%Y/%m/%d}" for one in (this_day() - timedelta(days=1), this_day()))
    seal, residence = "1番目の書類：印鑑登録証明書", "2番目の書類：住民票"
    assert differing_rows(page.page) == [
        (f"{seal}　発行日", yesterday, today),
        (f"{residence}　原本・写し", "原本", "写し"),
        (f"{residence}　発行日", yesterday, today),
        ("メモ", "<b>先に書いた", "私の確認"),
    ]
    assert (
        "もう一度登録すると、登録されている内容は、この画面に入力した内容に置き換わります"
        in page.words
    )
    # The draft that was kept of it tells the same; what is sent again stands.
    assert differing_rows(page.opened().page)[-1] == ("メモ", "<b>先に書いた", "私の確認")
    page.done(**mine)
    assert 'id="differing"' not in page.page
    assert told(office, page.case)["examination"]["note"].startswith("私の確認")


def test_a_form_without_a_version_changes_nothing(office: Office, page: Papers) -> None:
    answer = page.send("", **two(), version="")
    assert answer.status_code == 409
    assert "受付（あなた）" in words_of(answer.text)
    assert looks(office, page.case) == 0


def test_a_form_that_is_sent_twice_is_taken_once(office: Office, page: Papers) -> None:
    first = page.send("/verification", **two())
    second = page.send("/verification", **two())
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    events = [one["type"] for one in told(office, page.case)["events"]]
    assert events == ["case-received", "case-documents-checked", "case-verified"]


def test_what_others_did_is_told_on_while_the_form_is_only_looked_at(
    office: Office, page: Papers
) -> None:
    opened_by(office, page).done(**two(), note="先に書いた")
    page.again(page.send("", **two(), note="私の確認"), 409)
    for action in ("compare", "more", "kinds"):
        page.again(page.send("", action=action), 200)
        assert CONFLICT in page.words
        assert differing_rows(page.page) == [("メモ", "先に書いた", "私の確認")]
    page.again(page.send("", p1_issued_on_month="13"), 422)
    assert CONFLICT in page.words
    page.opened()
    assert CONFLICT in page.words
    page.done(p1_issued_on_month=str(this_day().month))
    assert CONFLICT not in page.words


def test_each_page_that_is_shown_is_a_look_on_record_and_a_part_is_none(
    office: Office, page: Papers
) -> None:
    head = "SELECT position FROM ledger.head"
    [[before]] = office.rows(head)
    page.opened()
    [[after]] = office.rows(head)
    assert after == before + 1
    for part in ("/result", "/rows/0"):
        answer = page.part(part, **two())
        assert answer.status_code == 200
        assert NAME not in answer.text
        assert ADDRESS not in answer.text.replace(str(two()["registered"]), "")
    assert office.rows(head) == [(after,)]


def test_who_only_reads_sees_the_papers_and_no_button(office: Office, page: Papers) -> None:
    page.done(**two())
    shown = office.person("approver").get(page.path).text
    assert "本人確認ができます" in words_of(shown)
    for button in ("save", "keep", "primary", "correct", "refuse"):
        assert f'id="{button}"' not in shown
    assert f'action="{page.path}' not in shown, "nothing is sent"
