"""The deletion certificate on paper: what stands in it, word for word.

The file holds the certificate's JSON as an attachment, so one file serves a reader and a program.
"""

from datetime import date, datetime

from api.documents.renderer import Attachment, Document, render
from ledger.clock import JAPAN, day_in_japan
from ledger.law.erasure import ACT, RULES
from ledger.retention.certificate import Certificate, Erasure, content
from ledger.values import Json

TEMPLATE = "certificate"
TITLE = "個人データ消去証明書"
ATTACHMENT_NAME = "deletion-certificate.json"
_COUNTED = {"events": "暗号化された記録（イベント）", "lookups": "照合用の行"}
_NAMED = {"events": "イベント", "lookups": "照合用の行"}
KEYS_PRINTED_MAX = 3_200
"""Ids on paper, about 60 pages; the attachment holds all of them."""


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate as a tagged PDF/A-3a with its JSON inside; the same bytes every time.

    Raises:
        UnprintableError: the ledger's name holds what the font cannot print.
    """
    return render(TEMPLATE, document_of(certificate))


def document_of(certificate: Certificate) -> Document:
    """What is printed of `certificate`."""
    return Document(
        title=TITLE,
        author=certificate.ledger,
        at=certificate.at,
        body={
            "plan": str(certificate.plan),
            "at": _instant(certificate.at),
            "ledger": certificate.ledger,
            "particulars": _particulars(certificate),
            "counts": _counts(certificate),
            "act": ACT,
            "regulation": RULES,
            "in_force": _day(date.fromisoformat(certificate.law)),
            "rules": [[rule.label, rule.articles, rule.period] for rule in certificate.rules],
            "keys": f"{certificate.keys:,}",
            "keys_printed_max": f"{KEYS_PRINTED_MAX:,}",
            "all_printed": certificate.keys <= KEYS_PRINTED_MAX,
            "attachment": ATTACHMENT_NAME,
            "erasures": _erasures(certificate),
            "tree": [
                ["対象のイベント", f"位置1から位置{certificate.tree.size:,}まで（全イベント）"],
                ["木の大きさ", f"{certificate.tree.size:,}"],
            ],
            "root": certificate.tree.root.hex(),
            "backup_days": _number(certificate.backup_days),
        },
        attached=(
            Attachment(
                ATTACHMENT_NAME,
                "application/json",
                "この証明書の内容（機械可読）",
                content(certificate),
            ),
        ),
    )


def _particulars(certificate: Certificate) -> list[Json]:
    planned = certificate.planned
    rows: list[Json] = [
        ["台帳の名称（1台帳が1事業者に対応）", certificate.ledger],
        ["計画番号", str(certificate.plan)],
        ["計画の日", f"{_day(day_in_japan(planned.at))}（位置{planned.position:,}）"],
        ["計画の対象", f"消去日が{_day(planned.through)}以前の鍵"],
        ["消去の実施日", _executed(certificate.erasures)],
    ]
    if planned.confirmed:
        rows.append(
            ["時刻の確認", "直前の記録から間隔が空いたため、担当者が時刻の正しいことを確認しました"]
        )
    return rows


def _executed(erasures: tuple[Erasure, ...]) -> str:
    # Positions rise; instants of one ledger do too, but a day is named only once.
    days = dict.fromkeys(_day(day_in_japan(one.at)) for one in erasures)
    return "、".join(days) or "実施なし"


def _counts(certificate: Certificate) -> list[Json]:
    if not certificate.counted:
        return [["鍵", "―", f"{certificate.keys:,}"], _unplanned(certificate)]
    planned = certificate.planned
    counted: list[Json] = [
        [_COUNTED[name], f"{planned.counts[name]:,}", f"{certificate.total(name):,}"]
        for name in certificate.counted
    ]
    return [
        ["鍵（計画時は、計画に記載したもの）", f"{planned.keys:,}", f"{certificate.keys:,}"],
        *counted,
        ["計画に記載があり、この計画の下で廃棄していない鍵", "―", f"{certificate.remaining:,}"],
        _unplanned(certificate),
    ]


def _unplanned(certificate: Certificate) -> Json:
    return ["計画に記載がなく、この計画の下で廃棄した鍵", "―", f"{certificate.unplanned:,}"]


def _erasures(certificate: Certificate) -> list[Json]:
    printed: list[Json] = []
    keys_left = KEYS_PRINTED_MAX
    for one in certificate.erasures:
        numbers = [f"鍵{len(one.keys):,}件"]
        numbers += [f"{_NAMED[name]}{one.counts[name]:,}件" for name in certificate.counted]
        printed.append(
            {
                "heading": f"位置{one.position:,} {_instant(one.at)} " + "、".join(numbers),
                "keys": [key.hex() for key in one.keys[:keys_left]],
            }
        )
        keys_left = max(0, keys_left - len(one.keys))
    return printed


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _instant(at: datetime) -> str:
    here = at.astimezone(JAPAN)
    return f"{_day(here.date())} {here:%H:%M:%S}（日本時間）"
