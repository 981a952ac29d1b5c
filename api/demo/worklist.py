"""The work list as the desk would see it: where each case stands, what is due, what comes next."""

from typing import Final, cast

from rich.table import Table

from ledger.case import Status
from ledger.values import Json

Row = dict[str, Json]

STATES: Final[dict[Status, tuple[str, str]]] = {
    Status.RECEIVED: ("受付", "書類を確認する"),
    Status.IDENTITY_CHECK: ("本人確認中", "補正を依頼する"),
    Status.COMPLETENESS_CHECK: ("申請書確認中", "申請書を確認する"),
    Status.CORRECTION_REQUESTED: ("補正待ち", "補正を待つ"),
    Status.RESUBMITTED: ("補正書類到着", "書類を確認する"),
    Status.SEARCH: ("記録特定中", "記録を特定する"),
    Status.REVIEW: ("開示内容確認中", "開示・不開示を決める"),
    Status.DECIDED: ("決定済み", "承認に回す"),
    Status.SUBMITTED: ("承認待ち", "承認する・差し戻す"),
    Status.SENT_BACK: ("差戻し", "見直して承認に回す"),
    Status.NOTICE_READY: ("発送待ち", "印刷して発送する"),
    Status.DISPATCHED: ("発送済み", "配達を確認する"),
    Status.DELIVERED: ("配達済み", "完了する"),
    Status.RETURNED: ("返戻対応", "本人確認をやり直す"),
    Status.CLOSED: ("完了", "—"),
    Status.CLOSED_PROCEDURAL: ("完了(手続不備)", "—"),
    Status.REOPENED: ("再開", "記録を特定する"),
    Status.WITHDRAWN: ("取下げ", "—"),
    Status.PRINCIPAL_DECEASED: ("本人死亡", "—"),
    Status.ENTERED_IN_ERROR: ("誤登録", "—"),
}
"""Status → (what it is called, what comes next)."""
REQUESTERS: Final = {
    "self": "本人",
    "mandated_agent": "任意代理人",
    "legal_representative": "法定代理人",
}
CLOCKS: Final = {
    "acknowledge": "受付通知",
    "completeness": "書類確認",
    "correction_due_on": "補正",
    "decision": "決定",
    "dispatch": "発送",
    "interim": "中間連絡",
    "two_weeks_end": "2週間満了",
    "hard_stop": "最終期限",
    "without_delay": "遅滞なく",
}
"""Clock → what falls due by it."""


def table(cases: list[Row]) -> Table:
    """The cases that `GET /v1/cases` answered, in its order; names are masked there."""
    shown = Table(title="開示請求の一覧")
    for heading in ("受付番号", "到達日", "請求者", "区分", "状態", "期限", "次の作業"):
        shown.add_column(heading)
    for case in cases:
        shown.add_row(*_cells(case))
    return shown


def _cells(case: Row) -> tuple[str, ...]:
    state, following = STATES[Status(cast("str", case["status"]))]
    due = cast("dict[str, str] | None", case["due"])
    return (
        cast("str", case["number"]),
        cast("str", case["arrived_on"]),
        cast("str", case["name"]),
        REQUESTERS[cast("str", case["requester"])],
        state,
        "—" if due is None else f"{due['on']} {CLOCKS[due['clock']]}",
        following,
    )
