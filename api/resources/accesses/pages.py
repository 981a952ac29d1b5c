"""監査ログ: who looked at what, under which case and why; never whom."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.accesses import audit_list
from api.resources.accesses.audit_list import SHORT, AuditFilter, AuditList, Auditor, second
from api.resources.accesses.views import CASE_PATTERN, list_accesses
from api.web.items import MARKING
from api.web.pages.days import short
from api.web.pages.guard import Visit
from api.web.pages.route import PageRoute
from api.web.pages.words import STATES
from ledger.accesses.access import EXPORT, HISTORY
from ledger.accesses.service import AccessFilter
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "first": "閲覧日（から）",
    "last": "閲覧日（まで）",
    "what": "閲覧したもの",
    "case": "受付番号",
    "actor": "閲覧した人",
    "cursor": "続き",
}
"""Field of the page → what it is called there."""

WHAT: Final[Mapping[str, str]] = {
    HISTORY: "本人の記録",
    EXPORT: "記録の書き出し",
    "case_file": "請求の内容",
    "letter_preview": "発送前の書面",
    "letter": "発送した書面",
    "reply_file": "回答のファイル",
    "case_export": "請求の証跡一式",
    "transfer": "提供・受領の記録（1件）",
    "rejected_items": "隔離イベントの内容",
    "reassessments": "再判定の対象",
}
"""What was looked at → what it is called."""

REASONS: Final[Mapping[str, str]] = {
    **{status.value: f"請求の状態：{texts[0]}" for status, texts in STATES.items()},
    "request": "請求への対応",
    "correction": "記録の訂正・停止等",
    "inquiry": "官公庁・裁判所・相手方からの照会",
    "inspection": "記録の点検",
    "read_back": "送信元による読み返し",
    "repair": "隔離イベントの修復",
    "reassessment": "再判定",
}
"""Why a document was looked at, where a code says so; a history's reason is as it was typed."""

_ENDS: Final = ("first", "last")

router = APIRouter(prefix="/desk/audit", route_class=PageRoute)


async def _find_accesses(visit: Visit, question: AuditFilter) -> dict[str, Any]:
    filters = AccessFilter(
        question.first, question.last, question.case, question.actor, question.choice
    )
    found = await list_accesses(visit.services, filters, question.cursor, audit_list.PAGE)
    body = found.render(includes_hidden=visit.caller.may(MARKING))
    listed_rows = rows(body, visit.services.settings.kinds)
    opened = (one.case_id for one in listed_rows if one.case_id and filters.case)
    return {
        "rows": listed_rows,
        "evidence": next(opened, None),
        "expired": body["expired"],
        "as_of": body["as_of"],
        "cursor": body["cursor"],
    }


ACCESSES: Final = AuditList("accesses/audit.html", LABELS, "what", WHAT, _find_accesses)


@router.get("")
async def get_accesses(visit: Auditor) -> Response:
    """The looks of the last days."""
    return await ACCESSES.first(visit)


@router.post("")
async def find(visit: Auditor) -> Response:
    """The looks that are asked for."""
    return await ACCESSES.render(visit, await visit.form())


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One look.

    Attributes:
        when: to the second, in Japan.
        person: the first digits of the actor's id; the id itself is `actor`.
        details: what else is told of it, in words.
        case_id: of the case, where a document of it was looked at.
        is_unknown: the case that was named is none of this ledger, or had not begun.
        is_askable: the list can be narrowed to the case: it was not typed as free text.
    """

    position: int
    when: str
    actor: str
    person: str
    what: str
    details: tuple[str, ...]
    case: str | None
    case_id: str | None
    is_unknown: bool
    is_askable: bool
    reason: str | None
    is_export: bool


def rows(body: Mapping[str, Json], kinds: Mapping[str, str]) -> list[AccessRow]:
    """The looks as rows, of what the API tells of them; `kinds`: scheme → what it is called."""
    return [_row(one, kinds) for one in cast("list[Mapping[str, Json]]", body["accesses"])]


def _row(one: Mapping[str, Json], kinds: Mapping[str, str]) -> AccessRow:
    actor, what = cast("str", one["actor"]), cast("str", one["what"])
    case = cast("str | None", one.get("case"))
    reason = cast("str | None", one.get("reason"))
    return AccessRow(
        position=cast("int", one["position"]),
        when=second(datetime.fromisoformat(cast("str", one["at"]))),
        actor=actor,
        person=actor[:SHORT],
        what=WHAT[what],
        details=tuple(_details(one, kinds)),
        case=case,
        case_id=cast("str | None", one.get("case_id")),
        is_unknown=one.get("case_known") is False,
        is_askable=case is not None and re.fullmatch(CASE_PATTERN, case) is not None,
        reason=reason
        if what in (HISTORY, EXPORT) or reason is None
        else REASONS.get(reason, reason),
        is_export=what == EXPORT,
    )


def _describe_export(made: Mapping[str, Json]) -> Iterator[str]:
    """What is in an export, and what was asked for."""
    yield f"記録 {made['records']:,}件"
    yield (
        "全件（除外した記録・消去した記録を含む）"
        if made["whole"]
        else "除外・消去した記録を含まない"
    )
    yield "個人を表示" if made["identified"] else "個人は仮名"
    if "first" in made or "last" in made:
        days = (short(date.fromisoformat(cast("str", made[n]))) if n in made else "" for n in _ENDS)
        yield f"期間 {'～'.join(days)}"
    for name, label in (("bases", "根拠"), ("findings", "指摘")):
        if name in made:
            yield f"{label} {'・'.join(cast('list[str]', made[name]))}"
    if "source" in made:
        yield f"送信元 {made['source']}"
    if made["by_counterparty"]:
        yield "相手方を指定"


def _details(one: Mapping[str, Json], kinds: Mapping[str, str]) -> list[str]:
    details: list[str] = []
    if "export" in one:
        details.append(f"書き出し {one['export']}（台帳の位置 #{one['as_of']} 時点）")
    if "made" in one:
        details.extend(_describe_export(cast("Mapping[str, Json]", one["made"])))
    if "entries" in one:
        details.append(f"表示した記録 {one['entries']:,}件（台帳の位置 #{one['as_of']} 時点）")
    if "identifiers" in one:
        identifiers = cast("Mapping[str, Json]", one["identifiers"])
        names = "・".join(kinds.get(n, n) for n in cast("list[str]", identifiers["schemes"]))
        details.append(f"識別子 {identifiers['count']}件" + (f"（{names}）" if names else ""))
    if "number" in one:
        details.append(f"{one['number']}通目の回答")
    if "document" in one:
        details.append(f"ファイル {one['document']}")
    if "transfer" in one:
        details.append(f"記録 {one['transfer']}")
    return details
