"""A version as JSON: nothing is lost on the way there and back, and what changes is told."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from datetime import date, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.format.json import canonical, parse
from ledger.law.procedure import codes
from ledger.law.procedure.parser import read_procedure
from ledger.law.procedure.policy_2022 import POLICY_2022
from ledger.law.procedure.questions import QUESTIONS, ProcedureReadings
from ledger.law.procedure.targets import Targets
from ledger.law.procedure.version_differences import differences
from ledger.law.procedure.writer import document_of
from ledger.values import Json
from tests.law.papers import PUBLISHED_2022, changed, document_with
from tests.matrix import every
from tests.rounds import rounds

_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
).filter(str.strip)
_days = st.dates(date(2022, 10, 2), date(2090, 1, 1))
_flag = st.booleans()


def _some(options: Any) -> st.SearchStrategy[list[str]]:  # noqa: ANN401 -- any collection of texts
    return st.lists(st.sampled_from(sorted(options)), min_size=1, unique=True)


_readings = st.fixed_dictionaries(
    {},
    optional={
        one.name: _flag
        if isinstance(one.default, bool)
        else st.lists(_text, min_size=1, max_size=3)
        if isinstance(one.default, tuple)
        else st.sampled_from(sorted(QUESTIONS[one.name].choices))
        for one in fields(ProcedureReadings)
    },
)
_target = st.fixed_dictionaries(
    {"days": st.integers(1, 365), "counted": st.sampled_from(("calendar", "business"))}
)
_targets = st.fixed_dictionaries(
    {},
    optional={
        one.name: st.just(["08-15"]) if one.name == "closed" else _target for one in fields(Targets)
    },
)
_paper = st.fixed_dictionaries(
    {"code": st.just("another_paper"), "label_ja": _text, "source": _text},
    optional={
        "form": st.sampled_from(("original", "copy")) | st.none(),
        "max_age_months": st.integers(1, 999),
        "shows": _some(codes.FACTS),
        "address_mark": _some(("printed", "ink")),
        "for": _some(codes.LEGAL),
        "together_with": st.just("residence_certificate"),
        "note": _text,
        **dict.fromkeys(
            (
                "refuses_my_number",
                "front_only",
                "refuses_international",
                "substitute",
                "needs_supplement",
                "supplement_document",
                "is_mandate",
            ),
            _flag,
        ),
    },
)


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents that may be published: other words, papers, rows in time, settings."""
    document = document_with({})
    document["procedure"] = draw(_text)
    document["operator"]["name"] = draw(_text)
    for table in ("reception", "desk", "matrix", "reply", "refusal_grounds", "notes"):
        row = draw(st.sampled_from(document[table]))
        row["label_ja"] = draw(_text)
        row["source"] = draw(_text)
    document["reception"][0]["missing_mark_is_ground"] = draw(_flag)
    begin = draw(_days)
    for name, member in (("fee", "yen"), ("correction", "days"), ("validity", "months")):
        last = {**document[name][0], "effective_to": (begin - timedelta(days=1)).isoformat()}
        new = {**document[name][0], member: draw(st.integers(1, 999))}
        new["effective_from"] = begin.isoformat()
        document[name] = draw(st.sampled_from(([last, new], [new, last], document[name])))
    paper: dict[str, Any] = {**draw(_paper), "effective_from": begin.isoformat()}
    if draw(_flag):
        paper["effective_to"] = draw(st.none() | st.just(begin.isoformat()))
    document["documents"].insert(draw(st.integers(0, len(document["documents"]))), paper)
    document["matrix"][0]["slots"][0]["of_question"] = draw(_flag)
    for name, strategy in (("readings", _readings), ("targets", _targets)):
        if draw(_flag):
            document[name] = draw(strategy)
    return document


@given(_documents())
@settings(max_examples=rounds(60), deadline=None)
def test_a_version_comes_back_from_its_document_as_it_was(given_document: dict[str, Any]) -> None:
    procedure = read_procedure(given_document)
    document = document_of(procedure)
    # As it is stored: canonical JSON holds no null here, and no number but whole ones.
    stored = parse(canonical(document))
    assert read_procedure(stored) == procedure
    assert document_of(read_procedure(stored)) == document == stored


def test_every_setting_is_stated_also_where_it_is_the_default() -> None:
    document = document_of(PUBLISHED_2022)
    assert "readings" not in POLICY_2022
    assert set(cast("dict[str, Json]", document["readings"])) == set(QUESTIONS)
    assert set(cast("dict[str, Json]", document["targets"])) == {
        one.name for one in fields(Targets)
    }


# -- differences -------------------------------------------------------------------------------


def told(document: dict[str, Any]) -> list[tuple[str, str, str, str | None, tuple[str, ...]]]:
    before, after = document_of(PUBLISHED_2022), document_of(read_procedure(document))
    return [
        (one.table, one.row, one.change, one.pointer, one.members)
        for one in differences(before, after)
    ]


def _without_licence(document: dict[str, Any]) -> None:
    document["documents"] = [
        row for row in document["documents"] if row["code"] != "driving_licence"
    ]


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], list[Any]]] = {
    "nothing": (lambda _: None, []),
    "only the first day": (lambda it: it.update(effective_from="2027-04-01"), []),
    "the title": (
        lambda it: it.update(procedure="新しい手続き"),
        [("procedure", "", "changed", "/procedure", ())],
    ),
    "the operator's address": (
        lambda it: it["operator"].update(address="東京都港区1-1"),
        [("operator", "", "changed", "/operator", ("address",))],
    ),
    "a setting": (
        lambda it: it.update(readings={"own_papers": "any"}),
        [("readings", "", "changed", "/readings", ("own_papers",))],
    ),
    "a paper fewer": (
        _without_licence,
        [("documents", "driving_licence", "removed", None, ())],
    ),
    "a paper more": (
        lambda it: it["documents"].insert(0, it["documents"][0] | {"code": "passport"}),
        [("documents", "passport", "added", "/documents/0", ())],
    ),
    "another order of rows": (lambda it: it["documents"].reverse(), []),
    "a row's term": (
        lambda it: it["correction"][0].update(days=28),
        [("correction", "", "changed", "/correction/0", ("days",))],
    ),
    "a fee from a day on": (
        lambda it: it.update(
            fee=[
                it["fee"][0] | {"effective_to": "2027-03-31"},
                it["fee"][0] | {"yen": 300, "effective_from": "2027-04-01"},
            ]
        ),
        [
            ("fee", "", "changed", "/fee/0", ("effective_to",)),
            ("fee", "", "added", "/fee/1", ()),
        ],
    ),
    "papers of an agent": (
        lambda it: it["matrix"][1]["slots"].pop(),
        [("matrix", "mandated_agent", "changed", "/matrix/1", ("slots",))],
    ),
}


@every("name", CHANGES)
def test_what_a_version_changes_is_told_row_by_row(name: str) -> None:
    change, wanted = CHANGES[name]
    assert told(changed(change)) == wanted


@given(_documents(), _documents())
@settings(max_examples=rounds(30), deadline=None)
def test_nothing_is_told_exactly_when_nothing_but_order_and_first_day_differs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    before, after = document_of(read_procedure(one)), document_of(read_procedure(other))

    def in_order(document: dict[str, Json]) -> dict[str, Any]:
        plain: dict[str, Any] = deepcopy({**document, "effective_from": ""})
        return {
            name: sorted(map(repr, cast("list[Any]", value))) if isinstance(value, list) else value
            for name, value in plain.items()
        }

    assert (in_order(before) == in_order(after)) == (differences(before, after) == ())
    assert differences(before, before) == ()
