"""回答内容の確認 for whoever comes second: what others decided, beside what they had typed."""

from collections.abc import Sequence
from uuid import UUID

from api.pages.days import short
from api.pages.step_view import CaseView, StepFormResult
from api.pages.steps import measures, withheld_blocks
from api.pages.steps.decision import DecisionForm
from api.pages.steps.decision_differences import Side, differences, of_measures, of_substitutes
from api.pages.steps.differences import Differences, FieldDifference
from api.pages.steps.form_values import day_said
from api.pages.steps.substitutes import Choice
from api.pages.steps.tables import Tables
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.events.substitute import CaseSubstitutesChosen
from ledger.clock import day_in_japan
from ledger.law.procedure.version import Procedure


def of_records(
    seen: CaseView,
    again: StepFormResult,
    typed: DecisionForm | None,
    shown: Tables | None,
    choices: Sequence[Choice],
    *,
    is_open: bool,
) -> Differences | None:
    """In what a form about records differs from what was decided since it was made.

    Args:
        shown: the records; None when they cannot be shown.
        choices: what is to be printed otherwise, as it was typed.
    """
    since, decision = again.since, seen.state.decision
    if since is None or again.form is None or typed is None:
        return None
    stands = None
    if isinstance(decision, CaseDecided):
        blocks = withheld_blocks.blocks_decided(decision)
        agreed = decision.medium_agreement
        told = ("", "") if agreed is None else (short(agreed.agreed_on), agreed.how)
        stands = Side(blocks, decision.medium, decision.medium_reason or "", *told)
    is_decided = stands is not None and bool(seen.came(since, CaseDecided))
    if not _is_told(seen, since, is_open=is_open, is_decided=is_decided):
        return None
    found: tuple[FieldDifference, ...] = ()
    is_whole = True
    if is_decided or not is_open:
        ticks = frozenset[UUID]() if is_open or shown is None else _ticked(typed, shown)
        medium, reason = (typed.form.text(one) for one in ("medium", "medium_reason"))
        agreed_on, agreed_how = day_said(typed.form, "agreed_on"), typed.form.text("agreed_how")
        mine = Side(typed.blocks, medium, reason, agreed_on, agreed_how, ticks)
        found = differences(stands, mine, shown, _grounds(seen.procedure))
        is_whole = shown is not None or not (mine.blocks or (stands and stands.blocks))
    found = (*found, *of_substitutes(seen.state.substitutes, choices))
    return Differences(found, is_open, is_whole=is_whole)


def of_a_stop(
    seen: CaseView,
    again: StepFormResult,
    typed: measures.MeasuresForm,
    choices: Sequence[Choice],
    *,
    is_open: bool,
) -> Differences | None:
    """In what a form about measures differs from what was decided since it was made."""
    since = again.since
    if since is None or again.form is None:
        return None
    is_one = isinstance(seen.state.decision, CaseMeasuresDecided)
    is_decided = is_one and bool(seen.came(since, CaseMeasuresDecided))
    if not _is_told(seen, since, is_open=is_open, is_decided=is_decided):
        return None
    found: tuple[FieldDifference, ...] = ()
    if is_decided or not is_open:
        stands = measures.first(seen.state, day_in_japan(seen.at))
        fields = measures.labels(typed.offered, max(stands.shown, typed.shown))
        found = of_measures(fields, typed.offered, stands.form if is_one else None, typed.form)
    found = (*found, *of_substitutes(seen.state.substitutes, choices))
    return Differences(found, is_open)


def _is_told(seen: CaseView, since: int, *, is_open: bool, is_decided: bool) -> bool:
    return not is_open or is_decided or bool(seen.came(since, CaseSubstitutesChosen))


def _ticked(typed: DecisionForm, shown: Tables) -> frozenset[UUID]:
    """The records of the rows that were ticked, as far as they are shown."""
    if typed.is_all:
        return frozenset(shown.records)
    return frozenset(record for one in typed.ticks for record in shown.ticks.get(one, ()))


def _grounds(procedure: Procedure) -> dict[str, str]:
    return {one.code: f"{one.label}（{one.article}）" for one in procedure.grounds}
