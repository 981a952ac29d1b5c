"""Days by era, labels that a scanner reads, and files as they stream in, without a server."""

import asyncio
import re
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.problems.refusals import UploadUnreadableError
from api.resources.cases.pages.overview.letters import QUIET, code_39
from api.web.pages.days import (
    CALENDAR,
    ERAS,
    NoSuchDayError,
    by_era,
    era_of,
    left,
    parse_day,
)
from api.web.pages.upload_form import UploadForm
from tests.canary import OFFICERS, traces
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office, Person

BOUNDARIES = [
    ("showa", "64", "1", "7", date(1989, 1, 7), "昭和64年1月7日"),
    ("heisei", "元", "1", "8", date(1989, 1, 8), "平成元年1月8日"),
    ("heisei", "３１", "４", "３０", date(2019, 4, 30), "平成31年4月30日"),
    ("reiwa", "1", "5", "1", date(2019, 5, 1), "令和元年5月1日"),
    ("taisho", "15", "12", "24", date(1926, 12, 24), "大正15年12月24日"),
    ("showa", "1", "12", "25", date(1926, 12, 25), "昭和元年12月25日"),
    ("meiji", "45", "7", "29", date(1912, 7, 29), "明治45年7月29日"),
]


@pytest.mark.parametrize(("era", "year", "month", "day", "found", "written"), BOUNDARIES)
def test_a_day_of_an_era_is_read_and_written(
    era: str, year: str, month: str, day: str, found: date, written: str
) -> None:
    assert parse_day(era, year, month, day) == found
    assert by_era(found) == written


@pytest.mark.parametrize(
    ("era", "year", "month", "day", "part"),
    [
        ("showa", "64", "1", "8", "year"),
        ("heisei", "31", "5", "1", "year"),
        ("reiwa", "1", "4", "30", "year"),
        ("ad", "2026", "2", "30", "day"),
        ("ad", "2026", "", "3", "month"),
        ("ad", "二千", "1", "1", "year"),
        ("jomon", "3", "1", "1", "era"),
        ("ad", "0", "1", "1", "year"),
        ("ad", "05", "9", "21", "year"),
    ],
)
def test_what_is_no_day_is_told_by_its_field(
    era: str, year: str, month: str, day: str, part: str
) -> None:
    with pytest.raises(NoSuchDayError) as refused:
        parse_day(era, year, month, day)
    assert refused.value.part == part


def test_nothing_typed_is_no_day() -> None:
    assert parse_day("reiwa", " ", "", "") is None


@given(st.dates(date(1873, 1, 1), date(2100, 1, 1)))
def test_every_day_comes_back_from_its_era_and_from_the_calendar(day: date) -> None:
    era = era_of(day)
    assert era is not None
    # The slow way: the last era that had begun.
    assert era == [one for one in reversed(ERAS) if one.first <= day][-1]
    year = by_era(day).removeprefix(era.name).partition("年")[0]
    assert parse_day(era.code, year, str(day.month), str(day.day)) == day
    assert parse_day(CALENDAR, str(day.year), str(day.month), str(day.day)) == day


@pytest.mark.parametrize(
    ("last", "words", "level"),
    [
        (date(2026, 12, 8), "残14日", "far"),
        (date(2026, 11, 28), "残4日", "far"),
        (date(2026, 11, 27), "▲ 残3日", "near"),
        (date(2026, 11, 24), "▲ 本日まで", "near"),
        (date(2026, 11, 23), "▲ 1日超過", "late"),
    ],
)
def test_what_is_left_of_a_term_is_told_in_words(last: date, words: str, level: str) -> None:
    # 23:30 in Japan is still the 24th there.
    told = left(last, datetime(2026, 11, 24, 14, 30, tzinfo=UTC))
    assert (told.words, told.level) == (words, level)


# As the standard prints them at 2:1, `1` a bar and `0` a space, one module each.
MODULES = {
    "101001101101": "0",
    "110100101011": "1",
    "101100101011": "2",
    "110110010101": "3",
    "101001101011": "4",
    "110100110101": "5",
    "101100110101": "6",
    "101001011011": "7",
    "110100101101": "8",
    "101100101101": "9",
    "100101011011": "-",
    "100101101101": "*",
}


