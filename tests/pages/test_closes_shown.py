"""The daily close on the pages: the strip of 受付一覧, the calendar and the list of 送信元."""

import re

import pytest

from ledger.emitters.id_set import hash_of, product_of
from tests.doors.samples import SOURCE, provision
from tests.pages.office import Office
from tests.pages.watching import day, register, sender

PAGE = "/desk/emitters"


def close(office: Office, back: int, *ids: str, given: bool = True) -> str:
    """Close a day on which `ids` were transferred; its state."""
    key = office.key("coverage:write", owner="ads", source=SOURCE)
    said = {"count": len(ids), "hash": hash_of(product_of((SOURCE, one) for one in ids))}
    body = {**said, "ids": [{"id": one} for one in ids] if given else []}
    answer = office.api("PUT", f"/v1/emitters/ads/days/{day(back)}", key, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["state"]


def send(office: Office, back: int, id_: str) -> None:
    data = provision(transferred_on=day(back))
    body = {"items": [{"source": SOURCE, "id": id_, "data": data}]}
    answer = office.api("POST", "/v1/transfers", sender(office), body)
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module", autouse=True)
def closed(office: Office) -> None:
    """Day 5 is all there, of day 4 one is missing, day 3 differs, to day 2 one came late."""
    register(office, "ads", SOURCE)
    for back in (5, 4, 3, 2):
        send(office, back, f"t-{back}")
    assert close(office, 5, "t-5") == "match"
    assert close(office, 4, "t-4", "lost-4") == "gap"
    assert close(office, 3, "t-3", "lost-3", given=False) == "differs"
    assert close(office, 2, "t-2") == "match"
    send(office, 2, "late-2")


def calendars(office: Office, who: str) -> str:
    """The pages of the months in which the closed days are."""
    months = sorted({day(back)[:7] for back in (5, 4, 3, 2)})
    return "".join(office.person(who).get(f"{PAGE}?month={one}").text for one in months)


def cells(page: str) -> dict[int, str]:
    """Day of the month → class of its cell, of cells that are neither outside nor to come."""
    found = re.findall(r'<rect class="([a-z-]+)"[^>]*/><text[^>]*>(\d+)</text>', page)
    return {int(number): kind for kind, number in found if kind not in ("outside", "to-come")}


def test_the_calendar_shows_how_each_closed_day_stands(office: Office) -> None:
    page = calendars(office, "officer")
    shown = {back: cells(page)[int(day(back)[8:])] for back in (5, 4, 3, 2)}
    assert shown == {5: "matched", 4: "short", 3: "differs", 2: "matched"}
    assert "締めで分かった、受信していない記録" in page
    assert "lost-4" not in page
    assert "締めで一致していない日　2日" in page
    for words in ("◎ 締めで一致", "× 受信していない記録あり", "？ 締めで不一致"):
        assert words in page


def test_that_more_came_in_is_shown_to_who_may_know_of_all_records_alone(office: Office) -> None:
    assert cells(calendars(office, "chief"))[int(day(2)[8:])] == "late"


def test_the_strip_of_the_work_list_names_who_has_a_day_that_is_not_all_there(
    office: Office,
) -> None:
    page = office.person("officer").get("/desk").text
    assert "締めで一致していない日がある送信元：1（" in page
