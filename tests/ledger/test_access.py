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
from tests.ledger.case_given import NOON, OFFICER, application
from tests.ledger.given import ACTOR, person
from tests.ledger.inside import Inside
from tests.matrix import every

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
    return [look.position for page in pages for look in page.accesses]


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


@every("name", BROKEN)
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
    stored = house.house.reads.facts_after(0, 100)
    headers = [read_header(one.header) for one in stored]
    assert [one.facts for one in headers] == [{}] * len(WHAT)
    assert len({one.stream for one in headers}) == len(WHAT)
    assert len({len(one.sealed or b"") for one in stored}) == 1


def test_looks_are_listed_under_the_number_of_their_case_and_told_from_those_of_no_case(
    house: Inside,
) -> None:
    def viewed(command: Any, **members: object) -> int:  # noqa: ANN401 -- either command
        return house.ledger.view(fresh(command, **members), house.now).position

    house.now, number = NOON, "2026-000003"
    early = [viewed(HISTORY, case=one) for one in (number, "2026-000002")]
    case = house.ledger.receive_case(
        ReceiveCase(random_uuid(), OFFICER, application()), NOON
    ).stream
    typed = [viewed(HISTORY, case=one) for one in (number, str(case), str(case).upper())]
    others = ("2025-000003", "2026-3", "2026-000000", "2026-" + "9" * 30, str(UUID(int=9)), "-")
    for one in others:
        viewed(HISTORY, case=one)
    letter, seen = viewed(LETTER, case=case), viewed(SEEN, case=case)
    unknown, given = viewed(LETTER), viewed(SEEN, case_given="2026-999999")
    [page] = listed(house)
    known = {look.position for look in page.accesses if look.case_known}
    assert known == {*typed, letter, seen}
    assert {one.position: one.number for one in page.accesses if one.number} == {
        letter: number,
        seen: number,
    }
    for name in (str(case), number):
        found = positions(listed(house, AccessFilter(case=name)))
        assert {letter, seen, typed[0]} <= {*found} <= {*early, *typed, letter, seen}, name
    assert positions(listed(house, AccessFilter(case="2026-999999"))) == [given]
    assert positions(listed(house, AccessFilter(case=str(LETTER.case)))) == [unknown]
    for nobody in ("2025-000001", "2026-000009", "2026-999999999999", "-1", "x"):
        assert positions(listed(house, AccessFilter(case=nobody))) == [], nobody
    assert house.ledger.case_numbered(number) == case
    assert house.ledger.case_numbered("2026-000002") is None


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
