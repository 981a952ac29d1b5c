"""A mapping to begin with, from the headings of an ordinary Japanese register.

What is not known for certain is left open with a `?`, which the mapping's reader refuses: somebody
decides on every column. Of the rows only their kinds are looked at; nothing of them is repeated.
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final, cast

from api.resources.registers import xlsx
from api.resources.registers.cells import Cell, NumberCell, Sheet, letters
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened_file
from ledger.unicode_forms import normalize
from ledger.values import Json
from ledger.workers.confined_reader import Stop

HEADINGS_MIN: Final = 3
HEADING_ROW_MAX: Final = 1_000
_SAMPLE_ROWS: Final = 20
_SAMPLE: Final = 50
_OPEN: Final = "?"
_NUMBER: Final = "id"

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    _NUMBER: ("管理番号", "整理番号", "記録番号", "受付番号", "番号", "No", "No.", "NO", "通番"),
    "transferred_on": (
        *("提供年月日", "提供日", "受領年月日", "受領日", "年月日", "提供した年月日"),
        *("提供を受けた年月日", "提供受領年月日", "第三者提供年月日", "日付"),
    ),
    "transferred_from": ("期間の初日", "提供開始日", "期間開始日"),
    "transferred_to": ("期間の末日", "提供終了日", "期間終了日"),
    "recorded_on": ("記録年月日", "記録日", "作成日", "記録作成日", "作成年月日"),
    "counterparty.name": (
        *("提供先", "提供元", "提供先名", "提供元名", "提供先名称", "提供元名称", "相手方"),
        *("第三者の氏名又は名称", "第三者の名称", "氏名又は名称", "会社名", "提供先の氏名又は名称"),
    ),
    "counterparty.address": ("住所", "所在地", "提供先住所", "提供先の住所", "提供元住所"),
    "counterparty.representative": (
        *("代表者", "代表者名", "代表者氏名", "代表者の氏名", "提供先代表者", "提供元代表者"),
    ),
    "counterparty.corporate_number": ("法人番号",),
    "counterparty.country": ("国", "国名", "所在国"),
    "principals.id": (
        *("会員番号", "会員ID", "顧客番号", "顧客ID", "契約番号", "お客様番号", "本人の識別子"),
        *("利用者ID", "ユーザーID", "識別番号"),
    ),
    "principals.name": ("氏名", "本人の氏名", "本人氏名", "本人", "お名前", "会員氏名", "顧客名"),
    "items": (
        *("項目", "個人データの項目", "提供項目", "提供した項目", "個人データ項目", "データ項目"),
        *("提供した個人データの項目", "情報の項目"),
    ),
    "consent.obtained": (
        *("同意", "本人の同意", "同意の有無", "本人同意", "同意を得ている旨", "同意有無"),
    ),
    "consent.at": ("同意日時", "同意日", "同意年月日", "同意取得日"),
    "consent.evidence": ("同意の証跡", "同意の方法", "同意取得方法", "同意書"),
    "basis": ("根拠", "提供の根拠", "法的根拠", "提供根拠"),
    "direction": ("区分", "提供受領区分", "提供・受領の別", "提供/受領"),
    "acquisition": ("取得の経緯", "取得経緯", "取得の経緯等"),
    "contract_reference": ("契約書", "契約書番号", "契約番号等"),
    "purpose": ("利用目的", "目的", "提供目的"),
    "notice_id": ("届出番号", "オプトアウト届出番号"),
    "delivery": ("提供方法", "提供の方法", "提供手段"),
    "special_care": ("要配慮個人情報", "要配慮"),
}
_BLANK_MAY_BE_UNKNOWN: Final = frozenset(
    ["counterparty.address", "counterparty.representative", "acquisition"]
)
_DAYS: Final = frozenset(["transferred_on", "transferred_from", "transferred_to", "recorded_on"])
_YES_NO: Final = {
    **dict.fromkeys(("有", "あり", "○", "◯", "〇", "はい", "済", "同意", "同意済"), True),
    **dict.fromkeys(("無", "なし", "×", "いいえ", "未", "不同意"), False),
}
_VALUES: Final[dict[str, dict[str, object]]] = {
    "consent.obtained": dict(_YES_NO),
    "special_care": dict(_YES_NO),
    "direction": {"提供": "provided", "受領": "received", "取得": "received"},
    "basis": {
        "同意": {"basis": "consent_27_1", "consent.obtained": True},
        "本人の同意": {"basis": "consent_27_1", "consent.obtained": True},
        "オプトアウト": {"basis": "opt_out_27_2"},
        "共同利用": {"basis": "joint_use_27_5_iii"},
        "委託": {"basis": "entrustment_27_5_i"},
        "事業承継": {"basis": "succession_27_5_ii"},
        "法令": {"basis": "exempt_27_1_i"},
    },
    "delivery": {
        "ファイル": "file",
        "API": "api",
        "閲覧": "access_granted",
        "書面": "paper",
        "その他": "other",
    },
}
_KNOWN: Final = {
    normalize("NFKC", heading): field for field, headings in _FIELDS.items() for heading in headings
}


@dataclass(frozen=True, slots=True)
class _Heading:
    """One heading, and what the register shows below it.

    Attributes:
        field: what it is known to be; None when it is not.
        has_numbers: whether there are numbers among its cells.
    """

    place: int
    text: str
    field: str | None
    has_numbers: bool

    def title(self, texts: Sequence[str]) -> str:
        """How the mapping names the column: a heading that begins with @ would be a letter."""
        is_name = texts.count(self.text) == 1 and not self.text.startswith("@")
        return self.text if is_name else f"@{letters(self.place)}"


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How a register is read; None: found out.

    Attributes:
        sheet: of a workbook.
        encoding: of a CSV.
        row: in which the headings are.
    """

    sheet: str | None = None
    encoding: str | None = None
    row: int | None = None


