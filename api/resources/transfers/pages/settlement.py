"""対応を記録: what was done about the findings of one record, as at the endpoint of the API."""

from collections.abc import Iterable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.transfers.forms import words
from api.resources.transfers.forms.finding_view import NOTHING, list_findings
from api.resources.transfers.forms.form_changes import (
    MergedForm,
    RecordVersions,
    takes_changes,
    texts,
)
from api.resources.transfers.forms.members import FIELD_LABELS
from api.resources.transfers.forms.ways import Way
from api.resources.transfers.pages.transfer_view import (
    EMPTY,
    ONE,
    RESCUING,
    TransferFormView,
    answered,
    read_state,
    show,
    validate_form,
    version_of,
)
from api.resources.transfers.settlement_schemas import SettlementBody, settled
from api.web.pages.conflict import ConflictRow, FormField, chosen, conflict_rows
from api.web.pages.form_result import FIRST
from api.web.pages.form_values import filled
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.route import EvenPageRoute
from ledger.commands import SettleFindings
from ledger.errors import StreamMovedError
from ledger.law.findings import FINDINGS
from ledger.transfers.settlement import ACTIONS, FindingsDifferError, NothingToSettleError
from ledger.transfers.transfer import Settlement, State

CODES: Final = "対応した所見"
_LABELS: Final = {name: FIELD_LABELS[name] for name in ("action", "reason")}
_FIELDS: Final = {
    "action": FormField(_LABELS["action"], chosen(words.ACTIONS)),
    "reason": FormField(_LABELS["reason"]),
}


def merge_form(form: Form, versions: RecordVersions) -> MergedForm:
    """What was typed; beside it the findings, and what was done about them, where they differ."""
    typed = _done(form, versions) if versions.is_open else texts(form, _LABELS)
    return MergedForm(versions.confirmed(form), (*_finding_rows(form, versions), *typed))


def _finding_rows(form: Form, versions: RecordVersions) -> tuple[ConflictRow, ...]:
    """The findings: those that stand, and those that were shown before others were first."""
    current = _findings_text(versions.now)
    shown = _named(form.texts("code")) if versions.first is None else _findings_text(versions.first)
    return (ConflictRow(CODES, current, shown),) if shown not in (current, NOTHING) else ()


def _done(form: Form, versions: RecordVersions) -> tuple[ConflictRow, ...]:
    """What was done: as others put it down last since, and as it was typed."""
    theirs = _newest(versions)
    if theirs is None:
        return ()
    stored = filled({"action": theirs.action, "reason": theirs.reason})
    return conflict_rows(_FIELDS, stored, form)


def _newest(versions: RecordVersions) -> Settlement | None:
    if versions.first is None:
        return None
    since = versions.now.settlements[len(versions.first.settlements) :]
    return since[-1] if since else None


def _findings_text(state: State) -> str:
    """What stands, one a line; findings of some persons alone with how many they are."""
    if state.record is None:
        return NOTHING
    lines = (
        one.finding.label if one.is_whole else f"{one.finding.label}（本人 {one.persons}人だけ）"
        for one in list_findings(state)
    )
    return "\n".join(lines) or NOTHING


def _named(codes: Iterable[str]) -> str:
    known = frozenset(codes)
    return "\n".join(one.label for code, one in FINDINGS.items() if code in known) or NOTHING


router = APIRouter(route_class=EvenPageRoute)

# As `POST /v1/transfers/{transfer}/findings/settled`.
Officer = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes, rescue=RESCUING.keep))]

_ADDRESS: Final = f"{ONE}/{Way.SETTLE.value}"
assert set(words.ACTIONS) == set(ACTIONS), "every action has words"


def _filled(state: State) -> dict[str, Any]:
    """The findings are named in the form, so that nobody settles what they have not seen."""
    return {"codes": state.findings, "actions": words.ACTIONS}


def _is_open(state: State) -> bool:
    return takes_changes(state) and bool(state.findings)


SETTLING: Final = TransferFormView(
    Way.SETTLE, "settled", lambda _: EMPTY, _filled, merge_form, _is_open
)


@router.get(_ADDRESS)
async def get_settlement(transfer: UUID, visit: Officer) -> Response:
    """What stands, and what was done about it."""
    return await show(visit, transfer, SETTLING, FIRST)


@router.post(_ADDRESS)
async def settle(transfer: UUID, visit: Officer) -> Response:
    """Put on record what was done about the findings that the form shows."""
    form, caller, version = await visit.form(), visit.caller, await version_of(visit.request)

    async def act(command: UUID) -> None:
        state = await read_state(transfer, visit)
        codes = form.texts("code")
        if not state.findings:
            raise NothingToSettleError
        if set(codes) != set(state.findings):
            raise FindingsDifferError
        # The same code may stand for another person by now.
        if version != state.version:
            raise StreamMovedError(transfer)
        action, reason = form.text("action"), form.text("reason")
        defects = {} if action in ACTIONS else {"action": words.CHOOSE}
        body = {"codes": list(codes), "action": action or ACTIONS[0], "reason": reason}
        stating = validate_form(form, SettlementBody, body, defects, FIELD_LABELS)
        change = SettleFindings(
            command, caller.actor, transfer, tuple(codes), stating.action, stating.reason
        )
        await settled(change, caller, visit.services, seen=version)

    return await answered(visit, transfer, SETTLING, act)
