"""訂正: a form of all members states exactly what somebody typed anew in it, and nothing else."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from api.resources.registers.fields import FIELDS, CellKind
from api.resources.transfers.forms.advice import ADVICE
from api.resources.transfers.forms.finding_view import changed
from api.resources.transfers.forms.form_values import read
from api.resources.transfers.forms.members import (
    FIELD_LABELS,
    MEMBERS,
    NO_DATE,
    UNKNOWN,
    choices_of,
    field_of,
    form_of,
)
from api.resources.transfers.forms.words import ACTIONS, EVENTS, REASONS
from api.web.pages.forms import Form
from ledger.accesses import access
from ledger.law.findings import FINDINGS
from ledger.transfers.correction import NULL_HAS_A_MEANING
from ledger.transfers.settlement import ACTIONS as ALL_ACTIONS
from tests.doors.samples import provision

TEXTS: Final = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"
    ),
    min_size=1,
    max_size=8,
).filter(lambda text: text == text.strip())
DAYS: Final = st.dates(date(1990, 1, 1), date(2026, 11, 1)).map(date.isoformat)
INSTANTS: Final = st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1)).map(  # noqa: DTZ001 -- the zone is written
    lambda at: f"{at.replace(microsecond=0).isoformat()}+09:00"
)


def _value(name: str) -> st.SearchStrategy[Any]:
    field = FIELDS[name]
    match field.kind:
        case CellKind.CHOICE:
            one: st.SearchStrategy[Any] = st.sampled_from(sorted(field.choices))
        case CellKind.BOOLEAN:
            one = st.booleans()
        case CellKind.DAY:
            one = DAYS
        case CellKind.INSTANT:
            one = INSTANTS
        case CellKind.TEXT:
            one = TEXTS
    if field.is_many:
        order = st.lists(one, min_size=1, max_size=3, unique=True)
        # Boxes stand in the order of the page.
        return order.map(lambda many: [c for c in choices_of(name) if c in many] or many)
    return one | st.none() if name in UNKNOWN and name != "transferred_on" else one


RECORDS: Final = st.fixed_dictionaries({}, optional={name: _value(name) for name in MEMBERS})


def nested(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A record from members by their paths."""
    data: dict[str, Any] = {"basis": "none", "backfill": {"source_system": "s", "batch": "b"}}
    for name, value in stated.items():
        *path, member = name.split(".")
        inner = data
        for token in path:
            inner = inner.setdefault(token, {})
        inner[member] = value
    return data


def laid_over(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a correction makes of a record, as the API tells it."""
    after = {**data, **changes}
    gone = {one for one, it in changes.items() if it is None and one not in NULL_HAS_A_MEANING}
    return {member: value for member, value in after.items() if member not in gone}


@given(RECORDS)
def test_a_form_that_nobody_touched_changes_nothing(stated: dict[str, Any]) -> None:
    data = nested(stated)
    typed = read(form_of(data), data)
    assert (typed.changes, typed.fields, typed.defects) == ({}, (), {})


@given(RECORDS, RECORDS, st.booleans(), st.booleans())
def test_a_form_typed_over_makes_of_one_record_the_other(
    before: dict[str, Any],
    after: dict[str, Any],
    was_undated: bool,  # noqa: FBT001 -- drawn
    is_undated: bool,  # noqa: FBT001 -- drawn
) -> None:
    # What says that nothing is known cannot be taken back to nothing said, at the API neither.
    after |= {one: before[one] for one in NULL_HAS_A_MEANING if one in before and one not in after}
    data, wanted = nested(before), nested(after)
    for one, is_so in ((data, was_undated), (wanted, is_undated)):
        if is_so:
            one.pop("transferred_on", None)
            one[NO_DATE] = True
    typed = read(form_of(wanted), data)
    assert typed.defects == {}
    assert laid_over(data, typed.changes) == wanted
    assert {field_of(one) for one in MEMBERS if _differs(one, data, wanted)} == set(typed.fields)
    assert bool(changed(data, wanted)) is bool(typed.changes)


def _differs(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if name == "transferred_on" and before.get(NO_DATE) != after.get(NO_DATE):
        return True
    return _at(before, name) != _at(after, name)


def _at(data: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    *above, last = name.split(".")
    inner: Mapping[str, Any] = data
    for part in above:
        inner = inner.get(part, {})
    return last in inner, inner.get(last)


def test_a_time_of_the_instant_is_read_in_japan_and_wide_digits_too() -> None:
    data = provision(consent={"obtained": True, "at": "2025-12-01T00:30:15Z"})
    form = form_of(data)
    assert form.text("consent_at_time") == "09:30:15"
    fields = {**form.fields, "consent_at_time": ("\uff18:\uff10\uff10",)}
    assert read(Form(fields), data).changes == {
        "consent": {"obtained": True, "at": "2025-12-01T08:00:00+09:00"}
    }


def test_every_finding_every_action_and_every_reason_has_words() -> None:
    assert set(ADVICE) == set(FINDINGS)
    for advice in ADVICE.values():
        assert advice.meaning.endswith("。")
        assert advice.doing.endswith("。")
        assert advice.ways
        assert len(set(advice.ways)) == len(advice.ways)
        assert {field_of(one) for one in advice.fields} <= set(FIELD_LABELS)
    assert set(ACTIONS) == set(ALL_ACTIONS)
    assert set(REASONS) == set(access.REASONS)
    assert len(set(EVENTS.values())) == len(EVENTS)