def preview_sheet(
    file: BinaryIO, name: str, reading: SheetOptions, stop: Stop | None = None
) -> dict[str, Json]:
    """What is told of a register after a look at its first rows.

    Args:
        stop: ends it from another thread.

    Returns:
        `sheets`: names, in the order of the tabs, none of a CSV; `mapping`: what a mapping file
        would state, in which a `?` is open.

    Raises:
        RegisterError: it cannot be read, or not so.
        NotWantedError: it was stopped.
    """
    with opened_file(file, name, reading.sheet, reading.encoding, stop) as sheet:
        mapping: dict[str, Json] = tomllib.loads(suggested(sheet, reading.sheet, reading.row))
        names = sheet.sheet_names
    if reading.encoding is not None:
        mapping["encoding"] = reading.encoding
    return {"sheets": [*names], "mapping": mapping}


def sheet_names(file: BinaryIO, name: str, stop: Stop | None = None) -> tuple[str, ...]:
    """Names of the sheets of a workbook; none where it is no workbook that can be read.

    Raises:
        NotWantedError: it was stopped.
    """
    if not name.lower().endswith((".xlsx", ".xlsm")):
        return ()
    try:
        return xlsx.sheet_names(file, stop)
    except RegisterError:
        return ()


def suggested(sheet: Sheet, name: str | None, row: int | None = None) -> str:
    """A mapping file as TOML, with comments.

    Args:
        name: of the sheet, if one was chosen.
        row: in which the headings are, whatever they are; None: found out.

    Raises:
        RegisterError: no row looks like headings; what is no heading must not be repeated.
    """
    number, headings = _headings(sheet, row)
    has_number = any(one.field == _NUMBER for one in headings)
    return "\n".join((*_head(number, name, has_id=has_number), *_columns(headings))) + "\n"


def _headings(sheet: Sheet, row: int | None) -> tuple[int, list[_Heading]]:
    row_limit = _SAMPLE_ROWS if row is None else row
    sample = [(one.number, dict(one.cells)) for one in islice(sheet.rows(), row_limit + _SAMPLE)]
    number, cells = _row_of_headings(sample, row)
    below = [cells for other, cells in sample if other > number]
    headings = [
        _Heading(
            place,
            "".join(cell.split()) if isinstance(cell, str) else "",
            _known(cell),
            any(isinstance(cells.get(place), NumberCell) for cells in below),
        )
        for place, cell in sorted(cells.items())
        if cell is not None
    ]
    return number, headings


