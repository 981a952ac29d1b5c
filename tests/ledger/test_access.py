"""Looks: what may be put on record, and how an auditor finds it again."""

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ledger.accesses import access, service
from ledger.accesses.access import WHAT
from ledger.accesses.service import AccessFilter, AccessPage
from ledger.cases.case import ReceiveCase
from ledger.clock import day_in_japan
from ledger.commands import ViewDocument, ViewHistory
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.format.events import DocumentViewed, HistoryViewed
from ledger.format.header import read_header
from ledger.lifetimes import access_day
from tests.ledger.case_given import NOON, OFFICER, application
from tests.ledger.given import ACTOR, person
from tests.ledger.inside import Inside

OTHER = "b" * 32
NUMBER = "1234 5678 9018"
HISTORY = ViewHistory(UUID(int=1), ACTOR, "C-1", (person("P1"),), 0, 2, "調査")
LETTER = ViewDocument(UUID(int=2), ACTOR, UUID(int=3), access.LETTER, 1, "reply.pdf", "再交付")

SEEN = ViewDocument(
    UUID(int=2), ACTOR, None, access.TRANSFER, reason="inspection", transfer=UUID(int=4)
)


def fresh(command: Any, **members: object) -> Any:  # noqa: ANN401 -- either command
    return replace(command, command=random_uuid(), **members)


ANYTHING = AccessFilter()


def listed(house: Inside, asked: AccessFilter = ANYTHING, limit: int = 100) -> list[AccessPage]:
    """All pages."""
    pages: list[AccessPage] = []
    after: int | None = 0
    head = house.head()
    while after is not None:
        pages.append(house.ledger.accesses(asked, after, head, limit))
        after = pages[-1].after
    return pages


def positions(pages: list[AccessPage]) -> list[int]:
    return [look.position for page in pages for look in page.looks]


def test_a_look_is_put_on_record_as_it_was() -> None:
    assert access.view(HISTORY) == HistoryViewed(0, "C-1", (person("P1"),), 2, "調査")
    assert access.view(LETTER) == DocumentViewed(UUID(int=3), "letter", 1, "reply.pdf", "再交付")
    for case in (None, UUID(int=5)):
        seen = DocumentViewed(case, "transfer", reason="inspection", transfer=UUID(int=4))
        assert access.view(replace(SEEN, case=case)) == seen


