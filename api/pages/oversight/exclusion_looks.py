"""Records that are looked at before they are excluded or shown again: what is asked, what is shown.

Of the persons in a record stands how many there are, and nobody's line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from api.oversight.transfers import is_case_number
from api.pages.forms import Form
from api.pages.oversight.exceptions.finding_view import facts
from api.pages.oversight.exclusions import ExclusionForm, is_of_line, read, read_lift
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import LookedAt
from ledger.transfers.transfer import State

LOOKED_MAX: Final = 20
"""Positions of one look: everything that is shown is read by whoever asked for it."""
_TOO_WIDE: Final = f"一度に確かめられるのは{LOOKED_MAX}件までです。"
_NO_NUMBER: Final = "受付番号は、2026-000123のように入力してください。"
FULL: Final = (
    "今日は、これ以上の記録を確かめられません。除外を登録する余地を残すためです。明日もう一度操作するか、"
    "システム運用に、大きさ（LEDGER_EXCLUSIONS_KIB）の引上げを依頼してください。除外と解除は、今もできます。"
)
"""What is said when a look would not fit beside what may still have to be excluded."""


@dataclass(frozen=True, slots=True)
class ExclusionRecordView:
    """A record as it stands.

    Attributes:
        facts: heading → (member, value), as on the page of a record; none once its content is gone.
        persons: how many it holds; 0 once its content is gone.
        is_excluded: by request, for one of its persons or for all.
        is_marked: by its emitter, as it was sent.
    """

    transfer: UUID
    position: int
    facts: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    persons: int
    is_excluded: bool
    is_marked: bool
    is_retracted: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class ExclusionAccess:
    """A look since the last daily event.

    Attributes:
        case: the number of the case that it was for; None: for none.
    """

    first: int
    last: int
    at: datetime
    is_own: bool
    reason: str
    case: str | None


def read_look(form: Form) -> ExclusionForm:
    """Read what is looked at, and why: as the same form excludes it or lifts its exclusion."""
    found = read_lift(form) if is_of_line(form) else read(form)
    wanted = ("transfers", "positions", "reason")
    body = {name: found.body[name] for name in wanted if name in found.body}
    number, defects = form.text("look_case"), {**found.defects}
    if _width(body) > LOOKED_MAX:
        defects.setdefault("positions", _TOO_WIDE)
    if number and not is_case_number(number):
        defects["look_case"] = _NO_NUMBER
    return ExclusionForm(body, defects)


def _width(body: Mapping[str, object]) -> int:
    """How many positions a look is at."""
    spans = cast("list[dict[str, int]]", body["positions"])
    transfers = cast("list[str]", body.get("transfers", []))
    return len(transfers) + sum(max(0, one["last"] - one["first"] + 1) for one in spans)


def seen(states: Mapping[UUID, State], standing: ActiveExclusions) -> list[ExclusionRecordView]:
    """The records as they are shown, in their order."""
    return [_seen(transfer, state, standing) for transfer, state in states.items()]


def _seen(transfer: UUID, state: State, standing: ActiveExclusions) -> ExclusionRecordView:
    data = None if state.record is None else state.record.data
    return ExclusionRecordView(
        transfer,
        state.first_position,
        () if data is None else facts(data),
        state.persons,
        any(one.first <= state.first_position <= one.last for one in standing.excluded),
        state.entry is not None and state.entry.order_11 != 0,
        state.retracted is not None,
        data is None,
    )


def told(
    looked: Iterable[LookedAt], numbers: Mapping[int, str], actor: str
) -> list[ExclusionAccess]:
    """The looks, newest first. `numbers`: of cases, by where they began."""
    found = [
        ExclusionAccess(
            one.first,
            one.last,
            one.act.at,
            one.act.actor == actor,
            one.act.reason,
            None if one.case is None else numbers.get(one.case),
        )
        for one in looked
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)
