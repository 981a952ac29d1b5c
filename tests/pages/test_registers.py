"""過去の記録の取込, from a file to records; and two keepers at one register."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from api.resources.registers import runs
from api.resources.registers.errors import RegisterError
from api.resources.registers.pages import register_list
from ledger.store.registers import RegisterChange, RegisterRow, Registers
from tests.canary import NAME, traces
from tests.pages.filling import words_of
from tests.pages.office import SAME_SITE, Office
from tests.pages.registering import (
    GOING_ON,
    KEEPER,
    PAGE,
    Uploaded,
    csv_bytes,
    form_of,
    head,
    new,
    pieces,
    register_of,
    upload,
    uploaded,
    usual,
    version_in,
    xlsx_bytes,
)
from tests.pages.test_rescued import WAITED
from tests.registers.writing import HEADINGS, csv_file, workbook


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


def test_problems_that_a_check_finds_as_import_is_pressed_are_asked_about_all_the_same(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [*new(1), *new(1, 住所=None)]
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, bad))
    one.mapped()
    one.ended()
    find, before, looks = Registers.find, head(office), list[str]()

    def as_it_was(registers: Registers, register: UUID, at: datetime) -> RegisterRow:
        row = find(registers, register, at)
        looks.append(row.state)
        # The first look comes while it is checked.
        return replace(row, state="checking", counts={}) if len(looks) == 1 else row

    page = one.page()
    [token] = set(re.findall(r'name="form_token" value="([0-9a-f]{64})"', page))
    with monkeypatch.context() as patch:
        patch.setattr(Registers, "find", as_it_was)
        given = {"version": version_in(page)}
        refused = one.person.post(f"{one.path}/import", given, token=token)
    assert looks[0] == "checked"
    assert refused.status_code == 409
    assert "問題のある行が残っているため" in refused.text
    assert head(office) == before


def test_rows_kept_in_quarantine_by_an_import_that_failed_are_asked_about_anew(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [*new(1), *new(1, 住所=None)]
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, bad))
    one.mapped()
    one.ended()

    def stopped(*_given: object) -> None:
        raise RegisterError("READING_STOPPED", "")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "imported", stopped)
        assert one.post("import", {"rest": "quarantine"}).status_code == 303
        one.ended()
    assert one.mapped(batch="2023年度").status_code == 303
    one.ended()
    before = head(office)
    assert one.post("import").status_code == 409
    assert head(office) == before


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


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("r.pdf", b"%PDF-", "CSVでもないファイル"),
        ("r.xlsx", b"a,b,c", "拡張子が一致しません"),
        ("r.xlsx", b"PK\x03\x04 broken", "壊れています"),
        ("r.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "古い形式"),
    ],
)
def test_a_file_that_is_no_register_is_refused_at_its_field_and_not_kept(
    office: Office, name: str, content: bytes, told: str
) -> None:
    before = office.rows("SELECT register FROM ledger.registers")
    answer = upload(office.person(KEEPER), name, content)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="file-error"' in answer.text
    assert office.rows("SELECT register FROM ledger.registers") == before


def test_a_file_that_is_too_large_is_refused_and_not_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_list, "BYTES_MAX", 1024 * 1024)
    before = office.rows("SELECT register FROM ledger.registers")
    answer = upload(office.person(KEEPER), "r.csv", bytes(2 * 1024 * 1024))
    assert answer.status_code == 413
    assert "1 MB まで" in words_of(answer.text)
    assert office.rows("SELECT register FROM ledger.registers") == before


def test_a_file_before_the_token_of_the_session_is_refused_unread(office: Office) -> None:
    person = office.person(KEEPER)
    token = person.form_token(PAGE)
    boundary = "b" * 20
    disposition = "Content-Disposition: form-data"
    parts = (
        f'--{boundary}\r\n{disposition}; name="file"; filename="r.csv"\r\n\r\nx\r\n'
        f'--{boundary}\r\n{disposition}; name="form_token"\r\n\r\n{token}\r\n'
        f"--{boundary}--\r\n"
    )
    headers = {**SAME_SITE, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    before = office.rows("SELECT register FROM ledger.registers")
    assert person.client.post(PAGE, content=parts, headers=headers).status_code == 400
    assert office.rows("SELECT register FROM ledger.registers") == before


def test_the_sheet_the_row_of_headings_and_the_encoding_can_be_said(
    office: Office, tmp_path: Path
) -> None:
    noise = [["第三者提供記録簿"], [None, "作成", "総務部"]]
    unknown = [*noise, ["甲", "乙", "丙"], ["1", "2", "3"]]
    place = workbook(tmp_path / "r.xlsx", unknown)
    one = uploaded(office, "r.xlsx", place.read_bytes())
    text = one.page()
    assert "見出しの行が見つかりません" in text
    assert 'id="mapping"' not in text
    wrong = one.post("reading", {"sheet": "台帳", "row": "0"})
    assert (wrong.status_code, 'id="row-error"' in wrong.text) == (422, True)
    assert one.post("reading", {"sheet": "台帳", "row": "3"}).status_code == 303
    text = one.page()
    assert "見出しの行が見つかりません" not in text
    assert all(f"「{title}」" in text for title in ("甲", "乙", "丙"))
    assert one.post("reading", {"sheet": "別の表", "row": "3"}).status_code == 303
    assert "その名前のシートはありません" in one.page()
    unclear = uploaded(office, "r.csv", "住所,氏名,項目\r\n".encode("euc_jp"))
    assert "文字コードを選んでください" in unclear.page()
    assert unclear.post("reading", {"encoding": "cp932", "row": "1"}).status_code == 303
    assert "文字コードを選んでください" not in unclear.page()


def test_nothing_that_can_be_read_is_stored_before_it_is_recorded(
    office: Office, tmp_path: Path
) -> None:
    one = uploaded(office, f"{NAME}.csv", csv_bytes(tmp_path, new(2, 氏名=NAME, 住所=NAME)))
    assert one.mapped().status_code == 303
    assert NAME in one.ended()
    for statement in (
        "SELECT register, r::text FROM ledger.registers AS r",
        "SELECT register, r::text FROM ledger.register_pieces AS r",
    ):
        texts = [text for each, text in office.rows(statement) if each == register_of(one)]
        assert texts
        for text in texts:
            assert not traces(text)
            for part in re.findall(r"\\x([0-9a-f]+)", text):
                assert not traces(bytes.fromhex(part))
    assert pieces(office, one) == ["file"]


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
    mapping: Any = stored(one).members["mapping"]
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


MINE = "2019年度の移行"


@pytest.fixture
def discarded_one(office: Office, tmp_path: Path) -> Uploaded:
    return uploaded(office, "r.csv", csv_bytes(tmp_path, new(2)))


def test_a_mapping_whose_register_a_colleague_discarded_is_told_and_waits_for_the_next_upload(
    office: Office, discarded_one: Uploaded, tmp_path: Path
) -> None:
    typed = form_of(discarded_one.page()) | usual() | {"batch": MINE, "c1_values": "甲 = 乙"}
    token = discarded_one.person.form_token("/desk/registers")
    other = Uploaded(office, office.person(COLLEAGUE), discarded_one.path)
    assert other.post("discard").status_code == 303
    refused = discarded_one.person.post(f"{discarded_one.path}/mapping", typed, token=token)
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
