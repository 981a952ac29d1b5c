"""What differs between the look at the papers that stands and the one that somebody typed.

Both are forms of the page: the look that stands fills one in, as where nobody typed.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from api.pages.forms import Form
from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.form_values import day_said
from api.pages.steps.paper_rows import CHOICES, FIELDS, PaperRow, rows, seal_persons
from api.pages.steps.paper_words import ANSWERS
from api.pages.steps.papers import DAYS, FACTS, LABELS, asked_of_reply, is_there
from api.pages.steps.remarks import JUDGEMENTS
from api.pages.words import PERSONS
from ledger.cases.case import State
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure

_YES: Final = "はい"
_NO: Final = "いいえ"


def differences(
    stands: Form, typed: Form, state: State, procedure: Procedure
) -> tuple[FieldDifference, ...]:
    """The fields in which two forms of the page differ, in the order of the page.

    A box that is not ticked says nothing, unless its row was looked at to the end: then it says no.
    """
    shown = max(len(rows(one, state, procedure)) for one in (stands, typed))
    alike = {"rows": (str(shown),), "action": ("",)}
    both = [Form({**one.fields, **alike}) for one in (stands, typed)]
    pairs = zip(*(rows(one, state, procedure) for one in both), strict=True)
    labels: dict[str, str] = {}
    for ours, theirs in pairs:
        labels |= _labels_of((ours, both[0]), (theirs, both[1]))
    labels |= _labels(state, procedure)
    return differing(labels, *(_said(one, state, procedure) for one in both))


def _labels_of(*sides: tuple[PaperRow, Form]) -> dict[str, str]:
    """Field of a row → what it is called; the paper is named where there is one paper alone."""
    present = [row for row, form in sides if is_there(form, row)]
    kinds = {row.document.label for row in present if row.document is not None}
    of_paper = f"：{kinds.pop()}" if len(kinds) == 1 else ""
    row, _ = sides[0]
    # A paper of one side alone is named in each row of the table.
    silent = {"looked", *(("kind",) if len(present) == 1 and of_paper else ())}
    return {
        row.id(name): f"{row.n + 1}番目の書類{of_paper}　{label}"
        for name, label in FIELDS.items()
        if name not in silent
    }


def _labels(state: State, procedure: Procedure) -> dict[str, str]:
    """Field of the page below the rows → what it is called."""
    found = {
        f"seal_registered_{person}": f"{LABELS['seal_registered']}（{PERSONS[person]}）"
        for person in seal_persons(state, procedure)
    }
    return found | {name: label for name, label in LABELS.items() if name != "seal_registered"}


def _said(form: Form, state: State, procedure: Procedure) -> Mapping[str, str]:
    """Field of the page → what the form says there, in words."""
    found: dict[str, str] = {}
    for row in rows(form, state, procedure):
        if is_there(form, row):
            found |= {row.id(name): words for name, words in _of_row(form, row)}
    for person in seal_persons(state, procedure):
        name = f"seal_registered_{person}"
        found[name] = _answer("seal_registered", form.text(name))
    found["has_registered"] = _answer("has_registered", form.text("has_registered") or "yes")
    for pair in FACTS:
        found[pair] = _answer(pair, form.text(pair))
        # A reason without a judgement is put down nowhere.
        found[f"{pair}_reason"] = (
            form.text(f"{pair}_reason") if form.text(pair) in JUDGEMENTS else ""
        )
    if (asked := asked_of_reply(state, procedure)) is not None:
        found[asked] = _answer(asked, form.text(asked))
    found |= {name: form.text(name) for name in ("on_papers", "registered", "note")}
    found["form_checked"] = _YES if form.has("form_checked") else ""
    empty = form.texts("form_missing")
    found["form_missing"] = "、".join(words for one, words in FORM_LABELS.items() if one in empty)
    return found


def _of_row(form: Form, row: PaperRow) -> Iterator[tuple[str, str]]:
    yield "present", _YES
    yield "kind", "" if row.document is None else row.document.label
    if row.slot is None:
        yield "person", PERSONS[row.person]
    yield "original", _answer("original", form.text(row.id("original")))
    for name in DAYS:
        if name in row.asks or name == "arrived_on":
            yield name, day_said(form, row.id(name))
    for box in ("undated", "blackout"):
        if box in row.asks and form.has(row.id(box)):
            yield box, _YES
    unticked = _NO if form.has(row.id("looked")) else ""
    for box in row.ticks:
        yield box, _YES if form.has(row.id(box)) else unticked
    for choice in CHOICES:
        if choice in row.asks:
            yield choice, _answer(choice, form.text(row.id(choice)))


def _answer(name: str, code: str) -> str:
    return ANSWERS[name].get(code, "")
