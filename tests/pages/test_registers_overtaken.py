"""Two keepers at one register: nobody takes a step on what they have not seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.store.registers import RegisterRow
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import (
    Uploaded,
    csv_bytes,
    form_of,
    head,
    new,
    register_of,
    uploaded,
    usual,
    version_in,
)
from tests.registers.writing import HEADINGS, csv_file

COLLEAGUE = "keeper"
THEIRS = "2023年度"
BEFORE = "ほかの担当者が先に更新しました"
LONG = 20_000
"""Rows that take a process so long that another register is sent meanwhile."""


@pytest.fixture
def one(office: Office, tmp_path: Path) -> Uploaded:
    """A register that was checked under the mapping of its first keeper."""
    made = uploaded(office, "r.csv", csv_bytes(tmp_path, new(2)))
    assert made.mapped().status_code == 303
    made.ended()
    return made


@pytest.fixture
def other(office: Office, one: Uploaded) -> Uploaded:
    """The same register before a colleague."""
    return Uploaded(office, office.person(COLLEAGUE), one.path)


@pytest.fixture
def long(office: Office, tmp_path: Path) -> Iterator[Uploaded]:
    """Another register, whose check takes a while."""
    made = uploaded(office, "long.csv", csv_bytes(tmp_path, new(9_999) * (LONG // 9_999)))
    yield made
    made.ended()


def stored(one: Uploaded) -> RegisterRow:
    services = one.office.app.state.services
    return services.registers.find(register_of(one), services.now())


def batch_of(one: Uploaded) -> str:
    mapping: Any = stored(one).told["mapping"]
    return mapping["backfill"]["batch"]


def sent(one: Uploaded, action: str, page: str) -> httpx2.Response:
    """A form of a page that was opened before."""
    typed = {
        "mapping": form_of(page) | usual() | {"batch": "2021年度"},
        "reading": {"row": "1", "encoding": "utf-8"},
    }
    return one.post(action, {"version": version_in(page), **typed.get(action, {})})


@pytest.mark.parametrize("action", ["mapping", "reading", "check", "import", "discard"])
def test_no_form_of_a_page_is_carried_out_on_a_mapping_that_a_colleague_sent_since(
    office: Office, one: Uploaded, other: Uploaded, action: str
) -> None:
    page = one.page()
    assert other.mapped(batch=THEIRS).status_code == 303
    other.ended()
    before = head(office), stored(one)
    refused = sent(one, action, page)
    assert refused.status_code == 409, refused.headers
    words = words_of(refused.text)
    assert BEFORE in words
    assert "最後に更新した人：担当者" in words
    assert (head(office), stored(one)) == before, "nothing was done"
    assert batch_of(one) == THEIRS
    assert version_in(refused.text) == version_in(one.page()), "the page as it stands"


def test_a_mapping_that_was_overtaken_stays_typed_beside_what_stands_and_can_be_sent_again(
    one: Uploaded, other: Uploaded
) -> None:
    page = one.page()
    assert other.mapped(batch=THEIRS).status_code == 303
    other.ended()
    refused = sent(one, "mapping", page)
    assert form_of(refused.text)["batch"] == "2021年度"
    assert f"移行単位の名称{THEIRS}2021年度" in words_of(refused.text)
    assert one.post("mapping", form_of(refused.text)).status_code == 303
    one.ended()
    assert batch_of(one) == "2021年度"


def test_what_was_typed_of_a_column_follows_its_heading_into_another_reading(
    office: Office, tmp_path: Path
) -> None:
    titles = [*HEADINGS[1:], "台帳の備考"]
    file = csv_file(tmp_path / "two.csv", [HEADINGS, titles, *new(1)])
    one = uploaded(office, "two.csv", file.read_bytes())
    page = one.page()
    typed = form_of(page) | usual() | {"c0_digits": "7", "c1_values": "甲 = 乙", "id": "1"}
    other = Uploaded(office, office.person(COLLEAGUE), one.path)
    assert other.post("reading", {"row": "2", "encoding": ""}).status_code == 303
    before = stored(one)
    refused = one.post("mapping", typed)
    assert refused.status_code == 409, refused.headers
    assert BEFORE in words_of(refused.text)
    assert stored(one) == before
    kept = form_of(refused.text)
    assert kept["c0_values"] == "甲 = 乙", "its column is the first one now"
    assert (kept["id"], kept["batch"]) == ("0", usual()["batch"])
    assert "甲" not in kept["c1_values"]
    words = words_of(refused.text)
    assert f"「{HEADINGS[0]}」この列は、今はありません" in words
    assert "番号の桁数：7" in words, "what has no place any more is told"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[" * 3000,
        "0" * 64,
    ],
)
def test_a_form_that_does_not_say_what_it_was_made_of_is_carried_out_on_nothing(
    one: Uploaded, told: str
) -> None:
    before = stored(one)
    fields = form_of(one.page()) | {"version": told, "titles": told}
    for action in ("mapping", "reading", "check", "import", "discard"):
        assert one.post(action, {"encoding": "", **fields}).status_code == 409, action
    assert stored(one) == before


def test_what_was_typed_stays_while_somebody_is_at_the_register(one: Uploaded) -> None:
    typed = form_of(one.page()) | {"batch": "2019年度"}
    with one.office.app.state.services.registers.working(register_of(one)):
        refused = one.post("mapping", typed)
        read = one.post("reading", {"version": typed["version"], "row": "7", "encoding": ""})
    assert (refused.status_code, "この台帳は今、処理中です" in refused.text) == (409, True)
    assert form_of(refused.text) == typed
    assert "hx-get" not in refused.text, "nothing reads the page anew over what was typed"
    assert (read.status_code, 'name="row" value="7"' in read.text) == (409, True)
