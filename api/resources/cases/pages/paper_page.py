"""What the page of 本人確認 shows: the rows, what they amount to, and what may come of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Depends

from api.resources.cases.forms import further, papers
from api.resources.cases.forms.paper_rows import (
    ANSWERS,
    CHOICES,
    FIELDS,
    ROWS_MAX,
    PaperRow,
    new_row,
    persons_of,
    rows,
    seal_persons,
    with_fitting_row,
)
from api.resources.cases.forms.paper_verdict import PaperVerdict, Place, judged
from api.resources.cases.forms.papers import DAYS, FACTS, LABELS, is_there, reply_question
from api.resources.cases.forms.papers_view import filled, says_the_same
from api.resources.cases.pages.related_requests import related
from api.resources.cases.pages.step_order import PAPERS
from api.resources.cases.pages.step_submission import drafts_of_step
from api.resources.cases.pages.step_view import CaseView, StepPageView, conflict_of
from api.resources.cases.schemas.papers import PapersCheck
from api.web.pages.conflict import Conflict, ConflictRow, text_conflicts
from api.web.pages.days import in_full
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import day_text_of, in_order, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.words import JUDGEMENTS, PERSONS
from ledger.cases.case import State
from ledger.cases.events.case import CaseDocumentsChecked, CaseResubmitted
from ledger.cases.events.intake import Examination
from ledger.clock import day_in_japan
from ledger.errors import MalformedError
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.service import Ledger

CORRECTABLE: Final = ("correction_requested", "procedural_refusal", "alternative_path")


def build_context(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    """What the template needs besides the frame."""
    del ledger
    state, procedure = seen.state, seen.procedure
    form = _form(seen, again)
    shown = rows(form, state, procedure)
    form = with_fitting_row(form, shown)
    read = papers.read(form, state, procedure)
    examination, wrong = _read_examination(read)
    is_saved = says_the_same(read, state, procedure)
    found = None
    if examination is not None:
        found = judged(examination, read.places, state, procedure, day_in_japan(seen.at))
    called = labels(shown)
    return {
        "form": form,
        "labels": called,
        "defects": _by_field(again.defects, called),
        "rows": shown,
        "new_row": new_row(form, shown),
        "may_grow": len(shown) < ROWS_MAX,
        "row_fields": FIELDS,
        "answers": ANSWERS,
        "persons": persons_of(state, procedure),
        "seal_persons": seal_persons(state, procedure),
        "form_labels": FORM_LABELS,
        "further_fields": [f"further_{field}" for field in FORM_LABELS],
        "asked_of_reply": papers.reply_question(state, procedure),
        "result": found,
        "compared": {pair: papers.compared(pair, form, state) for pair in papers.FACTS},
        "is_saved": is_saved,
        "is_checkable": seen.is_open("documents"),
        "came_later": _came_later(seen),
        "why_not": _why_not(found, seen, [(f"#{one}", called[one], wrong[one]) for one in wrong]),
        "no_correction": _no_correction(found, seen, is_saved=is_saved),
        "no_refusal": _no_refusal(found, seen, is_saved=is_saved),
        "differing": _conflict(seen, again, examination),
        "months": procedure.validity_on(state.application.arrived_on).months,
    }


def labels(shown: tuple[PaperRow, ...]) -> Mapping[str, str]:
    """Field of the page → what the list of defects calls it."""
    of_rows = {
        row.id(field): f"{row.n + 1}番目の書類の{label}"
        for row in shown
        for field, label in FIELDS.items()
    }
    return {**of_rows, **papers.LABELS, **further.LABELS}


def _by_field(defects: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """The same by the fields of the page: of a part of a day at the day, of any other at the note.

    A draft keeps what no field takes, too.
    """
    found: dict[str, str] = {}
    for name, message in defects.items():
        day = name.rpartition("_")[0]
        found.setdefault(next((one for one in (name, day) if one in labels), "note"), message)
    return in_order(found, labels)


def _read_examination(read: papers.PapersForm) -> tuple[Examination | None, Mapping[str, str]]:
    """The look that the form states; None while it states none, and field → what is wrong."""
    if read.defects:
        return None, read.defects
    try:
        return validate_body(PapersCheck, read.body).step().examination, {}
    except MalformedError as error:
        return None, papers.describe_defects(error.defects, read.places)


def _form(seen: CaseView, again: FormResult) -> Form:
    """What was typed; where that was another form of the page, beside the look that stands."""
    if again.form is not None and again.form.has("rows"):
        return again.form
    current = filled(_newest(seen), seen.state, seen.procedure)
    return current if again.form is None else Form({**current.fields, **again.form.fields})


def _newest(seen: CaseView) -> Examination | None:
    """The newest look, to go on from."""
    check = seen.newest_check
    return None if check is None else check.examination


def _conflict(seen: CaseView, again: FormResult, typed: Examination | None) -> Conflict | None:
    """In what the form differs from what others put down since it was made.

    Args:
        typed: the look that the form states; what it would put down is compared, if it states one.
    """
    if again.current_form.has("further_on_year") and not again.current_form.has("rows"):
        is_open = seen.is_open("resubmission")
        return conflict_of(seen, again, [CaseResubmitted], further.conflict, is_open=is_open)
    if not again.current_form.has("rows"):
        return None
    state, procedure = seen.state, seen.procedure

    def rows(_: object, form: Form) -> Sequence[ConflictRow]:
        compared_form = form if typed is None else filled(typed, state, procedure)
        return differences(filled(_newest(seen), state, procedure), compared_form, state, procedure)

    is_open, kinds = seen.is_open("documents"), [CaseDocumentsChecked]
    return conflict_of(seen, again, kinds, rows, is_open=is_open, is_replaced=True)


def _came_later(seen: CaseView) -> bool:
    """Whether papers came after the request: only then it is asked which."""
    return any(isinstance(one.event, CaseResubmitted) for one in seen.facts)


def _why_not(
    found: PaperVerdict | None, seen: CaseView, wrong: Sequence[tuple[str, str, str]]
) -> tuple[Place, ...]:
    """What keeps the check from being ended, each with where it is put right.

    Args:
        wrong: (where to jump to, what is called so, what is wrong with it), of what was typed.
    """
    if not (seen.is_open("documents") or seen.is_open("verification")):
        return (("#look", "いまの状態では本人確認を完了できません"),)
    if found is None:
        return tuple((where, f"{label}（{words}）") for where, label, words in wrong)
    if found.open:
        return found.open
    return tuple(("#result", label) for label, _ in found.short)


def _no_correction(found: PaperVerdict | None, seen: CaseView, *, is_saved: bool) -> str:
    """Why no correction can be asked for; empty when one can."""
    if not is_saved:
        return "先に確認内容を保存してください。"
    if found is None or not seen.is_open("correction-request"):
        return "いまの状態では補正を依頼できません。"
    if found.open:
        return "確認していない項目が残っています。"
    return "" if found.outcome in CORRECTABLE else "不足している点がないため、補正は不要です。"


def _no_refusal(found: PaperVerdict | None, seen: CaseView, *, is_saved: bool) -> str:
    """Why the request cannot be refused for form or identity; empty when it can."""
    due_on = seen.state.correction_due_on
    if not seen.is_open("refusal"):
        return "いまの状態では不開示にできません。"
    if seen.is_open("documents") and not is_saved:
        return "先に確認内容を保存してください。"
    if found is None or found.outcome == "procedural_refusal":
        return ""
    if due_on is None:
        return "補正を依頼し、その期限を過ぎてからでなければ、不開示にできません。"
    if day_in_japan(seen.at) <= due_on:
        return f"補正の期限（{in_full(due_on)}）までは、不開示にできません。"
    return "本人確認ができない理由がないため、不開示にできません。"


def _build_full_context(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    links = related(seen.services, seen.state, seen.at)
    return {**build_context(ledger, seen, again), "links": links}


VIEW: Final = StepPageView(PAPERS, _build_full_context)


DRAFTS: Final = drafts_of_step(PAPERS)
WRITER: Final = signed("cases:write", rescue=DRAFTS.keep)
Reader = Annotated[Visit, Depends(signed("cases:read"))]
Desk = Annotated[Visit, Depends(WRITER)]
"""Whoever works at the desk; what somebody sends whose time is up is kept."""


_YES: Final = "はい"
_NO: Final = "いいえ"


def differences(
    current: Form, typed: Form, state: State, procedure: Procedure
) -> tuple[ConflictRow, ...]:
    """The fields in which two forms of the page differ, in the order of the page.

    A box that is not ticked says nothing, unless its row was looked at to the end: then it says no.
    """
    shown = max(len(rows(one, state, procedure)) for one in (current, typed))
    alike = {"rows": (str(shown),), "action": ("",)}
    both = [Form({**one.fields, **alike}) for one in (current, typed)]
    pairs = zip(*(rows(one, state, procedure) for one in both), strict=True)
    labels: dict[str, str] = {}
    for ours, theirs in pairs:
        labels |= _labels_of((ours, both[0]), (theirs, both[1]))
    labels |= _labels(state, procedure)
    return text_conflicts(labels, *(_describe_fields(one, state, procedure) for one in both))


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


def _describe_fields(form: Form, state: State, procedure: Procedure) -> Mapping[str, str]:
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
    if (question := reply_question(state, procedure)) is not None:
        found[question] = _answer(question, form.text(question))
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
            yield name, day_text_of(form, row.id(name))
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
