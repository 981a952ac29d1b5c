"""監査ログ, 操作の記録: who did what, and when; never for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.accesses import audit_list
from api.resources.accesses.audit_list import SHORT, AuditFilter, AuditList, Auditor, second
from api.resources.accesses.views import paged
from api.web.items import MARKING
from api.web.pages.guard import Visit
from api.web.pages.route import EvenPageRoute
from api.web.pages.words import EVENTS
from ledger.accesses.acts import ActFilter, Acts, ActsPage, RecordedAct
from ledger.service import Ledger

LIST: Final = "acts"

LABELS: Final[Mapping[str, str]] = {
    "first": "操作日（から）",
    "last": "操作日（まで）",
    "kind": "操作の種類",
    "case": "受付番号",
    "actor": "操作した人",
    "cursor": "続き",
}
"""Field of the page → what it is called there."""

KINDS: Final[Mapping[str, str]] = {
    "intake": "受付・本人確認",
    "decision": "記録の特定・決定",
    "approval": "承認",
    "dispatch": "発送・完了",
    "ending": "取下げ・再開・誤りの申出",
    "record": "提供・受領の記録の訂正等",
    "person": "名寄せ・提供停止の指示・氏名の変更",
    "retention": "保全・消去",
    "register": "公表事項・手続・送信元・ログ",
}
"""Kind of act → what it is called."""

ACTS: Final[Mapping[str, str]] = {
    **EVENTS,
    "transfer-corrected": "記録の訂正",
    "transfer-reclassified": "根拠の変更・再判定",
    "transfer-retracted": "記録の撤回",
    "transfer-findings-settled": "指摘への対応",
    "identifiers-linked": "名寄せ",
    "identifiers-unlinked": "名寄せの解除",
    "principal-renamed": "氏名の変更",
    "directive-received": "本人からの提供停止等の指示",
    "directive-lifted": "提供停止等の指示の解除",
    "hold-placed": "保全",
    "hold-released": "保全の解除",
    "expiry-planned": "消去の計画",
    "records-expired": "保存期間が過ぎた記録の消去",
    "notice-published": "共同利用公表事項の公表",
    "notice-withdrawn": "共同利用公表事項の取下げ",
    "procedure-published": "開示等の手続の版の公表",
    "emitter-registered": "送信元の登録・変更",
    "log-epoch-started": "署名付きログの期の開始",
}
"""Type of an act's event → what was done."""


# It looks at records, hidden ones too, so it answers on the grid.
router = APIRouter(prefix="/desk/audit/acts", route_class=EvenPageRoute)


async def _find_acts(visit: Visit, question: AuditFilter) -> dict[str, Any]:
    filters = ActFilter(
        question.first, question.last, question.case, question.actor, question.choice
    )
    caller = visit.caller
    includes_hidden = caller.may(MARKING)

    def read(ledger: Ledger, after: int, up_to: int) -> ActsPage:
        return Acts(ledger.streams).page(
            filters, after, up_to, audit_list.PAGE, includes_hidden=includes_hidden
        )

    selects = (filters.first, filters.last, filters.case, filters.actor, filters.kind)
    page, _, cursor = await paged(visit.services, LIST, selects, question.cursor, "/cursor", read)
    opens_cases = caller.may("cases:read")
    # Who finds a record unknown there, though its act was told, would know that it is hidden.
    opens_records = includes_hidden and caller.may("records:write")
    act_rows = rows(page.acts, opens_cases=opens_cases, opens_records=opens_records)
    return {"rows": act_rows, "cursor": cursor}


ACTS_LISTED: Final = AuditList("accesses/acts.html", LABELS, "kind", KINDS, _find_acts)


@router.get("")
async def get_acts(visit: Auditor) -> Response:
    """The acts of the last days."""
    return await ACTS_LISTED.first(visit)


@router.post("")
async def find(visit: Auditor) -> Response:
    """The acts that are asked for."""
    return await ACTS_LISTED.render(visit, await visit.form())


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act.

    Attributes:
        when: to the second, in Japan.
        person: the first digits of the actor's id; the id itself is `actor`.
        case: its number; `address`: where the reader may follow it, or to its record.
    """

    when: str
    actor: str
    person: str
    what: str
    case: str | None
    address: str | None


def rows(acts: Iterable[RecordedAct], *, opens_cases: bool, opens_records: bool) -> list[ActRow]:
    """The acts as rows.

    Args:
        opens_cases: whether the reader opens cases; others have a case's evidence.
        opens_records: whether the reader opens records, those that are hidden from others too.
    """
    return [_row(one, opens_cases=opens_cases, opens_records=opens_records) for one in acts]


def _row(act: RecordedAct, *, opens_cases: bool, opens_records: bool) -> ActRow:
    number, address = None, None
    if act.case is not None:
        stream, number = act.case
        address = f"/desk/cases/{stream}" + ("" if opens_cases else "/evidence")
    elif act.transfer is not None and opens_records:
        address = f"/desk/exceptions/{act.transfer}"
    what, person = ACTS[act.type], act.actor[:SHORT]
    return ActRow(second(act.at), act.actor, person, what, number, address)
