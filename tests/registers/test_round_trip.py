"""Random transfers written as a register come back as they were; a slow reader agrees."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.contract import defects
from api.resources.registers.fields import FIELDS, CellKind
from tests.registers.writing import csv_file, looked_at, workbook
from tests.rounds import rounds

# -- round trip --------------------------------------------------------------------------------

_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
TEXTS: Final = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cs", "Cc", "Co", "Cn"],
        exclude_characters="|\ufffd\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
        "\u2066\u2067\u2068\u2069",
    ),
    min_size=1,
    max_size=8,
).filter(lambda text: text == text.strip() and _SCIENTIFIC.fullmatch(text) is None)
IDS: Final = TEXTS.filter(str.isprintable)
DAYS: Final = st.dates(date(1990, 1, 1), date(2026, 11, 1))
SPOKEN: Final = (
    "{0:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}年{0.month}月{0.day}日",
)


def _value(name: str) -> st.SearchStrategy[Any]:
    field = FIELDS[name]
    match field.kind:
        case CellKind.CHOICE:
            one: st.SearchStrategy[Any] = st.sampled_from(sorted(field.choices))
        case CellKind.BOOLEAN:
            one = st.booleans()
        case CellKind.DAY:
            one = DAYS.map(date.isoformat)
        case CellKind.INSTANT:
            one = st.datetimes().map(lambda at: f"{at.replace(microsecond=0).isoformat()}+09:00")
        case CellKind.TEXT:
            one = TEXTS
    return st.lists(one, min_size=1, max_size=3, unique=True) if field.is_many else one


@st.composite
def transfers(draw: st.DrawFn) -> dict[str, Any]:
    """The members of one transfer by field, lawful or not, and its persons."""
    names = [name for name in FIELDS if not name.startswith("principals.")]
    of_fields = {name: _value(name) for name in names}
    stated: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=of_fields))
    person = st.fixed_dictionaries(
        {"scheme": st.sampled_from(["member", "contract"]), "id": IDS}, optional={"name": TEXTS}
    )
    persons = draw(st.lists(person, max_size=3, unique_by=lambda one: repr(sorted(one.items()))))
    return stated | {"principals": persons}


def _cell(name: str, value: object, spoken: str) -> object:
    if isinstance(value, list):
        return "|".join(cast("list[str]", value))
    if FIELDS[name].kind is CellKind.DAY:
        day = date.fromisoformat(cast("str", value))
        return day if spoken == "cell" else spoken.format(day)
    return value


def _rows(
    register: Sequence[tuple[str, dict[str, Any]]], spoken: Sequence[str], *, is_csv: bool
) -> list[list[object]]:
    rows: list[list[object]] = [["番号", *FIELDS]]
    for n, (number, stated) in enumerate(register):
        persons = cast("list[dict[str, str]]", stated["principals"])
        for person in persons or [{}]:
            whole: dict[str, Any] = stated | {
                f"principals.{member}": text for member, text in person.items()
            }
            cells = [
                _cell(name, whole[name], spoken[n % len(spoken)]) if name in whole else None
                for name in FIELDS
            ]
            if is_csv:
                cells = [str(c).upper() if isinstance(c, bool) else c for c in cells]
            rows.append([number, *cells])
    return rows


WHOLE: Final[dict[str, Any]] = {
    "version": 1,
    "source": "https://platform.example.jp/register",
    "backfill": {"source_system": "s", "batch": "b"},
    "id": {"column": "番号"},
    "columns": {
        "番号": {"ignore": True},
        **{
            name: {"field": name} | ({"separator": ["|"]} if field.is_many else {})
            for name, field in FIELDS.items()
        },
    },
}


def _nested(stated: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"backfill": WHOLE["backfill"]}
    for name, value in stated.items():
        if name == "principals":
            if value:
                data[name] = value
            continue
        *path, member = name.split(".")
        inner = data
        for token in path:
            inner = inner.setdefault(token, {})
        inner[member] = value
    return data


@given(
    st.lists(st.tuples(IDS, transfers()), min_size=1, max_size=5, unique_by=lambda one: one[0]),
    st.booleans(),
)
@settings(max_examples=rounds(80))
def test_transfers_written_as_a_register_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory,
    register: list[tuple[str, dict[str, Any]]],
    is_csv: bool,  # noqa: FBT001 -- drawn
) -> None:
    folder = tmp_path_factory.mktemp("r")
    spoken = SPOKEN if is_csv else (*SPOKEN, "cell")
    rows = _rows(register, spoken, is_csv=is_csv)
    place = csv_file(folder / "r.csv", rows) if is_csv else workbook(folder / "r.xlsx", rows)

    results = looked_at(place, WHOLE, encoding="utf-8")

    assert [one.item.given for one in results] == [
        {"source": WHOLE["source"], "id": number, "data": _nested(stated)}
        for number, stated in register
    ]
    # Well exactly when the doors would have taken it.
    day = date(2026, 11, 26)
    assert [not one.problems for one in results] == [
        not defects(_nested(stated), day) for _, stated in register
    ]
    assert [one.item.command is None for one in results] == [bool(one.problems) for one in results]
