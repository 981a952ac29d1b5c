"""CSV registers: the encoding is certain or asked for, and a broken one ends with its row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.resources.registers.cells import Cell
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened
from tests.registers.writing import csv_file


def cells_of(place: Path, encoding: str | None = None) -> list[list[Cell]]:
    with opened(place, encoding=encoding) as sheet:
        return [list(row.cells.values()) for row in sheet.rows()]


def refused(place: Path, encoding: str | None = None) -> tuple[str, str]:
    with pytest.raises(RegisterError) as caught:
        cells_of(place, encoding)
    return caught.value.code, caught.value.place


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encodings_that_excel_writes_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = "見本 髙﨑①ながめ株式会社"
    place = csv_file(tmp_path / "r.csv", [["氏名"], [text]], encoding)
    assert cells_of(place) == [["氏名"], [text]]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("ﾃｽ".encode("cp932"), id="two letters in UTF-8"),
        pytest.param("氏名".encode("euc_jp"), id="half-width kana in CP932"),
        pytest.param("氏名".encode("utf-16"), id="UTF-16"),
        pytest.param(b"\x81\x20\xc3", id="none of them"),
    ],
)
def test_what_could_be_several_encodings_is_asked_for(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    assert refused(tmp_path / "r.csv")[0] == "ENCODING_UNCLEAR"


def test_a_declared_encoding_is_believed_or_refused_with_its_row(tmp_path: Path) -> None:
    place = tmp_path / "r.csv"
    place.write_bytes("ﾃｽ".encode("cp932"))
    assert cells_of(place, "Shift_JIS") == [["ﾃｽ"]]
    place.write_bytes("id\r\n氏名\r\n".encode("cp932"))
    assert refused(place, "utf-8")[0] == "ENCODING_WRONG"
    assert refused(place, "latin-1")[0] == "ENCODING_UNKNOWN"


JAPANESE = st.text(
    st.characters(min_codepoint=0x3041, max_codepoint=0x3093)
    | st.sampled_from("見本髙﨑①株式会社"),
    min_size=1,
)


@given(JAPANESE, st.sampled_from(["utf-8", "cp932"]))
def test_japanese_with_kana_is_never_taken_for_the_other_encoding(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    place = csv_file(tmp_path_factory.mktemp("c") / "r.csv", [["あ" + text]], encoding)
    assert cells_of(place) == [["あ" + text]]


def test_rows_are_numbered_as_excel_shows_them(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text('a,b\n\n"x\ny",z\n', "utf-8")
    with opened(tmp_path / "r.csv") as sheet:
        found = [(row.number, dict(row.cells)) for row in sheet.rows()]
    assert found == [(1, {0: "a", 1: "b"}), (2, {}), (3, {0: "x\ny", 1: "z"})]


def test_an_open_quote_ends_with_its_row_and_does_not_take_the_rest(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text('a\n"b\n' + "c,d\n" * 100_000, "utf-8")
    assert refused(tmp_path / "r.csv") == ("CSV_QUOTES", "2")
    (tmp_path / "r.csv").write_text('a\n"b"c\n', "utf-8")
    assert refused(tmp_path / "r.csv") == ("CSV_QUOTES", "2")


def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a," * 2_000_000, "utf-8")
    assert refused(tmp_path / "r.csv")[0] == "ROW_TOO_LONG"
    (tmp_path / "r.csv").write_text("a," * 20_000, "utf-8")
    assert refused(tmp_path / "r.csv")[0] == "ROW_TOO_LONG"
