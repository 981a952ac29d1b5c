"""回答内容の確認 for whoever comes second: what others decided, beside what they had typed (S4).

Records are named by their numbers in the letter as it reads now: what is excluded by now, or gone
of another cause, has none, and nothing is told of it, whoever withheld it (0038).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.resources.cases.forms import measures, withheld_blocks
from api.resources.cases.forms.decision import LABELS, DecisionForm
from api.resources.cases.forms.measures import MeasureChoices
from api.resources.cases.forms.substitutes import Choice
from api.resources.cases.forms.tables import Tables
from api.resources.cases.forms.withheld_blocks import Block
from api.resources.cases.pages.step_view import CaseView
from api.web.pages.conflict import (
    Conflict,
    ConflictRow,
    FormField,
    chosen,
    conflict_rows,
    text_conflicts,
)
from api.web.pages.days import short
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import day_text_of
from api.web.pages.forms import Form
from api.web.pages.words import MEDIA
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.events.substitute import CaseSubstitutesChosen, Substitute
from ledger.cases.letters import words
from ledger.clock import day_in_japan
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.version import Procedure

_RANGES_MAX: Final = 5
_DISCLOSED: Final = "開示"
_WHOLE: Final = "記録の全部"
_TEXTS: Final = ("medium_reason", "agreed_on", "agreed_how")


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: a decision, or what would become one.

    Attributes:
        ticks: records that were chosen and stand in no block yet.
    """

    blocks: Sequence[Block] = ()
    medium: str = ""
    medium_reason: str = ""
    agreed_on: str = ""
    agreed_how: str = ""
    ticks: frozenset[UUID] = frozenset()


def of_records(
    seen: CaseView,
    again: FormResult,
    typed: DecisionForm | None,
    shown: Tables | None,
    choices: Sequence[Choice],
    *,
    is_open: bool,
) -> Conflict | None:
    """In what a form about records differs from what was decided since it was made.

    Args:
        shown: the records; None when they cannot be shown.
        choices: what is to be printed otherwise, as it was typed.
    """
    since, decision = again.since, seen.state.decision
    if since is None or again.form is None or typed is None:
        return None
    current = None
    if isinstance(decision, CaseDecided):
        blocks = withheld_blocks.blocks_decided(decision)
        agreed = decision.medium_agreement
        agreement = ("", "") if agreed is None else (short(agreed.agreed_on), agreed.how)
        current = _Side(blocks, decision.medium, decision.medium_reason or "", *agreement)
    is_decided = current is not None and bool(seen.came(since, CaseDecided))
    if not _has_conflict(seen, since, is_open=is_open, is_decided=is_decided):
        return None
    found: tuple[ConflictRow, ...] = ()
    is_whole = True
    if is_decided or not is_open:
        ticks = frozenset[UUID]() if is_open or shown is None else _ticked(typed, shown)
        medium, reason = (typed.form.text(one) for one in ("medium", "medium_reason"))
        agreed_on, agreed_how = day_text_of(typed.form, "agreed_on"), typed.form.text("agreed_how")
        mine = _Side(typed.blocks, medium, reason, agreed_on, agreed_how, ticks)
        found = _of_decision(current, mine, shown, _grounds(seen.procedure))
        is_whole = shown is not None or not (mine.blocks or (current and current.blocks))
    found = (*found, *_of_substitutes(seen.state.substitutes, choices))
    return Conflict(found, is_open, is_whole=is_whole)


def of_a_stop(
    seen: CaseView,
    again: FormResult,
    typed: measures.MeasuresForm,
    choices: Sequence[Choice],
    *,
    is_open: bool,
) -> Conflict | None:
    """In what a form about measures differs from what was decided since it was made."""
    since = again.since
    if since is None or again.form is None:
        return None
    is_one = isinstance(seen.state.decision, CaseMeasuresDecided)
    is_decided = is_one and bool(seen.came(since, CaseMeasuresDecided))
    if not _has_conflict(seen, since, is_open=is_open, is_decided=is_decided):
        return None
    found: tuple[ConflictRow, ...] = ()
    if is_decided or not is_open:
        current = measures.first(seen.state, day_in_japan(seen.at))
        labels = measures.labels(typed.offered, max(current.shown, typed.shown))
        fields = {it: _field_of_measures(it, label, typed.offered) for it, label in labels.items()}
        found = conflict_rows(fields, current.form if is_one else Form({}), typed.form)
    found = (*found, *_of_substitutes(seen.state.substitutes, choices))
    return Conflict(found, is_open)


def _has_conflict(seen: CaseView, since: int, *, is_open: bool, is_decided: bool) -> bool:
    return not is_open or is_decided or bool(seen.came(since, CaseSubstitutesChosen))


