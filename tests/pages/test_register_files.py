"""過去の記録の取込: the file that comes in, how it is read, and where it lies."""

import re
from pathlib import Path

import pytest

from api.resources.registers.pages import register_list
from ledger.store.staged_rows import PIECE_BYTES
from tests.canary import NAME, traces
from tests.pages.filling import words_of
from tests.pages.office import SAME_SITE, Office
from tests.pages.registering import (
    KEEPER,
    PAGE,
    csv_bytes,
    new,
    pieces,
    register_of,
    upload,
    uploaded,
)
from tests.registers.writing import HEADINGS, usual_row, workbook


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


def test_a_file_may_be_larger_than_a_body_of_the_api(office: Office, tmp_path: Path) -> None:
    row = usual_row(0, 0)
    padding: list[list[object]] = [["x" * 30_000, *[None] * (len(HEADINGS) - 1)]] * 250
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, [row, *padding]))
    assert len(pieces(office, one)) > office.settings.body_bytes_max // PIECE_BYTES


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
