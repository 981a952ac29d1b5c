"""A register that is gone when its mapping is sent, or a session that is: nothing typed is lost."""

from pathlib import Path

import pytest

from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import (
    Uploaded,
    csv_bytes,
    form_of,
    new,
    uploaded,
    usual,
)
from tests.pages.test_registers_overtaken import COLLEAGUE
from tests.pages.test_rescued import WAITED
from tests.registers.writing import HEADINGS, csv_file

MINE = "2019年度の移行"


@pytest.fixture
def one(office: Office, tmp_path: Path) -> Uploaded:
    return uploaded(office, "r.csv", csv_bytes(tmp_path, new(2)))


def test_a_mapping_whose_register_a_colleague_discarded_is_told_and_waits_for_the_next_upload(
    office: Office, one: Uploaded, tmp_path: Path
) -> None:
    typed = form_of(one.page()) | usual() | {"batch": MINE, "c1_values": "甲 = 乙"}
    token = one.person.form_token("/desk/registers")
    other = Uploaded(office, office.person(COLLEAGUE), one.path)
    assert other.post("discard").status_code == 303
    refused = one.person.post(f"{one.path}/mapping", typed, token=token)
    assert refused.status_code == 409
    words = words_of(refused.text)
    assert "ほかの担当者が先に破棄しました" in words
    assert "破棄した人：担当者" in words
    for said in (f"移行単位の名称{MINE}", "甲 = 乙", "見出しが同じ台帳"):
        assert said in words, words
    # Of other headings nothing is taken over.
    titles = [*HEADINGS[:-1], "別の見出し"]
    others = csv_file(tmp_path / "o.csv", [titles, *new(1)]).read_bytes()
    assert MINE not in uploaded(office, "o.csv", others).page()
    again = uploaded(office, "r.csv", csv_bytes(tmp_path, new(2)))
    page = again.page()
    kept = form_of(page)
    assert WAITED in page
    assert (kept["batch"], kept["c1_values"]) == (MINE, "甲 = 乙")
    assert again.post("mapping", {**kept, "c1_values": ""}).status_code == 303
    again.ended()