def _ticked(typed: DecisionForm, shown: Tables) -> frozenset[UUID]:
    """The records of the rows that were ticked, as far as they are shown."""
    if typed.is_all:
        return frozenset(shown.records)
    return frozenset(record for one in typed.ticks for record in shown.ticks.get(one, ()))


def _grounds(procedure: Procedure) -> dict[str, str]:
    return {one.code: f"{one.label}（{one.article}）" for one in procedure.grounds}


def _of_decision(
    current: _Side | None, typed: _Side, shown: Tables | None, grounds: Mapping[str, str]
) -> tuple[ConflictRow, ...]:
    """The fields in which two decisions about records differ, the records first.

    Args:
        current: None when nothing stands decided.
        shown: the records as they read now; None when they cannot be shown: none is compared.
        grounds: code → label.
    """
    rows = () if shown is None else _records(current, typed, shown, grounds)
    labels = {name: LABELS[name] for name in ("medium", *_TEXTS)}
    ours = {} if current is None else _of_medium(current)
    return (*rows, *text_conflicts(labels, ours, _of_medium(typed)))


def _of_medium(side: _Side) -> dict[str, str]:
    texts: dict[str, str] = {name: getattr(side, name) for name in _TEXTS}
    return {"medium": MEDIA.get(side.medium, ""), **texts}


def _records(
    current: _Side | None, typed: _Side, shown: Tables, grounds: Mapping[str, str]
) -> Iterator[ConflictRow]:
    """One row for all records of which both sides say the same two things."""
    numbers = {record: number for number, record in enumerate(shown.records, 1)}
    ours = {} if current is None else dict(_describe_blocks(current.blocks, shown, grounds))
    theirs = dict(_describe_blocks(typed.blocks, shown, grounds))
    groups: dict[tuple[str, str], list[int]] = {}
    for record, number in numbers.items():
        if record not in ours and record not in theirs:
            continue
        left = ours.get(record, "" if current is None else _DISCLOSED)
        right = theirs.get(record, _DISCLOSED)
        if left != right:
            groups.setdefault((left, right), []).append(number)
    for (left, right), found in groups.items():
        yield ConflictRow(_numbered(found), left, right)
    if ticked := [number for record, number in numbers.items() if record in typed.ticks]:
        yield ConflictRow(LABELS["ticks"], "", _numbered(ticked))


def _numbered(numbers: Sequence[int]) -> str:
    text = f"記録番号{words.numbers_text(numbers, ranges_max=_RANGES_MAX)}"
    return text if len(numbers) == 1 else f"{text}（{len(numbers):,}件）"


def _describe_blocks(
    blocks: Iterable[Block], shown: Tables, grounds: Mapping[str, str]
) -> Iterator[tuple[UUID, str]]:
    """Record → what is withheld of it and why, of the records that are shown."""
    found: dict[UUID, list[str]] = {}
    for one in blocks:
        for record in one.records:
            if record in shown.sides:
                text = _of_block(one, shown.sides[record], grounds)
                found.setdefault(record, []).append(text)
    for record, texts in found.items():
        yield record, "\n".join(sorted(texts))


def _of_block(block: Block, side: str, grounds: Mapping[str, str]) -> str:
    items = "、".join(_item(one, side) for one in block.items) or _WHOLE
    causes = CAUSES.get(block.ground, {})
    lines = [f"不開示：{items}", f"根拠：{grounds.get(block.ground, block.ground)}"]
    if block.causes:
        lines.append(f"事由：{'、'.join(causes.get(one, one) for one in block.causes)}")
    return "\n".join((*lines, f"理由：{block.reason}"))


def _item(name: str, side: str) -> str:
    """A statutory item by its label, an item of data by its own name."""
    try:
        return words.item_label(name, side)
    except KeyError:
        return f"項目「{name}」"


def _field_of_measures(name: str, label: str, of: MeasureChoices) -> FormField:
    part, _, row = name.partition("_")
    if name == "outcome":
        return FormField(label, chosen(of.outcomes))
    if name == "grounds":
        return FormField(label, chosen(of.grounds, "\n"))
    if part == "measure":
        return FormField(label, lambda form, it: of.measures.get(form.text(it), form.text(it)))
    if part == "day":
        # A day without a measure is put down nowhere: the page fills it in.
        return FormField(
            label, lambda form, it: day_text_of(form, it) if form.text(f"measure_{row}") else ""
        )
    return FormField(label)


def _of_substitutes(
    current: Sequence[Substitute], typed: Sequence[Choice]
) -> tuple[ConflictRow, ...]:
    """The characters of the form that are printed otherwise on both sides.

    What the page proposes and nobody has given a reason for is no choice.
    """
    kept = {one.written: f"{one.printed}（{one.evidence}）" for one in current}
    form_texts = {one.written: f"{one.printed}（{one.evidence}）" for one in typed if one.evidence}
    labels = {one.written: one.label for one in typed}
    return text_conflicts(labels, {one: kept[one] for one in labels if one in kept}, form_texts)
