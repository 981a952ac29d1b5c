"""What the page of 回答内容の確認 shows: the records, what is withheld, on what they rest (S4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

from api.auth.people import NotYoursError
from api.case_replies import ReplyRecords
from api.resources.cases.forms import (
    decision,
    measures,
    points,
    substitutes,
    tables,
    withheld_blocks,
)
from api.resources.cases.forms.decision import DecisionForm
from api.resources.cases.forms.other_transfers import render_other_transfers
from api.resources.cases.forms.substitutes import Choice
from api.resources.cases.forms.withheld_blocks import Block
from api.resources.cases.pages import decision_conflict as overtaken
from api.resources.cases.pages.step_order import DECISION
from api.resources.cases.pages.step_view import CaseView, StepPageView
from api.web.items import random_command
from api.web.padding_clock import SEARCH_STEPS, widen_padding
from api.web.pages.conflict import Conflict
from api.web.pages.form_result import FormResult
from api.web.pages.forms import Form
from api.web.services import Services
from ledger.cases.case import WITHOUT_RECORDS, CaseStatus, State
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.identification import is_sought_by_name, warnings
from ledger.cases.intake import MEDIA
from ledger.cases.letters.coverage import officer_lines
from ledger.cases.letters.lines import PROVIDED, RECEIVED, Side
from ledger.cases.letters.words import ORDINALS
from ledger.cases.refusals import StaleApprovalError
from ledger.clock import day_in_japan
from ledger.commands import ViewHistory
from ledger.errors import ProjectionBehindError
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.tables import Ground
from ledger.law.procedure.version import Procedure
from ledger.law.requests import outcomes_of
from ledger.service import Ledger

OPEN: Final = frozenset({CaseStatus.REVIEW, CaseStatus.DECIDED, CaseStatus.SENT_BACK})
"""Where something is left to decide. What waits for an approval is sent back first."""
_NAMES_MAX: Final = 40
"""Names of data that a block offers; of more the whole item, or the whole record."""
# As an auditor reads it.
_REASON: Final = "回答内容の確認"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What became of the last attempt, besides what `FormResult` says.

    Attributes:
        lacking: characters that cannot be printed.
        is_again: the records were just searched anew.
    """

    lacking: tuple[str, ...] = ()
    is_again: bool = False


NONE: Final = Trouble()


def is_undecided(state: State) -> bool:
    """Whether something may be left to decide; what needs no search is, once it was reopened."""
    return state.status in OPEN or (state.status == CaseStatus.REOPENED and not state.is_searched)


def page_view(
    services: Services,
    typed: DecisionForm | None = None,
    choices: Sequence[Choice] | None = None,
    trouble: Trouble = NONE,
) -> StepPageView:
    """The page, with what was typed of it."""
    return StepPageView(DECISION, partial(_build_context, _Page(services, typed, choices, trouble)))


@dataclass(frozen=True, slots=True)
class _Page:
    inside: Services
    typed: DecisionForm | None
    choices: Sequence[Choice] | None
    trouble: Trouble


def _build_context(
    page: _Page, ledger: Ledger, seen: CaseView, again: FormResult
) -> dict[str, Any]:
    """What the template needs besides the frame.

    Raises:
        NotYoursError: the visitor may not read records.
    """
    state, trouble = seen.state, page.trouble
    is_open = is_undecided(state) and (seen.is_open("decisions") or seen.is_open("measures"))
    missing = trouble.lacking or substitutes.still_lacking(again.form, state)
    lacking = missing if state.decision is not None else ()
    common: dict[str, Any] = {
        "is_open": is_open,
        "is_without_records": state.application.kind in WITHOUT_RECORDS,
        "is_again": trouble.is_again,
        "lacking": [Choice(one) for one in missing] if is_open else [],
        "choices": substitutes.build_choices(state, page.choices, lacking),
        "others_because": substitutes.others_evidence(state, page.choices),
        "outcomes": outcomes_of(state.application.kind),
        "warnings": warnings(state),
    }
    if state.application.kind in WITHOUT_RECORDS:
        return {**common, **_measures(page, seen, again, is_open=is_open)}
    if state.search is None:
        differing = _conflict(page, seen, again, None, is_open=is_open)
        common |= {"labels": decision.LABELS, "form": Form({}), "differing": differing}
        return {**common, "search": None}
    if not seen.caller.may("records:read"):
        raise NotYoursError
    return {**common, **_records(page, ledger, seen, again, is_open=is_open)}


def _conflict(
    page: _Page,
    seen: CaseView,
    again: FormResult,
    shown: tables.Tables | None,
    *,
    is_open: bool,
) -> Conflict | None:
    return overtaken.of_records(seen, again, page.typed, shown, page.choices or (), is_open=is_open)


@dataclass(frozen=True, slots=True)
class _Search:
    """The records of the search that stands, as far as they are as they were.

    Attributes:
        found: None when something has happened to them, or nobody can tell yet.
    """

    found: ReplyRecords | None = None
    is_stale: bool = False
    is_late: bool = False


def _searched(services: Services, state: State) -> _Search:
    if state.status in OPEN and not is_sought_by_name(state):
        return _Search(is_stale=True)  # nothing is said not to exist before that
    try:
        return _Search(services.replies.unchanged(state))
    except StaleApprovalError:
        return _Search(is_stale=True)
    except ProjectionBehindError:
        return _Search(is_late=True)


