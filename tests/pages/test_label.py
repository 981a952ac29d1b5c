"""The label of a case: a scanner reads its number, and it tells of nobody."""

import re

from hypothesis import given
from hypothesis import strategies as st

from api.resources.cases.pages.overview.letters import QUIET, code_39
from tests.canary import OFFICERS, traces
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office, Person

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
