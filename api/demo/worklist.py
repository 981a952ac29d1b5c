"""The work list as the desk would see it: where each case stands, what is due, what comes next."""

from typing import cast

from rich.table import Table

from api.web.pages.words import CLOCKS, MISTAKE_NEXT, MISTAKES, REQUESTERS, STATES
from ledger.cases.case import CaseStatus
from ledger.values import Json

Row = dict[str, Json]


def table(cases: list[Row]) -> Table:
    """The cases that `GET /v1/cases` answered, in its order; names are masked there."""
    shown = Table(title="開示請求の一覧")
    for heading in ("受付番号", "到達日", "請求者", "区分", "状態", "期限", "次の作業"):
        shown.add_column(heading)
    for case in cases:
        shown.add_row(*_cells(case))
    return shown


def _cells(case: Row) -> tuple[str, ...]:
    state, following = STATES[CaseStatus(cast("str", case["status"]))]
    if (mistake := cast("str | None", case["mistake"])) is not None:
        state, following = f"{state}({MISTAKES[mistake][0]})", MISTAKE_NEXT
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
