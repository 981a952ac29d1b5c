"""What differs between the decision that stands and the one that somebody else had typed (S4).

Records are named by their numbers in the letter as it reads now: what is excluded by now, or gone
of another cause, has none, and nothing is told of it, whoever withheld it (0038).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.pages.forms import Form
from api.pages.steps.decision import LABELS
from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.form_values import day_said
from api.pages.steps.measures import MeasureChoices
from api.pages.steps.substitutes import Choice
from api.pages.steps.tables import Tables
from api.pages.steps.withheld_blocks import Block
from api.pages.words import MEDIA
from ledger.cases.events.substitute import Substitute
from ledger.cases.letters import words
from ledger.law.procedure.causes import CAUSES

_RANGES_MAX: Final = 5
_DISCLOSED: Final = "開示"
_WHOLE: Final = "記録の全部"
_TEXTS: Final = ("medium_reason", "agreed_on", "agreed_how")


@dataclass(frozen=True, slots=True)
class Side:
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


def differences(
    stands: Side | None, typed: Side, shown: Tables | None, grounds: Mapping[str, str]
) -> tuple[FieldDifference, ...]:
    """The fields in which two decisions about records differ, the records first.

    Args:
        stands: None when nothing stands decided.
        shown: the records as they read now; None when they cannot be shown: none is compared.
        grounds: code → label.
    """
    rows = () if shown is None else _records(stands, typed, shown, grounds)
    labels = {name: LABELS[name] for name in ("medium", *_TEXTS)}
    ours = {} if stands is None else _of_medium(stands)
    return (*rows, *differing(labels, ours, _of_medium(typed)))


def _of_medium(side: Side) -> dict[str, str]:
    texts: dict[str, str] = {name: getattr(side, name) for name in _TEXTS}
    return {"medium": MEDIA.get(side.medium, ""), **texts}


def _records(
    stands: Side | None, typed: Side, shown: Tables, grounds: Mapping[str, str]
) -> Iterator[FieldDifference]:
    """One row for all records of which both sides say the same two things."""
    numbers = {record: number for number, record in enumerate(shown.records, 1)}
    ours = {} if stands is None else dict(_said(stands.blocks, shown, grounds))
    theirs = dict(_said(typed.blocks, shown, grounds))
    groups: dict[tuple[str, str], list[int]] = {}
    for record, number in numbers.items():
        if record not in ours and record not in theirs:
            continue
        left = ours.get(record, "" if stands is None else _DISCLOSED)
        right = theirs.get(record, _DISCLOSED)
        if left != right:
            groups.setdefault((left, right), []).append(number)
    for (left, right), found in groups.items():
        yield FieldDifference(_numbered(found), left, right)
    if ticked := [number for record, number in numbers.items() if record in typed.ticks]:
        yield FieldDifference(LABELS["ticks"], "", _numbered(ticked))


def _numbered(numbers: Sequence[int]) -> str:
    text = f"記録番号{words.numbers_text(numbers, ranges_max=_RANGES_MAX)}"
    return text if len(numbers) == 1 else f"{text}（{len(numbers):,}件）"


def _said(
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


def of_measures(
    labels: Mapping[str, str], of: MeasureChoices, stands: Form | None, typed: Form
) -> tuple[FieldDifference, ...]:
    """The fields in which two decisions on measures differ, in the order of the page.

    Args:
        labels: field → what the page calls it.
        of: what the form has.
        stands: the decision that stands, as the page fills it in; None when none does.
    """
    ours = {} if stands is None else _of_form(stands, labels, of)
    return differing(labels, ours, _of_form(typed, labels, of))


def _of_form(form: Form, labels: Iterable[str], of: MeasureChoices) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in labels:
        part, _, row = name.partition("_")
        if name == "outcome":
            found[name] = of.outcomes.get(form.text(name), "")
        elif name == "grounds":
            chosen = form.texts(name)
            found[name] = "\n".join(label for code, label in of.grounds.items() if code in chosen)
        elif part == "measure":
            found[name] = of.measures.get(form.text(name), form.text(name))
        elif part == "day":
            # A day without a measure is put down nowhere: the page fills it in.
            found[name] = day_said(form, name) if form.text(f"measure_{row}") else ""
        else:
            found[name] = form.text(name)
    return found


def of_substitutes(
    stands: Sequence[Substitute], typed: Sequence[Choice]
) -> tuple[FieldDifference, ...]:
    """The characters of the form that are printed otherwise on both sides.

    What the page proposes and nobody has given a reason for is no choice.
    """
    kept = {one.written: f"{one.printed}（{one.evidence}）" for one in stands}
    said = {one.written: f"{one.printed}（{one.evidence}）" for one in typed if one.evidence}
    labels = {one.written: f"代替文字：{one.written}（{one.points}）" for one in typed}
    return differing(labels, {one: kept[one] for one in labels if one in kept}, said)
