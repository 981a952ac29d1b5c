"""Why a register cannot be read at all; what is wrong with single rows is a `Problem` instead."""

from typing import Final

from ledger.workers.confined_reader import UnreadableError

SAYINGS: Final = {
    "NOT_A_REGISTER": "Excelブック（.xlsx、.xlsm）でもCSVでもないファイルです。",
    "NOT_WHAT_ITS_NAME_SAYS": "ファイルの中身と拡張子が一致しません。"
    "Excelで開き、「Excelブック（.xlsx）」又は「CSV UTF-8」として保存し直してください。",
    "OLD_OR_LOCKED": "古い形式（.xls）又はパスワード付きのブックです。"
    "パスワードを外し、「Excelブック（.xlsx）」として保存し直してください。",
    "DAMAGED": "ファイルが壊れています。元のファイルを確認してください。",
    "TOO_LARGE": "展開後の大きさが上限を超えるファイルです。台帳を分けてください。",
    "EXPANDS_TOO_MUCH": "展開後の大きさが、圧縮された大きさの200倍を超えるブックです。"
    "Excelで開き、保存し直してください。",
    "TOO_COMPLEX": "ブックの構造が複雑すぎます（要素の重なり、タグの長さ又はシートの数）。"
    "Excelで開き、台帳のシートだけを新しいブックに保存してください。",
    "MERGED_TOO_MUCH": "結合されたセルが多すぎます（400万セル又は20万か所を超えています）。"
    "結合を解除してください。",
    "READING_STOPPED": "読み取りに必要なメモリ又は時間が上限を超えたため、中止しました。"
    "台帳を分けるか、CSVとして保存し直してください。",
    "XML_NOT_ALLOWED": "ブックに、表計算ソフトが書くことのない宣言があります。取り込みません。",
    "SHEET_MISSING": "その名前のシートはありません。",
    "SHEET_NOT_CHOSEN": "シートが複数あります。--sheet 又は対応表の sheet で選んでください。",
    "ENCODING_UNCLEAR": "文字コードを確実に判定できません。"
    "--encoding utf-8 又は --encoding cp932 で指定してください。",
    "ENCODING_WRONG": "指定された文字コードでは読めない文字があります。",
    "ENCODING_UNKNOWN": "文字コードは utf-8 又は cp932 です。",
    "CSV_QUOTES": '引用符（"）の対応が取れていないCSVです。',
    "ROW_TOO_LONG": "1行が長すぎます。区切りと引用符を確認してください。",
    "HEADINGS_MISSING": "見出しの行が空です。対応表の heading_row を確認してください。",
    "HEADING_TWICE": '同じ見出しの列が複数あります。対応表では列記号（"@C"など）で示してください。',
    "COLUMN_MISSING": "対応表にある列がありません。見出しの文字を確認してください。",
    "COLUMN_NOT_MAPPED": "対応表にない列です。field を定めるか、ignore = true としてください。",
    "NO_HEADINGS_KNOWN": "見出しの行が見つかりません。先頭の20行に、台帳の見出しと分かるものが"
    "三つ以上ある行がありません。",
}
"""What to do, in Japanese, by code."""


class RegisterError(UnreadableError):
    """The register cannot be read; nothing of it was imported.

    Attributes:
        code: one of `SAYINGS`.
        place: a row or a column as the mapping or the sheet numbers it; never a cell's content.
        message: what to do, in Japanese.
    """

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(f"{code} {place}".strip())
        self.code = code
        self.place = place
        self.message = SAYINGS[code]
