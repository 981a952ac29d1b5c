"""The newest look at the papers, as the fields of the form of 本人確認: to go on from it."""

from datetime import date
from typing import cast

from api.resources.cases.forms.paper_rows import CHOICES, TICKS, placed, required_fields
from api.resources.cases.forms.papers import ADDRESS_FACTS, DAYS, FACTS, PapersForm, read
from api.resources.cases.forms.remarks import Remarks, remarks_of
from api.web.pages.form_values import day_fields
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.cases.events.intake import Examination
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.request import EnvelopePaper


def filled(examination: Examination | None, state: State, procedure: Procedure) -> Form:
    """The form of a look at the papers; an empty one when there is none."""
    fields: dict[str, tuple[str, ...]] = {"has_registered": ("yes",)}
    if examination is None:
        return Form(fields)
    remarks = remarks_of(examination.note)
    at_rows = placed(examination.papers, state, procedure)
    for n, paper in at_rows:
        fields |= {
            f"p{n}_{name}": texts for name, texts in _of_paper(paper, state, procedure).items()
        }
    for n in remarks.blacked_out:
        if n <= len(at_rows):
            fields[f"p{at_rows[n - 1][0]}_blackout"] = ("yes",)
    last = max((n for n, _ in at_rows), default=0)
    fields |= {
        "rows": (str(last + 2),),
        "note": (remarks.text,),
        "form_missing": examination.form_missing,
        **_of_addresses(examination, remarks),
    }
    if examination.form_checked:
        fields["form_checked"] = ("yes",)
    for person, known in examination.seal_registered.items():
        fields[f"seal_registered_{person}"] = ("yes" if known else "no",)
    return Form(fields)


def says_the_same(typed: PapersForm, state: State, procedure: Procedure) -> bool:
    """Whether the look that stands says what was typed, as far as the form asks for it."""
    if state.check is None:
        return False
    saved = filled(state.check.examination, state, procedure)
    return not typed.defects and read(saved, state, procedure).body == typed.body


def _of_paper(
    paper: EnvelopePaper, state: State, procedure: Procedure
) -> dict[str, tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {
        "present": ("yes",),
        "kind": (paper.kind,),
        "person": (paper.person,),
        "original": ("original" if paper.is_original else "copy",),
    }
    if paper.undated:
        fields["undated"] = ("yes",)
    for name in DAYS:
        day = cast("date | None", getattr(paper, name))
        if day is not None:
            fields |= day_fields(name, day)
    facts = {box: cast("bool | None", getattr(paper, fact)) for box, fact in TICKS.items()}
    fields |= {box: ("yes",) for box, fact in facts.items() if fact is True}
    document = procedure.document(paper.kind, state.application.arrived_on)
    boxes = () if document is None else required_fields(document, paper.person)
    box_facts = [facts[one] for one in boxes if one in facts]
    # What nobody has looked at stays open.
    if False in box_facts and None not in box_facts:
        fields["looked"] = ("yes",)
    for choice, (fact, answers) in CHOICES.items():
        stated = cast("bool | str | None", getattr(paper, fact))
        code = next((one for one, means in answers.items() if means == stated), None)
        if code is not None:
            fields[choice] = (code,)
    return fields


def _of_addresses(examination: Examination, remarks: Remarks) -> dict[str, tuple[str, ...]]:
    judged = examination.addresses
    fields: dict[str, tuple[str, ...]] = {
        "has_registered": ("yes" if judged.has_registered else "no",),
        "on_papers": (examination.identity_address or "",),
        "registered": (examination.registered_address or "",),
    }
    for pair, fact in FACTS.items():
        stated = cast("bool | None", getattr(judged, fact))
        if stated is None:
            continue
        judgement, reason = remarks.judged.get(pair, ("same" if stated else "differs", ""))
        # A note that says otherwise than the fact itself is an old one.
        is_same = (judgement != "differs") is stated
        fields[pair] = (judgement if is_same else ("same" if stated else "differs"),)
        because = cast("str | None", getattr(judged, f"{fact}_because", None))
        fields[f"{pair}_reason"] = (because or (reason if is_same else ""),)
    for name, fact in ADDRESS_FACTS.items():
        stated = cast("bool | None", getattr(judged, fact))
        if stated is not None:
            fields[name] = ("yes" if stated else "no",)
    return fields