def scanned(width: int, bars: list[tuple[int, int]]) -> str:
    """What a scanner reads: dark and light along a line, then wide and narrow, then characters."""
    line = ["0"] * width
    for x, wide in bars:
        line[x : x + wide] = "1" * wide
    assert line[:QUIET] == line[-QUIET:] == ["0"] * QUIET
    runs = re.findall("1+|0+", "".join(line)[QUIET:-QUIET])
    modules = "".join(one[0] * (2 if len(one) > 1 else 1) for one in runs)
    read = "".join(MODULES[modules[n : n + 12]] for n in range(0, len(modules), 13))
    assert read[0] == read[-1] == "*"
    return read[1:-1]


@given(st.from_regex(r"[0-9-]{1,15}", fullmatch=True))
def test_what_is_drawn_is_read_again(text: str) -> None:
    drawn = code_39(text)
    assert scanned(drawn.width, list(drawn.bars)) == text


def test_the_label_of_a_case_is_scanned_into_the_search(
    office: Office, work: Work, officer: Person
) -> None:
    case = work.begun()
    looks = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"
    before = office.rows(looks)
    page = officer.get(f"/desk/cases/{case.id}/label").text
    assert office.rows(looks) == before, "it tells of nobody, so it is no look"
    label = page.partition('<div class="case-label">')[2].partition("</div>")[0]
    [width] = re.findall(r'viewBox="0 0 (\d+) ', label)
    bars = [(int(x), int(w)) for x, w in re.findall(r'<rect x="(\d+)" y="0" width="(\d+)"', label)]
    number = scanned(int(width), bars)
    assert number == case.number
    assert number in words_of(label)
    assert traces(page) == [OFFICERS[0]], "who is signed in, and nobody else"
    assert 'class="actions on-screen"' in page, "the main button stands at the right"
    found = officer.post("/desk/search", {"q": number})
    assert (found.status_code, found.headers["location"]) == (303, f"/desk/cases/{case.id}/next")


BOUNDARY = "a-boundary"
FILE = b"first\r\n--a-bound\r\n\r\n--a-boundarX" + bytes(range(256))


def body(file: bytes = FILE, name: str = "C:\\\\folder\\\\r.csv", end: str = "--\r\n") -> bytes:
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    head = (
        f'{begin}"form_token"\r\n\r\nabc\r\n{begin}"note"\r\n\r\n神楽坂\r\n'
        f'{begin}"file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    return head.encode() + file + f"\r\n--{BOUNDARY}{end}".encode()


def request_of(pieces: list[bytes], content_type: str) -> Request:
    """A request whose body comes in these pieces."""
    waiting = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def taken(pieces: list[bytes], boundary: str = BOUNDARY) -> tuple[dict[str, Any], str, bytes]:
    """The fields, the name and the content."""

    async def act() -> tuple[dict[str, Any], str, bytes]:
        upload = UploadForm(request_of(pieces, f"multipart/form-data; boundary={boundary}"))
        await upload.begin()
        fields = dict(upload.form.fields)
        content = b"".join([piece async for piece in upload.content()])
        return fields, upload.name, content

    return asyncio.run(act())


EXPECTED = ({"form_token": ("abc",), "note": ("神楽坂",)}, "r.csv", FILE)


@given(st.data())
def test_any_pieces_give_the_same(data: st.DataObject) -> None:
    whole = body()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=12)))
    bounds = [0, *cuts, len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(bounds)]
    assert taken(pieces) == EXPECTED


@pytest.mark.parametrize(
    "pieces",
    [
        [body(end="")],
        [body()[:-40]],
        [body(end=f'\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--{BOUNDARY}--\r\n')],
        [b"no form at all"],
        [body().replace(b"abc", b"x" * 5_000)],
    ],
)
def test_what_is_no_such_form_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(UploadUnreadableError):
        taken(pieces)
