"""過去の記録の取込, from a file to records."""

import csv
import io
import re
from pathlib import Path

import pytest

from ledger.store.registers import RegisterChange
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import (
    GOING_ON,
    PAGE,
    Uploaded,
    csv_bytes,
    head,
    new,
    pieces,
    register_of,
    uploaded,
    usual,
    xlsx_bytes,
)


@pytest.fixture(params=["xlsx", "csv"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_register_is_uploaded_mapped_checked_and_imported(
    office: Office, tmp_path: Path, kind: str
) -> None:
    made = new(25)
    content = xlsx_bytes(tmp_path, made) if kind == "xlsx" else csv_bytes(tmp_path, made)
    one = uploaded(office, f"台帳.{kind}", content)
    assert "列の対応付け" in one.page()
    before = head(office)
    answer = one.mapped()
    assert (answer.status_code, answer.headers["location"]) == (303, one.path), answer.text
    assert "問題はありません" in one.ended()
    assert head(office) == before, "a dry run records nothing"
    assert one.post("import").status_code == 303
    words = words_of(one.ended())
    assert "取込済み" in words
    assert "記録した25件" in words
    assert head(office) == before + 25
    assert pieces(office, one) == [], "the file is gone"
    assert one.post("discard").headers["location"] == PAGE
    assert one.person.get(one.path).status_code == 404


def test_the_same_register_again_records_nothing(office: Office, tmp_path: Path) -> None:
    content = csv_bytes(tmp_path, new(3))
    for result in ("記録した3件", "記録済みだった3件"):
        one = uploaded(office, "r.csv", content)
        assert one.mapped().status_code == 303
        one.ended()
        before = head(office)
        assert one.post("import").status_code == 303
        assert result in words_of(one.ended())
    assert head(office) == before


def test_every_problem_is_told_by_row_and_article_and_nothing_is_recorded_meanwhile(
    office: Office, tmp_path: Path
) -> None:
    bad = [*new(1), *new(150, 住所=None, 提供年月日="さくらの日"), *new(2)]
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, bad))
    assert one.mapped().status_code == 303
    text = one.ended()
    words = words_of(text)
    assert "施行規則第20条第1項第1号ロ" in words
    assert "1 / 3ページ" in words
    assert "さくらの日" not in text, "no cell is repeated"
    assert len(re.findall('data-label="行"', text)) == 100
    assert len(re.findall('data-label="行"', one.page("?page=3"))) == 100
    assert re.findall('data-label="行"', one.page("?page=4")) == []
    assert one.person.get(f"{one.path}?page=0").status_code == 404
    report = one.person.get(f"{one.path}/problems.csv")
    assert report.headers["content-disposition"] == 'attachment; filename="problems.csv"'
    assert report.headers["cache-control"] == "no-store"
    listed = list(csv.DictReader(io.StringIO(report.content.decode("utf-8-sig"))))
    assert len(listed) == 300
    assert {one["コード"] for one in listed} == {"MISSING", "DAY_UNREADABLE"}
    assert sorted({int(one["行"]) for one in listed}) == list(range(3, 153))
    before = head(office)
    refused = one.post("import")
    assert refused.status_code == 409
    assert "問題のある行が残っているため" in refused.text
    assert head(office) == before
    assert one.post("import", {"rest": "quarantine"}).status_code == 303
    words = words_of(one.ended())
    assert ("記録した3件" in words, "隔離に置いた150件" in words) == (True, True)
    assert head(office) == before + 3


def test_what_is_wrong_with_the_mapping_is_told_at_its_field(
    office: Office, tmp_path: Path
) -> None:
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, new(1)))
    answer = one.mapped(
        source="", system="?", id="99", c1_field="", c2_values="有 有", c5_digits="x", c7_clock="25"
    )
    assert answer.status_code == 422
    for name in ("source", "system", "id", "c1_field", "c2_values", "c5_digits", "c7_clock"):
        assert f'id="{name}-error"' in answer.text, name
        assert f'href="#{name}"' in answer.text, name
        assert re.search(rf'name="{name}"[^>]*aria-invalid="true"', answer.text), name
    assert 'value="x"' in answer.text, "what was typed stands"
    twice = one.mapped(c3_field="counterparty.name", c4_separator="、", c6_unknown="on")
    assert twice.status_code == 422
    for name in ("c3_field", "c4_separator", "c6_unknown"):
        assert f'id="{name}-error"' in twice.text, name
    odd = one.mapped(k_basis="nothing")
    assert (odd.status_code, 'id="mapping-error"' in odd.text) == (422, True)


@pytest.fixture
def begun(office: Office, tmp_path: Path) -> Uploaded:
    """A register of which seven rows of nine were recorded when its process died."""
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, new(9)))
    assert one.mapped().status_code == 303
    one.ended()
    services = office.app.state.services
    found = services.registers.find(register_of(one), services.now())
    change = RegisterChange("recording", rows_done=7, counts={"results": {"recorded": 7}})
    services.registers.change(found, change, services.now())
    return one


def test_somebody_sees_how_far_it_is_while_it_goes_on(office: Office, begun: Uploaded) -> None:
    progress = f"{begun.path}/progress"
    with office.app.state.services.registers.working(register_of(begun)):
        text = begun.page()
        assert GOING_ON in text
        assert "7行 / 10行（70%）" in text
        part = begun.person.get(progress, headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "7行 / 10行（70%）" in part.text
        assert "<html" not in part.text
        for action in ("import", "check", "discard", "mapping", "reading"):
            answer = begun.post(action, usual())
            assert answer.status_code in (409, 422), action
        assert begun.page() != ""
    ended = begun.person.get(progress, headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["hx-redirect"]) == (204, begun.path)


def test_an_import_that_was_interrupted_says_where_and_goes_on(
    office: Office, begun: Uploaded
) -> None:
    text = begun.page()
    assert GOING_ON not in text
    assert "7行まで進んだところで中断しました" in text
    assert "取込をもう一度始める" in text
    assert "中断" in begun.person.get(PAGE).text
    before = head(office)
    assert begun.post("import").status_code == 303
    assert "取込済み" in begun.ended()
    assert head(office) == before + 9
