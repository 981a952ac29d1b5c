"""What of a form stays when the record changed after it was opened: what was typed anew, no more.

A form of all members bears values that nobody typed. Sent again as they were, they would silently
take back what somebody else has put right since. What differs is told until the form is taken, so
also after it was sent with a defect over what stands now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from api.resources.histories.page_parts import RETRACTED
from api.resources.registers.fields import FIELDS
from api.resources.transfers.forms.finding_view import render_member, render_value
from api.resources.transfers.forms.form_values import fields_of, read
from api.resources.transfers.forms.members import (
    BASIS,
    FIELD_LABELS,
    MEMBERS,
    NO_DATE,
    field_of,
    form_of,
)
from api.resources.transfers.forms.words import ACTIONS
from api.web.pages.confirmation import CONFIRMATIONS, unconfirmed
from api.web.pages.conflict import ConflictRow, FormField, chosen, conflict_rows
from api.web.pages.forms import Form
from ledger.transfers.correction import NULL_HAS_A_MEANING
from ledger.transfers.transfer import State
from ledger.values import Json

UNTOUCHED: Final = "（改めていません。今の記録のままです）"
NO_DATE_RECORDED: Final = "年月日の記録がない"
_ALL: Final = (BASIS, *MEMBERS)


@dataclass(frozen=True, slots=True)
class RecordVersions:
    """The record at the moments that a form speaks of.

    Attributes:
        first: before others changed it first; None where that is not known.
        made_of: what the form that was sent was made of; None where that is not known.
        is_open: what the form states may still be put down.
    """

    first: State | None
    made_of: State | None
    now: State
    is_open: bool

    @property
    def is_newest(self) -> bool:
        """Whether the form was made of the record as it stands."""
        return self.made_of is not None and self.made_of.version == self.now.version

    def confirmed(self, form: Form) -> Form:
        """The form with what was confirmed of the record as it stands."""
        return form if self.is_newest else unconfirmed(form)


@dataclass(frozen=True, slots=True)
class MergedForm:
    """A form over the record as it stands now.

    Attributes:
        form: what stands, with what was typed anew laid over it; confirmed is what stands alone.
        rows: what differs, for who typed; of a record that takes no change, all that was typed.
    """

    form: Form
    rows: tuple[ConflictRow, ...]


Keeping = Callable[[Form, RecordVersions], MergedForm]
"""What stays of a form, and what is told."""


def takes_changes(state: State) -> bool:
    """Whether the record may still be corrected or retracted."""
    return state.retracted is None and state.effective_position is not None


def merge_as_sent(form: Form, versions: RecordVersions) -> MergedForm:
    """A form that bears nothing but what was typed."""
    rows = () if versions.is_open else texts(form, FIELD_LABELS)
    return MergedForm(versions.confirmed(form), rows)


def of_members(form: Form, versions: RecordVersions) -> MergedForm:
    """A form of all members: those that were typed anew, over those that stand."""
    current = _data(versions.now) or {}
    base, first = _known(versions.made_of), _known(versions.first)
    mine = _Mine(form, current if base is None else base)
    # What was typed anew into a form of nobody knows what, nobody knows either.
    laid = _laid(form, current, mine if base is not None else None)
    rows: list[ConflictRow] = []
    for name in _ALL:
        is_mine, current_text = name in mine.names, _words(current, name)
        is_theirs = first is not None and _words(first, name) != current_text
        typed = mine.words(name) if is_mine else UNTOUCHED
        is_listed = is_mine if base is None or not versions.is_open else is_theirs
        if is_listed and typed != current_text:
            rows.append(ConflictRow(FIELD_LABELS[field_of(name)], current_text, typed))
    if not versions.is_open:
        rows += texts(form, {"reason": FIELD_LABELS["reason"]})
    return MergedForm(versions.confirmed(form if versions.is_newest else laid), tuple(rows))


def texts(form: Form, labels: Mapping[str, str]) -> tuple[ConflictRow, ...]:
    """What was typed or chosen in the fields of a form, to be read once more."""
    fields = {
        name: FormField(label, _WORDS.get(name, Form.text))
        for name, label in labels.items()
        if name not in CONFIRMATIONS
    }
    return conflict_rows(fields, Form({}), form)


_WORDS: Final = {"retraction": chosen(RETRACTED), "action": chosen(ACTIONS)}


class _Mine:
    """What was typed anew against the record that a form was made of."""

    def __init__(self, form: Form, base: Mapping[str, Json]) -> None:
        typed = read(form, base)
        self._form, self._defects = form, typed.defects
        self._after = {**base}
        for member, value in typed.changes.items():
            if value is None and member not in NULL_HAS_A_MEANING:
                self._after.pop(member, None)
            else:
                self._after[member] = value
        names = [name for name in MEMBERS if field_of(name) in typed.fields]
        if form.has(BASIS) and form.text(BASIS) != base.get(BASIS):
            names.append(BASIS)
        self.names: Final = frozenset(names)

    def words(self, name: str) -> str:
        """What was typed, in words; as it was typed where it cannot be read."""
        if name == BASIS:
            text = self._form.text(BASIS)
            return render_value(BASIS, text) if text in FIELDS[BASIS].choices else text
        if field_of(name) in self._defects:
            parts = (self._form.text(one) for one in fields_of(name) if not one.endswith("_era"))
            return " ".join(one for one in parts if one)
        return _words(self._after, name)


def _laid(form: Form, current: Mapping[str, Json], mine: _Mine | None) -> Form:
    """What stands, with what was typed anew over it, and the fields that are of no member."""
    of_all = {one for name in _ALL for one in fields_of(name)}
    fields = {name: it for name, it in form.fields.items() if name not in of_all}
    fields |= form_of(current).fields
    for name in () if mine is None else mine.names:
        for one in fields_of(name):
            fields.pop(one, None)
            if form.has(one):
                fields[one] = form.fields[one]
    return Form(fields)


def _words(data: Mapping[str, Json], name: str) -> str:
    if name == "transferred_on" and data.get(NO_DATE):
        return NO_DATE_RECORDED
    return render_member(data, name)


def _data(state: State) -> Mapping[str, Json] | None:
    return None if state.record is None else state.record.data


def _known(state: State | None) -> Mapping[str, Json] | None:
    return None if state is None else _data(state)
