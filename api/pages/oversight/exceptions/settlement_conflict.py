"""What differs for who settles findings after somebody else: what stands, and what was done."""

from collections.abc import Iterable
from typing import Final

from api.pages.forms import Form
from api.pages.oversight.exceptions.finding_view import NOTHING, found_of
from api.pages.oversight.exceptions.form_changes import KeptFormChanges, Row, Stood, texts
from api.pages.oversight.exceptions.members import FIELD_LABELS
from api.pages.oversight.exceptions.words import ACTIONS
from ledger.law.findings import FINDINGS
from ledger.transfers.transfer import Settlement, State

CODES: Final = "対応した所見"
_FIELDS: Final = {name: FIELD_LABELS[name] for name in ("action", "reason")}


def kept(form: Form, stood: Stood) -> KeptFormChanges:
    """What was typed; beside it the findings, and what was done about them, where they differ."""
    if not stood.is_open:
        return KeptFormChanges(stood.confirmed(form), (*_found(form, stood), *texts(form, _FIELDS)))
    return KeptFormChanges(stood.confirmed(form), (*_found(form, stood), *_done(form, stood)))


def _found(form: Form, stood: Stood) -> Iterable[Row]:
    """The findings: those that stand, and those that were shown before others were first."""
    stands = _said(stood.now)
    shown = _named(form.texts("code")) if stood.first is None else _said(stood.first)
    return ((CODES, stands, shown),) if shown not in (stands, NOTHING) else ()


def _done(form: Form, stood: Stood) -> Iterable[Row]:
    """What was done: as others put it down last since, and as it was typed."""
    theirs = _newest(stood)
    if theirs is None:
        return
    done = {"action": ACTIONS.get(theirs.action, theirs.action), "reason": theirs.reason}
    action = form.text("action")
    typed = {"action": ACTIONS.get(action, action), "reason": form.text("reason")}
    for name, label in _FIELDS.items():
        if done[name] != typed[name]:
            yield label, done[name], typed[name]


def _newest(stood: Stood) -> Settlement | None:
    if stood.first is None:
        return None
    since = stood.now.settlements[len(stood.first.settlements) :]
    return since[-1] if since else None


def _said(state: State) -> str:
    """What stands, one a line; findings of some persons alone with how many they are."""
    if state.record is None:
        return NOTHING
    lines = (
        one.finding.label if one.is_whole else f"{one.finding.label}（本人 {one.persons}人だけ）"
        for one in found_of(state)
    )
    return "\n".join(lines) or NOTHING


def _named(codes: Iterable[str]) -> str:
    known = frozenset(codes)
    return "\n".join(one.label for code, one in FINDINGS.items() if code in known) or NOTHING
