"""What the evidence of a case says of itself, in Japanese: what each file is, how to check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BOM: Final = b"\xef\xbb\xbf"

_FILES: Final = {
    "events.jsonl": (
        "請求の経過。1行が1つの出来事で、古い順です（台帳の位置、版、種類、日時、行為者）。"
        "書類の受付、確認、補正、発送、配達などは、登録された内容（record）も示します。"
        "記録の特定、開示・不開示の決定、承認の申請、承認、差戻しは、日時と行為者だけを示します。"
        "決定の内容は、case.jsonと、発送した書面にあります。"
    ),
    "case.json": "作成した時点の請求の全体。申請の内容、確認した書類、決定、回答、期限など。",
    "verification.json": "本人確認の内容（書類、判定、三つの住所の比較）。",
    "verification.csv": "本人確認の書類の一覧（表計算ソフト用）。",
    "letters/correction.pdf": "最後の補正のお願い。台帳の内容から作成し直したものです。",
    "letters/sha256.txt": "発送した書面の検証値（SHA-256）。書面そのものは含みません。",
}
_LOOKS: Final = "looks.jsonl　この請求に関する閲覧の記録。1行が1回の閲覧で、古い順です。"
_BRIEFLY: Final = "誰が、いつ、何を見たかに限ります。全体は監査者が確認できます。"
_REPLIES: Final = (
    "letters/reply-n/：n通目の回答を、発送したときのまま収めています。"
    "reply.pdf（書面）、records.csv（記録の一覧）、records.json（機械可読）、"
    "あれば method.pdf（開示方法の変更のお知らせ）、annex-2.pdf以降（別紙の続き）。"
)


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """What the file is of, and for whom.

    Attributes:
        position: of the ledger, as of which it was made.
        sees_case, sees_letters, audits: what the reader may see.
    """

    number: str
    position: int
    sees_case: bool
    sees_letters: bool
    audits: bool


def readme(about: EvidenceContext, names: Sequence[str]) -> bytes:
    """The text: UTF-8 with BOM and CRLF, so that it opens everywhere.

    Args:
        names: of the other files.
    """
    lines = [
        "開示等の請求　証跡一式",
        "",
        f"受付番号　　{about.number}",
        f"台帳の位置　#{about.position}（この位置までの内容です）",
        "",
        "同じ位置について、同じ役割の人が作成すると、同じ内容になります。",
        "このファイルを取り出したことは、理由とともに監査の記録に残っています。",
        "個人情報を含みます。取扱いに注意し、必要がなくなったら消去してください。"
        if about.sees_case or about.sees_letters
        else "請求者の氏名、記録及び書面の内容は含みません。",
        "",
        "収めているファイル",
        *(f"・{name}　{_FILES[name]}" for name in names if name in _FILES),
    ]
    if any(name.startswith("letters/reply-") for name in names):
        lines.append(f"・{_REPLIES}")
    lines += [
        f"・{_LOOKS}{'' if about.audits else _BRIEFLY}",
        "・sha256sums.txt　上の全てのファイルの検証値（SHA-256）。",
        "",
        "確かめ方",
        "展開したフォルダーで「sha256sum --check sha256sums.txt」を実行してください。",
        "発送した書面の控えが別にあるときは、その検証値を同じ方法で比べられます。",
        "日時は協定世界時（UTC）です。行為者は、台帳の中の番号で示します。",
        "拡張子が.jsonlのファイルは、1行が1つのJSON（RFC 8785に準じた正規形）です。",
    ]
    return _BOM + "".join(f"{line}\r\n" for line in lines).encode()