BROKEN: dict[str, tuple[Any, dict[str, str]]] = {
    "a number in the reason": (replace(HISTORY, reason=NUMBER), {"/reason": "MY_NUMBER_SHOWN"}),
    "a history without a reason": (replace(HISTORY, reason="\u3000"), {"/reason": "SCHEMA"}),
    "a letter of no case": (replace(LETTER, case=None), {"/case": "SCHEMA"}),
    "a letter that is a transfer": (replace(LETTER, transfer=UUID(int=4)), {"/transfer": "SCHEMA"}),
    "a transfer that is none": (replace(SEEN, transfer=None), {"/transfer": "SCHEMA"}),
    "a transfer for nothing": (replace(SEEN, reason=None), {"/reason": "SCHEMA"}),
    "a number in a letter's reason": (
        replace(LETTER, reason=NUMBER),
        {"/reason": "MY_NUMBER_SHOWN"},
    ),
    "an individual number for a case": (
        replace(SEEN, case_given=f"2026-{NUMBER.replace(' ', '')}"),
        {"/case": "MY_NUMBER_SHOWN"},
    ),
    "a number of no case beside a case": (
        replace(SEEN, case=UUID(int=5), case_given="2026-999999"),
        {"/case": "SCHEMA"},
    ),
    "a letter of a number of no case": (
        replace(LETTER, case=None, case_given="2026-999999"),
        {"/case": "SCHEMA"},
    ),
    "something else": (replace(LETTER, what="history"), {"/what": "SCHEMA"}),
    "reply 0": (replace(LETTER, number=0), {"/number": "SCHEMA"}),
    "a file named by somebody": (replace(LETTER, document="山田.pdf"), {"/document": "SCHEMA"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_look_is_refused(name: str) -> None:
    command, defects = BROKEN[name]
    with pytest.raises(MalformedError) as refused:
        access.view(command)
    assert {one.pointer: one.code for one in refused.value.defects} == defects
    assert NUMBER not in str(refused.value)


def test_nothing_of_a_look_at_a_document_stands_in_clear(house: Inside) -> None:
    for what in WHAT:
        transfer = UUID(int=4) if what == access.TRANSFER else None
        house.ledger.view(fresh(LETTER, what=what, transfer=transfer), house.now)
    headers = [read_header(one.header) for one in house.house.reads.facts_after(0, 100)]
    assert [one.facts for one in headers] == [{}] * len(WHAT)
    assert len({one.stream for one in headers}) == len(WHAT)
    assert len({len(one.sealed or b"") for one in house.house.reads.facts_after(0, 100)}) == 1


def test_a_document_is_listed_under_the_number_of_its_case(house: Inside) -> None:
    house.now = NOON
    case = house.ledger.receive_case(
        ReceiveCase(random_uuid(), OFFICER, application()), NOON
    ).stream
    state = house.ledger.case(case)
    assert state is not None
    file = house.ledger.view(fresh(LETTER, case=case), house.now).position
    typed = house.ledger.view(fresh(HISTORY, case=state.number), house.now).position
    other = house.ledger.view(fresh(HISTORY), house.now).position
    unknown = house.ledger.view(fresh(LETTER), house.now).position
    seen = house.ledger.view(fresh(SEEN, case=case), house.now).position
    house.ledger.view(fresh(SEEN), house.now)
    given = house.ledger.view(fresh(SEEN, case_given="2026-999999"), house.now).position
    [page] = listed(house)
    number = state.number
    assert [look.number for look in page.looks] == [number, None, None, None, number, None, None]
    assert positions(listed(house, AccessFilter(case="2026-999999"))) == [given]
    for name in (str(case), number):
        assert positions(listed(house, AccessFilter(case=name))) == [file, typed, seen], name
    assert positions(listed(house, AccessFilter(case="C-1"))) == [other]
    assert positions(listed(house, AccessFilter(case=str(LETTER.case)))) == [unknown]
    for nobody in ("2025-000001", "2026-000002", "2026-000000", "2026-999999999999", "-1", "x"):
        assert positions(listed(house, AccessFilter(case=nobody))) == [], nobody


def test_a_look_says_whether_its_case_had_begun(house: Inside) -> None:
    house.now = NOON
    early = [("2026-000005", False), ("2026-000004", False), ("調査", False), ("C-1", False)]
    for named, _ in early:
        house.ledger.view(fresh(HISTORY, case=named), house.now)
    begun = ReceiveCase(random_uuid(), OFFICER, application())
    case = house.ledger.receive_case(begun, NOON).stream
    late = [
        ("2026-000005", True),
        (str(case), True),
        (str(case).upper(), True),
        ("2025-000005", False),
        ("2026-5", False),
        ("2026-000004", False),
        ("2026-000000", False),
        ("2026-" + "9" * 30, False),
        (str(UUID(int=9)), False),
        ("-", False),
    ]
    for named, _ in late:
        house.ledger.view(fresh(HISTORY, case=named), house.now)
    house.ledger.view(fresh(LETTER, case=case), house.now)
    house.ledger.view(fresh(LETTER), house.now)
    house.ledger.view(fresh(SEEN), house.now)
    [page] = listed(house)
    known = [look.case_known for look in page.looks]
    assert known == [known for _, known in early + late] + [True, False, False]
    assert house.ledger.case_numbered("2026-000005") == case
    assert house.ledger.case_numbered("2026-000004") is None


def test_a_look_of_the_time_without_reasons_is_read() -> None:
    old = HistoryViewed(3, "C-1", (person("P1"),), 2)
    facts, record = other_parts_of(old)
    assert "reason" not in record
    assert other_event_of(HistoryViewed.TYPE, facts, record) == old


def slowly(house: Inside, asked: AccessFilter, dead: frozenset[int]) -> tuple[list[int], int]:
    """Positions of the looks that are asked for, and how many are gone: one event at a time."""
    found: list[int] = []
    gone = 0
    for fact in house.house.reads.facts_after(0, 1_000):
        [opened] = house.house.streams.opened([fact])
        day = day_in_japan(opened.header.at)
        if fact.type not in (HistoryViewed.TYPE, DocumentViewed.TYPE):
            continue
        if not (asked.first or date.min) <= day <= (asked.last or date.max):
            continue
        if asked.actor not in (None, opened.header.actor):
            continue
        if fact.position in dead:
            gone += 1
            continue
        assert opened.content is not None
        record = opened.content.record
        assert record is not None
        if asked.case in (None, record["case"]):
            found.append(fact.position)
    return found, gone


def let_die(house: Inside, position: int) -> frozenset[int]:
    """Destroy the key of a look; the positions of all that it sealed."""
    with psycopg.connect(house.database.admin) as admin:
        rows = admin.execute(
            "SELECT key_id, position FROM ledger.sealed_parts WHERE key_id ="
            " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
            (position,),
        ).fetchall()
        key = rows[0][0]
        admin.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", (key,))
        admin.execute("DELETE FROM ledger.sealed_parts WHERE key_id = %s", (key,))
    house.house.keys.forget([key])
    return frozenset(row[1] for row in rows)


def test_pages_hold_what_a_look_at_every_event_finds(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime.fromisoformat("2026-05-31T00:00:00.000Z")
    for n in range(24):
        house.record(f"t{n}")
        command = (HISTORY, LETTER)[n % 3 == 0]
        members: dict[str, Any] = {"actor": (ACTOR, OTHER)[n % 2]}
        if command is HISTORY:
            members["case"] = ("C-1", "C-2")[n % 5 == 0]
        house.ledger.view(fresh(command, **members), begin + timedelta(hours=4 * n))
    dead = let_die(house, 2)
    assert 0 < len(dead) < 10, "the looks of May"
    monkeypatch.setattr(service, "CHUNK", 3)
    monkeypatch.setattr(service, "OPENED_MAX", 4)
    days = [None, *(date(2026, 5, 31) + timedelta(days=n) for n in range(-1, 6))]
    cases = (None, "C-1", "C-2", str(LETTER.case), "C-3")
    seen: set[tuple[int, ...]] = set()
    for first, last, case, actor in itertools.product(days, days[::3], cases, (None, OTHER)):
        asked = AccessFilter(first, last, case, actor)
        pages = listed(house, asked, limit=2)
        wanted, gone = slowly(house, asked, dead)
        assert positions(pages) == wanted, asked
        assert sum(sum(page.expired.values()) for page in pages) == gone, asked
        assert {month for page in pages for month in page.expired} <= {"2026-05"}
        seen.add(tuple(wanted))
    assert len(seen) > 20


def test_days_are_days_in_japan(house: Inside) -> None:
    late = datetime.fromisoformat("2026-06-01T14:59:59.999Z")
    early = late + timedelta(milliseconds=1)
    one = house.ledger.view(fresh(HISTORY), late).position
    two = house.ledger.view(fresh(HISTORY), early).position
    day = date(2026, 6, 1)
    assert day_in_japan(late) == day
    assert access_day(late) == access_day(early)
    assert positions(listed(house, AccessFilter(first=day, last=day))) == [one]
    assert positions(listed(house, AccessFilter(first=day + timedelta(days=1)))) == [two]
    assert positions(listed(house, AccessFilter(last=day))) == [one]
    assert positions(listed(house, AccessFilter(first=date.min, last=date.max))) == [one, two]
