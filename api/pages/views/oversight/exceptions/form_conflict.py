"""How one form of a transfer is shown again: over what stands, beside what others did meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from api.oversight.transfers import TransferView
from api.pages.forms import Form
from api.pages.oversight.exceptions import words
from api.pages.oversight.exceptions.form_changes import Keeping, Stood, as_typed, takes_changes
from api.pages.oversight.exceptions.transfer_timeline import TransferTimelineEntry
from api.pages.oversight.exceptions.ways import Way
from api.pages.steps.differences import Differences, FieldDifference
from api.pages.versions import SINCE, overtaken_since, version_in
from ledger.transfers.transfer import State, fold

_OK: Final = 200
_AGAIN: Final = {
    words.CHANGED: words.CHANGED_FOR_GOOD,
    words.NOT_STANDING: words.NOTHING_STANDS,
}
"""What asks to send a form once more → the same where it can be sent no more."""


@dataclass(frozen=True, slots=True)
class TransferFormResult:
    """How a page is shown: the first time, or again with what was typed.

    Attributes:
        form: what was typed; None the first time.
        defects: field → what is wrong with it.
        told: why nothing was done.
        kept_at: when what was typed was kept; None when it did not wait.
    """

    status: int = _OK
    form: Form | None = None
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    told: str | None = None
    kept_at: datetime | None = None


FIRST: Final = TransferFormResult()


@dataclass(frozen=True, slots=True)
class TransferFormView:
    """One form of a transfer.

    Attributes:
        done: the code of what was done, for the page of the transfer.
        first: the form as it begins.
        filled: what its template needs besides.
        kept: what of it stays when the record changed after it was opened.
        is_open: whether the record takes what the form states.
    """

    way: Way
    done: str
    first: Callable[[State], Form]
    filled: Callable[[State], dict[str, Any]]
    kept: Keeping = as_typed
    is_open: Callable[[State], bool] = takes_changes


def standing_form(
    seen: TransferView,
    showing: TransferFormView,
    again: TransferFormResult,
    events: Sequence[TransferTimelineEntry],
) -> dict[str, Any]:
    """The form over the record as it stands, what others did since it was made, what differs.

    A form bears the version that it is shown with: whatever it holds then is what its sender saw.
    It goes on to say since when it was overtaken, so what differs is told until it is taken.
    """
    state, form = seen.state, again.form
    is_open = showing.is_open(state)
    told: dict[str, Any] = {
        "form": showing.first(state) if form is None else form,
        "refused": again.told,
        "since": (),
        "differing": None,
        "overtaken_since": None,
        "defects": again.defects,
    }
    if form is None:
        return told
    made_of = version_in(form)
    first = version_in(form, SINCE) or made_of
    if first == state.version and is_open:
        return told
    stood = Stood(_then(seen, first), _then(seen, made_of), state, is_open)
    kept = showing.kept(form, stood)
    told["form"], told["since"] = kept.form, [one for one in events if one.version > first]
    told["overtaken_since"] = overtaken_since(form, state.version)
    if kept.rows:
        rows = tuple(FieldDifference(*one) for one in kept.rows)
        told["differing"] = Differences(rows, is_sendable=is_open, is_replaced=False)
    if not is_open:
        told["refused"] = _AGAIN.get(again.told or "", again.told)
        # There is no form in which anything could be mended.
        told["defects"] = {}
    return told


def _then(seen: TransferView, version: int) -> State | None:
    """The transfer at a version; None where the form names none that there was."""
    is_known = 1 <= version <= seen.state.version
    return fold(None, [one for one in seen.facts if one.version <= version]) if is_known else None