def _row_of_headings(
    sample: Sequence[tuple[int, dict[int, Cell]]], row: int | None
) -> tuple[int, dict[int, Cell]]:
    """The row that was named, or the one with most of the headings that are known."""
    none: tuple[int, dict[int, Cell]] = (0, {})
    if row is not None:
        _, found = next((one for one in sample if one[0] == row), none)
        if all(cell is None for cell in found.values()):
            raise RegisterError("HEADINGS_MISSING", str(row))
        return row, found
    best = max(
        sample[:_SAMPLE_ROWS],
        key=lambda one: sum(_known(cell) is not None for cell in one[1].values()),
        default=none,
    )
    if sum(_known(cell) is not None for cell in best[1].values()) < HEADINGS_MIN:
        raise RegisterError("NO_HEADINGS_KNOWN")
    return best


def _known(cell: Cell) -> str | None:
    if not isinstance(cell, str):
        return None
    return _KNOWN.get(normalize("NFKC", "".join(cell.split())))


def _head(number: int, name: str | None, *, has_id: bool) -> Iterator[str]:
    yield "# 対応表: 列と記録項目の対応。? を埋め、ledger import --check で確かめてください。"
    yield "version = 1"
    yield 'source = "?"  # 送り元を表すURL。例: https://platform.example.jp/register'
    yield f"heading_row = {number}"
    if name is not None:
        yield f"sheet = {_quoted(name)}"
    yield ""
    yield "[backfill]"
    yield 'source_system = "?"  # 移行元の名称。例: 第三者提供記録簿(Excel)'
    yield 'batch = "?"  # 移行単位の名称。例: 2022年度'
    yield ""
    yield "[id]"
    if has_id:
        title = "番号の列の見出し"
        yield f"# 続く行の番号が同じ場合は、1件(本人が複数)として取り込みます。{title}:"
    else:
        yield "# 番号の列がない台帳です。内容から番号を作ります(直した行は別の件になります)。"
        yield "content = true"


def _columns(headings: list[_Heading]) -> Iterator[str]:
    texts = [one.text for one in headings]
    fields = [one.field for one in headings]
    number = next((one for one in headings if one.field == _NUMBER), None)
    if number is not None:
        yield f"column = {_quoted(number.title(texts))}"
    yield ""
    yield "[constants]  # 全ての行に共通の値"
    for field, value in (
        ("direction", "provided"),
        ("basis", "consent_27_1"),
        ("method", "individual"),
        ("counterparty.kind", "corporation"),
        ("principals.scheme", "member" if "principals.id" in fields else "name"),
    ):
        if field not in fields:
            yield f"{_quoted(field)} = {_quoted(value)}"
    for n, one in enumerate(headings):
        is_first = one.field not in fields[:n]
        yield ""
        yield f"[columns.{_quoted(one.title(texts))}]"
        yield from _column(one, fields, is_first=is_first)
        if is_first and one.field in _VALUES:
            yield ""
            yield f"[columns.{_quoted(one.title(texts))}.values]  # セルの文字 = 値"
            for word, value in _VALUES[one.field].items():
                yield f"{_quoted(word)} = {_toml(value)}"


def _column(one: _Heading, fields: list[str | None], *, is_first: bool) -> Iterator[str]:
    if one.field is None or not is_first:
        yield f'field = "{_OPEN}"  # 記録項目を定めるか、この行を ignore = true に替えてください。'
        return
    if one.field == _NUMBER:
        yield "ignore = true  # 番号としてだけ使います。"
    elif one.field == "principals.name" and "principals.id" not in fields:
        yield 'field = ["principals.id", "principals.name"]  # 識別子がないため氏名で特定します。'
    elif one.field != "basis":
        yield f"field = {_quoted(one.field)}"
    if one.field == "items":
        yield 'separator = ["、", "・", ",", "\\n"]'
    if one.field == "consent.at":
        yield 'clock = "00:00"  # 日だけの場合の時刻。'
    if one.field in _BLANK_MAY_BE_UNKNOWN:
        yield '# blank = "unknown"  # 空欄を「不明であることが確か」として記録する場合。'
    if one.has_numbers and one.field in _DAYS:
        yield 'days = ["iso", "slashed", "kanji", "era", "serial"]  # 数値の日付がある。'
    elif one.has_numbers:
        yield 'numbers = "plain"  # 数値のセルがある。先頭に0がある番号なら digits = 桁数。'


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return "{ " + ", ".join(f"{_quoted(n)} = {_toml(v)}" for n, v in members) + " }"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False)