def _records(
    page: _Page, ledger: Ledger, seen: CaseView, again: FormResult, *, is_open: bool
) -> dict[str, Any]:
    """The records; that they were looked at is on record before they are shown."""
    state, procedure = seen.state, seen.procedure
    assert state.search is not None, "asked only where a search stands"
    widen_padding(SEARCH_STEPS)
    typed = page.typed or decision.first(state, procedure)
    if not is_open:
        # What stands is shown, however it is looked at; what was typed is told beside it.
        current = decision.first(state, procedure)
        typed = replace(current, pages=typed.pages, unfolded=typed.unfolded)
    search = _searched(page.inside, state)
    blocks = typed.blocks
    found = search.found or ReplyRecords(state.search.as_of)
    kinds = page.inside.settings.kinds
    shown = _tables(found, state, typed, blocks, kinds)
    ticks = typed.ticks
    if typed.action == "add" and typed.is_ticked and search.found is not None:
        chosen = shown.records if typed.is_all else _chosen(shown, typed.ticks)
        blocks, ticks = withheld_blocks.added(blocks, chosen), frozenset[UUID]()
        shown = _tables(found, state, typed, blocks, kinds)
    if state.search.identifiers and search.found is not None:
        access = ViewHistory(
            random_command(),
            seen.caller.actor,
            state.number,
            state.search.identifiers,
            state.search.as_of,
            len(found.entries) + len(found.other_entries),
            _REASON,
        )
        ledger.view(access, seen.at)
    on_page = {row.tick for table in shown.tables for row in table.rows}
    return {
        "search": state.search,
        "is_stale": search.is_stale,
        "is_late": search.is_late,
        "tables": shown.tables,
        "beside": render_other_transfers(found.other_entries),
        "typed": typed,
        "blocks": _blocks(shown, blocks),
        "blocks_max": withheld_blocks.BLOCKS_MAX,
        "ticks": ticks,
        "ticked": " ".join(one.hex for one in sorted(ticks - on_page)),
        "form": decision.build_form(typed, blocks),
        "labels": decision.labels(blocks),
        "balance": _balance(shown, blocks),
        "coverage": officer_lines(page.inside.replies.statement(state)),
        "points": points.build_point_views(page.inside.replies.points(state, found), found, state),
        "grounds": _grounds(state, procedure),
        "causes": CAUSES,
        "media": _media(state),
        "differing": _conflict(page, seen, again, search.found and shown, is_open=is_open),
    }


def _tables(
    found: ReplyRecords,
    state: State,
    typed: DecisionForm,
    blocks: Sequence[Block],
    kinds: Mapping[str, str],
) -> tables.Tables:
    requested: tuple[tuple[Side, bool], ...] = (
        (PROVIDED, state.application.provided),
        (RECEIVED, state.application.received),
    )
    withheld: dict[UUID, tuple[int, ...]] = {}
    for number, one in enumerate(blocks, 1):
        for record in one.records:
            withheld[record] = (*withheld.get(record, ()), number)
    sides: list[Side] = [side for side, is_requested in requested if is_requested]
    return tables.tables_of(
        found, sides, withheld, typed.pages, unfolded=typed.unfolded, kinds=kinds
    )


def _chosen(shown: tables.Tables, ticks: frozenset[UUID]) -> tuple[UUID, ...]:
    """The records of the rows that are ticked, in the order of the letter."""
    chosen = {record for tick in ticks for record in shown.ticks.get(tick, (tick,))}
    return tuple(record for record in shown.records if record in chosen)


@dataclass(frozen=True, slots=True)
class _BlockView:
    """A block as it is shown: what may be withheld of its records, besides what it says."""

    block: Block
    numbers: int
    items: list[tuple[str, str]]
    names: list[str] = field(default_factory=list[str])
    more: int = 0


def _blocks(shown: tables.Tables, blocks: Sequence[Block]) -> list[_BlockView]:
    made: list[_BlockView] = []
    for one in blocks:
        codes, names = tables.choices_of(shown, one.records)
        offered = [*names[:_NAMES_MAX], *(n for n in names[_NAMES_MAX:] if n in one.items)]
        more = len(names) - len(offered)
        made.append(_BlockView(one, len(one.records), codes, offered, more))
    return made


def _balance(shown: tables.Tables, blocks: Sequence[Block]) -> dict[str, int]:
    """The records, and of them those shown, shown in part and not shown."""
    own = set(shown.records)
    whole = {record for one in blocks if not one.items for record in one.records} & own
    part = {record for one in blocks if one.items for record in one.records} & own - whole
    total = len(own)
    return {
        "total": total,
        "disclosed": total - len(whole),
        "withheld": len(whole),
        "in_part": len(part),
    }


def _grounds(state: State, procedure: Procedure) -> list[tuple[Ground, int]]:
    """The grounds on which something may be withheld, with the number of each in the Act."""
    day = max(state.application.arrived_on, procedure.effective_from)
    return [
        (one, ORDINALS.get(one.code, 0))
        for one in procedure.grounds
        if one.span.covers(day) and "non_disclosure" in one.decisions
    ]


def _media(state: State) -> tuple[str, ...]:
    """The media that may be chosen, the one that was asked for first."""
    return ("electronic", "paper") if state.application.medium == "electronic" else MEDIA


def _measures(
    page: _Page, seen: CaseView, again: FormResult, *, is_open: bool
) -> Mapping[str, Any]:
    """The form of what is done or told, of a request that no record answers."""
    state = seen.state
    today = day_in_japan(seen.at)
    of = measures.offered(state.application)
    typed = measures.first(state, today) if again.form is None else measures.read(again.form, of)
    return {
        "person": state.person,
        "form": typed.form,
        "rows": typed.shown,
        "rows_max": measures.ROWS_MAX,
        "new_row": measures.new_row(typed),
        "labels": {**typed.labels, "substitutes": decision.LABELS["substitutes"]},
        "offered": of,
        "is_decided": isinstance(state.decision, CaseMeasuresDecided),
        "differing": overtaken.of_a_stop(seen, again, typed, page.choices or (), is_open=is_open),
    }
