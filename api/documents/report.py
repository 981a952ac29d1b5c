"""The cover report of an export (第三者提供記録等の写しに関する報告書): what stands in it.

Numbers come from the bag's files as they are. Characters that the font lacks are printed as 〓, and
the report says which they were: a name must not keep an export from leaving.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final, cast

from api.documents.errors import UnprintableTextError
from api.documents.glyphs import Substitutes, check_printable
from api.documents.renderer import Document, render
from api.documents.report_counts import months, number_text, parties, requests
from ledger.cases.letters.coverage import gaps_text, period_text, short_text
from ledger.cases.letters.words import day_text, instant_text
from ledger.emitters.coverage import DayPeriod, Short
from ledger.exports.report import BagReport
from ledger.exports.tables import SIDES, STATUSES
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.law.readings import law_and_reading
from ledger.values import Json

TEMPLATE: Final = "report"
TITLE: Final = "第三者提供記録等の写しに関する報告書"
EMITTERS_SHOWN_MAX: Final = 100
FILTERS: Final = "filters.json"
GAP: Final = "〓"
CLASSES: Final = {
    "no_basis": "根拠なし",
    "unlawful": "義務違反",
    "record_defect": "記録の不備",
    "warning": "注意",
}
_Object = dict[str, Json]


def report_pdf(report: BagReport) -> bytes:
    """The report as a tagged PDF/A-3a; the same bytes of the same bag.

    Raises:
        RenderingError: the template is broken.
    """
    return render(TEMPLATE, document_of(report))


def document_of(report: BagReport) -> Document:
    """What is printed."""
    filters, summary = report.filters, report.summary
    is_whole = bool(filters["whole"])
    body: _Object = {
        "ledger": filters["ledger"],
        "export": str(report.export),
        "scope": [[label, text] for label, text in _scope(report)],
        "checkpoint": _checkpoint(report),
        "is_signed": report.note is not None,
        "is_whole": is_whole,
        "is_identified": filters["identified"],
        "counts": [
            ["記録", number_text(report.counts["records"])],
            *([f"うち{one}", number_text(summary.sides[one])] for one in SIDES.values()),
            *([f"うち{one}", number_text(n)] for one, n in _statuses(report)),
            ["記録の版（訂正、取消等を含むイベント）", number_text(report.counts["events"])],
            ["本人の行（1つの版に本人1人につき1行）", number_text(report.counts["persons"])],
        ],
        "bases": [
            [one.label, number_text(summary.bases[one.label])]
            for one in BASES.values()
            if summary.bases[one.label]
        ],
        "months": months(cast("dict[str, int]", report.counts["by_month"])),
        "parties": parties(summary),
        "found": [
            [one.label, CLASSES[one.kind.value], number_text(summary.found[one.label])]
            for one in FINDINGS.values()
            if summary.found[one.label]
        ],
        "with_findings": number_text(summary.with_findings),
        "coverage": _coverage(report.coverage),
        "withheld": [one["ja"] for one in cast("list[_Object]", filters["withheld"])],
        "requests": requests(report.requests),
        "versions": _versions(report.versions),
    }
    author = str(filters["ledger"])
    return Document(
        title=TITLE,
        author=author,
        at=report.at,
        body=body,
        substitutes=_substitutes({"body": body, "author": author}),
    )


def _substitutes(data: _Object) -> Substitutes:
    try:
        check_printable(data)
    except UnprintableTextError as error:
        lacking = dict.fromkeys(one for found in error.places.values() for one in found)
        return tuple((one, GAP) for one in lacking)
    return ()


def _scope(report: BagReport) -> Iterator[tuple[str, str]]:
    filters = report.filters
    query = cast("_Object", filters["asked"])
    yield "写しの番号", str(report.export)
    yield "作成日時", instant_text(report.at)
    yield "台帳の名称", str(filters["ledger"])
    yield "示す時点", f"台帳の位置{number_text(filters['size'])}（最初からのイベントの数）"
    if not query:
        yield "抽出の条件", "なし（全ての記録）"
    if "first" in query or "last" in query:
        days = [query.get(one) for one in ("first", "last")]
        begin, end = ("" if one is None else day_text(_day(one)) for one in days)
        yield (
            "期間（年月日のない記録を含みます）",
            f"{begin}から{end}まで" if end else f"{begin}から",
        )
    if "counterparty" in query:
        # Where persons are named it may be an individual's name.
        named = f"指定あり（data/{FILTERS}に記載）"
        yield "相手方", named if filters["identified"] else str(query["counterparty"])
    if "bases" in query:
        yield "根拠", "、".join(BASES[one].label for one in cast("list[str]", query["bases"]))
    if "findings" in query:
        codes = cast("list[str]", query["findings"])
        labels = (FINDINGS[one].label if one in FINDINGS else "全ての指摘" for one in codes)
        yield "指摘", "、".join(labels)
    if "source" in query:
        yield "発信元", str(query["source"])
    if "identifiers" in query:
        yield "本人", f"1人（識別子{number_text(query['identifiers'])}個による）"
    if "case" in query:
        yield "事案", str(query["case"])
    yield (
        "掲載の範囲",
        "台帳の全部の見出しと、該当する全部の記録"
        if filters["whole"]
        else "存否を明らかにできない記録及び廃棄された記録を除いたもの",
    )
    yield "本人の表示", "記録のとおり" if filters["identified"] else "この写し限りの仮名"


def _checkpoint(report: BagReport) -> list[Json]:
    root: list[Json] = ["木の根（SHA-256、RFC 6962）", str(report.filters["root"])]
    if report.note is None or report.key is None:
        return [root]
    origin, size = report.note.split("\n")[:2]
    return [
        ["ログの名称", origin],
        ["木の大きさ", f"{int(size):,}"],
        root,
        ["公開鍵", report.key.strip()],
        ["証人の署名", _by_others(report, "cosigned", "なし")],
        ["タイムスタンプ", _by_others(report, "stamped", "なし（時刻は、台帳の記載によります）")],
    ]


def _by_others(report: BagReport, name: str, none: str) -> str:
    size = report.filters[name]
    return none if size is None else f"イベント{number_text(size)}件までのログにあり"


def _statuses(report: BagReport) -> Iterator[tuple[str, int]]:
    for code, label in STATUSES.items():
        # A plain bag has none that is destroyed or begun, and does not speak of them in a number.
        if code not in ("destroyed", "begun") or report.filters["whole"]:
            yield label, report.summary.statuses[label]


def _coverage(coverage: _Object) -> _Object:
    shares = cast("list[_Object]", coverage["shares"])
    declared = sum(1 for one in shares if not one["undeclared"])
    return {
        "period": _covered(coverage),
        "emitters": number_text(coverage["emitters"]),
        "complete": number_text(declared),
        "is_whole": coverage["emitters"] == coverage["complete"],
        "left": number_text(max(len(shares) - EMITTERS_SHOWN_MAX, 0)),
        "has_more": len(shares) > EMITTERS_SHOWN_MAX,
        "rows": [
            [
                str(one["name"]),
                period_text(_period([one["first"], one["last"]])),
                _undeclared(one),
            ]
            for one in shares[:EMITTERS_SHOWN_MAX]
        ],
    }


def _covered(coverage: _Object) -> str:
    last = _day(coverage["last"])
    if "first" not in coverage:
        return f"台帳の最初から{day_text(last)}まで"
    first = _day(coverage["first"])
    # Asked for from the day of the export on: nothing of it is over.
    return f"{day_text(first)}から" if last < first else period_text(DayPeriod(first, last))


def _undeclared(share: _Object) -> str:
    """The days without a declaration, and those that were closed and are not all there."""
    days = [_period(one) for one in cast("list[list[Json]]", share["undeclared"])]
    gaps = gaps_text(days) if days else "なし"
    short = [
        Short(_day(day), cast("int | None", lost))
        for day, lost in cast("list[tuple[Json, Json]]", share.get("short", []))
    ]
    return f"{gaps}（{short_text(short)}）" if short else gaps


def _period(days: list[Json]) -> DayPeriod:
    return DayPeriod(_day(days[0]), _day(days[1]))


def _day(text: Json) -> date:
    return date.fromisoformat(str(text))


def _versions(versions: _Object) -> _Object:
    # A version of the Act has had several readings; its row counts the verdicts of all of them.
    judged: Counter[str] = Counter()
    for code, verdicts in cast("dict[str, int]", versions["judged_under"]).items():
        judged[law_and_reading(code)[0]] += verdicts
    laws = cast("list[_Object]", versions["laws"])
    templates = cast("_Object", versions.get("templates", {}))
    return {
        "laws": [
            [
                str(one["name"]),
                day_text(_day(one["in_force_from"])),
                number_text(judged[str(one["version"])]),
            ]
            for one in laws
        ],
        "templates": [[name, str(one)] for name, one in templates.items()],
    }
