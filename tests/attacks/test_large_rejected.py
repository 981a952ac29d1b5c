"""Malformed items of megabytes wait in the quarantine, and a look at a case takes little memory.

Attack: an emitter sends malformed items of nearly five megabytes of small objects, which are kept
as every rejected item is. Parsed, each takes thirty times as much; the list of rejected items opens
up to a hundred at once, and so does every look at any case whose records were searched for, to find
those that may be the person's. Or each is one text of few words again and again, of signs that fold
to many more: every piece of it is compared.

Held off by: at most `ledger.quarantine.rejected_rows.BYTES_MAX` are read at once: pages end there
and have a cursor, and of what waits beyond nobody says that it is not the person's. Items are
listed without being parsed, and those of more than `ledger.quarantine.item_text.VALUES_MAX` values
are one thing that may be hers. So are those of more pieces, or of more characters in these, than
`ledger.quarantine.spellings` looks at; no text that is longer than any name is folded whole.
"""

import re
import tracemalloc
from typing import Any, Final, cast

import httpx2
import orjson
import pytest

from ledger.quarantine import rejected_rows, service
from ledger.quarantine.spellings import spellings_of
from tests import canary
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, Identifier, member, verified

ITEMS: Final = 14
BOMB: Final = b'{"x":[' + b",".join([b'{"a":0}'] * 16_000) + b"]}"
BUDGET: Final = 27 * len(BOMB) // 2
"""Thirteen items, with what is kept beside them."""
PEAK_MAX: Final = 20 << 20
"""Bytes for them as they are sealed, opened, written and received; parsed they take 50 MB."""


def reject(office: Office, data: bytes) -> str:
    """Send a malformed item; the id under which it is kept."""
    key = office.key("events:write", owner="emitter", source=SOURCE)
    item = b'{"source":"%s","id":"%s","data":%s}' % (SOURCE.encode(), fresh_id().encode(), data)
    answer = httpx2.post(
        f"{office.url}/v1/transfers",
        content=b'{"items":[%s]}' % item,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        trust_env=False,
        timeout=60,
    )
    assert answer.status_code == 422, answer.text
    return cast("str", answer.json()["quarantine"])


def searched(work: Work, who: Identifier, name: str) -> Worked:
    case = verified(work, who, name=name)
    return case.do("principal", {"identifiers": [who], "tried": [ABSENT], "evidence": "一致"})


@pytest.fixture(autouse=True)
def _fewer_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rejected_rows, service):
        monkeypatch.setattr(module, "BYTES_MAX", BUDGET)


@pytest.fixture(scope="module")
def kept(office: Office) -> list[str]:
    return [reject(office, BOMB) for _ in range(ITEMS)]


def looked(office: Office, path: str, key: str) -> tuple[bytes, int]:
    """The answer, and the bytes that it took at most."""
    tracemalloc.start()
    try:
        answer = office.api("GET", path, key)
        return answer.content, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_list_of_large_items_ends_at_their_bytes_and_all_pages_show_all(
    office: Office, kept: list[str]
) -> None:
    key = office.key("quarantine:write", owner="keeper")
    found: list[str] = []
    path, pages, content = "/v1/quarantine?limit=100", 0, b""
    while path:
        content, peak = looked(office, path, key)
        assert peak < PEAK_MAX
        found += re.findall(r'"id":"([-0-9a-f]{36})","received_at"', content.decode())
        cursor = re.search(rb'"cursor":"([^"]+)"', content)
        path = f"/v1/quarantine?cursor={cursor[1].decode()}" if cursor else ""
        pages += 1
    assert (found, pages) == (kept, 2)
    assert b'{"x":[{"a":0},{"a":0},' in content


def test_the_page_of_large_items_takes_little_memory(office: Office, kept: list[str]) -> None:
    person = office.person("keeper")
    tracemalloc.start()
    try:
        shown = person.get("/desk/emitters/quarantine")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < PEAK_MAX
    assert kept[0] in shown.text


def test_a_look_at_a_case_takes_little_memory_and_says_that_large_items_may_be_hers(
    office: Office, kept: list[str]
) -> None:
    assert kept, "they wait"
    work = Work(office)
    case = searched(work, member(), canary.NAME)
    content, peak = looked(office, f"/v1/cases/{case.id}", work.key("officer"))
    assert peak < PEAK_MAX
    told = cast("dict[str, Any]", orjson.loads(content))
    # Those that are read, which may be hers, and that there are more.
    [point] = told["points"]
    assert point["point"] == "quarantine"
    assert [one["subject"] for one in point["subjects"]] == ["not_exhaustive", "unreadable"]


def test_one_text_of_megabytes_is_not_compared_piece_by_piece() -> None:
    for words in ("a b ", "\ufdfa ", "ア ガ ", "a-b-c "):
        assert spellings_of({"data": {"x": words * 1_200_000}}) is None, ascii(words)
