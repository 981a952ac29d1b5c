"""送信元: who sends, what they declared, who was heard of; and what waits in quarantine."""

import re
from datetime import timedelta

import psycopg
import pytest

from ledger.clock import day_in_japan, now
from ledger.lifetimes import quarantine_day
from tests.doors.samples import SOURCE
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.watching import CANARY, HOSTILE, day, declare, register, rejected

PAGE = "/desk/emitters"
QUARANTINE = "/desk/emitters/quarantine"
CRM = "https://crm.example.jp/export"
OLD = "https://old.example.jp/export"
KEEPER = "quarantine"
READERS = ("officer", "approver", "chief", "auditor", KEEPER, "operator")


def slashed(back: int) -> str:
    return day(back).replace("-", "/")


def pages_of(person: Person) -> list[str]:
    """The list of what waits, page by page to its end."""
    address, pages = QUARANTINE, list[str]()
    while address:
        pages.append(person.get(address).text)
        following = re.search(r'href="([^"]*cursor=[^"]*)"', pages[-1])
        address = following[1] if following else ""
    return pages


def line_of(person: Person, kept: str) -> str:
    """The line of an item in the list; empty when it does not wait."""
    whole = "".join(pages_of(person))
    return whole.partition(f'id="rejected-{kept}"')[2].partition("</tr>")[0]


@pytest.fixture(scope="module", autouse=True)
def empty(office: Office) -> str:
    """The page before there is anything; then emitters, one hostile, one retired."""
    first = office.person("operator").get(PAGE).text
    register(office, "ads", SOURCE)
    declare(office, "ads", SOURCE, 60, 11)
    declare(office, "ads", SOURCE, 9, 1, expected_count=12345)
    register(office, "crm", CRM, name=HOSTILE, since=day(3))
    register(office, "old", OLD, name="旧基幹", until=day(20))
    return first


def test_a_ledger_without_emitters_says_so(empty: str) -> None:
    assert "登録された送信元はありません" in empty
    assert "<table" not in empty.partition("<main")[2].partition("</main>")[0]


def test_the_picture_and_the_table_say_the_same_of_every_day(office: Office) -> None:
    missing = day_in_japan(now()) - timedelta(days=10)
    page = office.person("operator").get(f"{PAGE}?month={missing:%Y-%m}").text
    section = page.partition('<h3 id="name-')[2].partition("</section>")[0]
    assert "広告配信基盤" in section
    states = re.findall(r'<rect class="([a-z-]+)"', section)
    assert states[missing.day - 1] == "missing"
    drawn = {one: states.count(one) for one in set(states)}
    told: dict[str, int] = {}
    marks = {"○": "declared", "▲": "missing", "－": "outside"}
    for days, mark in re.findall(r'<td class="date">(\d+)日</td><td>(\S*) ', section):
        state = marks.get(mark, "to-come")
        told[state] = told.get(state, 0) + int(days)
    assert told == drawn
    assert f'{slashed(10)}</span></th><td class="date">1日</td><td>▲ 申告なし' in section
    assert "12,345件" not in page


def test_the_chief_alone_sees_how_many_were_declared(office: Office) -> None:
    # Beside a plain export of the day a count tells how many records are hidden (Order 11).
    seen = {role: "12,345件" in office.person(role).get(PAGE).text for role in READERS}
    assert seen == dict.fromkeys(READERS, False) | {"chief": True}


def test_what_waits_is_listed_without_what_it_says(office: Office) -> None:
    kept = rejected(office, principals=[{"scheme": "member", "id": "CNRY-M-1", "name": CANARY}])
    strange = rejected(office, **{CANARY: 1})
    page = "".join(pages_of(office.person(KEEPER)))
    assert kept in page
    assert strange in page
    assert "SCHEMA" in page
    assert SOURCE in page
    assert CANARY not in page
    assert "カナリア" not in page


def test_who_keeps_the_quarantine_is_warned_before_an_item_goes_unsettled(office: Office) -> None:
    person, kept = office.person(KEEPER), rejected(office)
    warning = "修復も破棄もされないまま消去されます"
    assert warning not in person.get(QUARANTINE).text
    end = quarantine_day(now())
    assert f"{end:%Y/%m/%d}に消去" in line_of(person, kept)
    with psycopg.connect(office.urls.owner) as connection:
        older = "UPDATE ledger.quarantine SET received_at = received_at - interval '61 days'"
        connection.execute(older + " WHERE id = %s", (kept,))
    assert f"{end - timedelta(days=61):%Y/%m/%d}に消去" in line_of(person, kept)
    assert f"このページの1件は、30日以内に、{warning}" in person.get(QUARANTINE).text


def test_one_person_proposes_and_only_another_one_discards(office: Office) -> None:
    person, kept = office.person(KEEPER), rejected(office)
    action = f"{QUARANTINE}/{kept}/discard"
    proposed = person.post(action)
    assert proposed.headers["location"] == f"{QUARANTINE}?done=discard_proposed"
    assert "破棄を提案しました" in words_of(person.get(proposed.headers["location"]).text)
    line = line_of(person, kept)
    assert "別の担当者の確認を待っています" in line
    assert "<form" not in line
    again = person.post(action)
    assert again.headers["location"] == f"{QUARANTINE}?done=discard_proposed"
    assert line_of(person, kept), "one person has discarded it alone"
    key = office.key("quarantine:write", owner="approver")
    other = office.api("POST", f"/v1/quarantine/{kept}/discard", key)
    assert other.json()["state"] == "discarded"
    assert not line_of(person, kept)


def test_what_was_marked_is_unknown_to_who_may_not_mark(office: Office) -> None:
    item = {"source": SOURCE, "id": "marked-1", "data": "none", "order_11": "i"}
    key = office.key("events:write", "records:exclude", owner="marker", source=SOURCE)
    answer = office.api("POST", "/v1/transfers", key, {"items": [item]})
    kept = answer.json()["quarantine"]
    person = office.person(KEEPER)
    assert not line_of(person, kept)
    assert person.post(f"{QUARANTINE}/{kept}/discard").status_code == 404
