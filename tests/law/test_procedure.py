"""The procedure as data: complete, chosen by the day of arrival, replaced without code."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.format.json import canonical, parse
from ledger.law.procedure import codes
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.codes import LEGAL, OF_MINORS, PERSONS, REPRESENTATIONS, REQUESTERS
from ledger.law.procedure.parser import procedures_of, read_procedure
from ledger.law.procedure.policy_2022 import POLICY_2022, PUBLISHED
from ledger.law.procedure.questions import QUESTIONS, ProcedureReadings
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.targets import DayTarget, Targets
from ledger.law.procedure.version import procedure_on, with_version
from ledger.law.procedure.version_differences import differences
from ledger.law.procedure.writer import document_of
from ledger.values import Json
from tests.law.papers import PUBLISHED_2022, changed, document_with, own, verdict
from tests.matrix import every
from tests.rounds import rounds

FIRST = date(2022, 10, 1)
NEXT = date(2027, 4, 1)


def test_the_published_version_says_what_the_policy_says() -> None:
    one = PUBLISHED_2022
    assert one.version == "2022-10-01"
    assert one.operator.representative == "代表取締役社長 丸山誠治"
    assert one.desk_on(FIRST).place.email == "privacy@ml.nttqonoq.com"
    assert one.reception[0].place.postal_code == "100-6150"
    assert one.reception[0].missing_mark_is_ground is False
    assert one.fee_on(date(2026, 11, 24)).yen == 0
    assert one.correction_on(FIRST).days == 30
    assert one.reply_media_on(FIRST).post == "簡易書留郵便(転送不要)"
    assert [ground.code for ground in one.grounds] == list(codes.GROUNDS)
    assert one.ground("ART33_2_II", FIRST).article == "法33条2項2号(同条5項)"
    for requester, count in (("self", 2), ("mandated_agent", 5), ("legal_representative", 5)):
        assert len(one.slots(requester, FIRST)) == count
    assert one.reply_rule("mandated_agent", FIRST).to == "principal"
    assert "address_change_first" in {note.code for note in one.notes_on(FIRST)}


def test_a_kind_of_paper_that_lapsed_is_not_accepted_from_the_next_day() -> None:
    last = date(2025, 12, 1)
    assert PUBLISHED_2022.document("health_insurance_card", last) is not None
    assert PUBLISHED_2022.document("health_insurance_card", last + timedelta(days=1)) is None
    # A row of later years does not reach back behind its first day.
    added = read_procedure(
        changed(
            lambda it: it["documents"].append(
                it["documents"][2] | {"code": "new_card", "effective_from": "2026-12-01"}
            )
        )
    )
    assert added.document("new_card", date(2026, 11, 30)) is None
    assert added.document("new_card", date(2026, 12, 1)) is not None


def test_the_document_survives_json_and_gives_the_same_version() -> None:
    assert read_procedure(json.loads(json.dumps(POLICY_2022))) == PUBLISHED_2022


def test_an_operators_own_version_holds_for_requests_that_arrive_from_its_first_day() -> None:
    document = changed(
        lambda it: it.update(
            effective_from=NEXT.isoformat(),
            fee=[it["fee"][0] | {"yen": 300}],
            readings={"own_papers": "any", "never_ground_ii_alone": ["volume"]},
            targets={"acknowledge": {"days": 5, "counted": "calendar"}, "closed": ["08-13"]},
        )
    )
    versions = with_version(PUBLISHED, read_procedure(document), date(2027, 3, 1))
    before, after = procedure_on(versions, NEXT - timedelta(days=1)), procedure_on(versions, NEXT)
    assert (before.fee_on(NEXT).yen, after.fee_on(NEXT).yen) == (0, 300)
    assert after.readings.own_papers == "any"
    assert after.readings.never_ground_ii_alone == ("volume",)
    assert after.readings.age_counts_to == "arrival"
    assert after.targets == replace(
        Targets(), acknowledge=DayTarget(5, "calendar"), closed=((8, 13),)
    )
    # The same request, a day apart: each under the version of its arrival.
    request = replace(own(), papers=own().papers[:1])
    assert verdict(request, before).outcome == "correction_requested"
    fresh = replace(request.papers[0], issued_on=NEXT)
    later = replace(request, arrived_on=NEXT, papers=(fresh,))
    found = verdict(later, after)
    assert (found.outcome, found.procedure) == ("verified", "2027-04-01")


@every(
    "effective_from, published_on",
    [
        (date(2022, 10, 1), date(2022, 9, 1)),
        (date(2022, 9, 1), date(2022, 8, 1)),
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2027, 4, 1), date(2027, 4, 2)),
    ],
)
def test_a_version_that_would_change_an_arrived_request_is_refused(
    effective_from: date, published_on: date
) -> None:
    new = replace(PUBLISHED_2022, effective_from=effective_from)
    with pytest.raises(MalformedError) as refused:
        with_version(PUBLISHED, new, published_on)
    (defect,) = refused.value.defects
    assert (defect.pointer, defect.code) == ("/effective_from", "VERSION_NOT_LATER")
    assert with_version((), new, published_on) == (new,)


def test_versions_are_put_in_order_and_no_two_begin_on_one_day() -> None:
    later = document_with({"effective_from": "2027-04-01"})
    versions = procedures_of([later, dict(POLICY_2022)])
    assert [one.effective_from for one in versions] == [FIRST, NEXT]
    with pytest.raises(MalformedError):
        procedures_of([later, later])


def test_a_fee_may_change_inside_one_version_without_a_gap() -> None:
    procedure = read_procedure(
        changed(
            lambda it: it.update(
                fee=[
                    it["fee"][0] | {"yen": 300, "effective_from": "2027-04-01"},
                    it["fee"][0] | {"effective_to": "2027-03-31"},
                ]
            )
        )
    )
    assert procedure.fee_on(NEXT - timedelta(days=1)).yen == 0
    assert procedure.fee_on(NEXT).yen == 300


def test_the_newest_of_several_versions_counts() -> None:
    later = replace(PUBLISHED_2022, effective_from=NEXT)
    versions = with_version(PUBLISHED, later, date(2027, 1, 1))
    assert procedure_on(versions, date(2020, 1, 1)) is PUBLISHED_2022
    between = replace(PUBLISHED_2022, effective_from=date(2027, 3, 1))
    with pytest.raises(MalformedError):
        with_version(versions, between, date(2027, 1, 1))
    last = replace(PUBLISHED_2022, effective_from=date(2027, 5, 1))
    assert with_version(versions, last, date(2027, 4, 30)) == (*versions, last)


# -- reasons and open questions: each has its words, its choices, and somebody who reads it --------

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "acceptance" / "case.schema.json").read_bytes())
IDENTITY = next(
    one["properties"] for one in CASES["oneOf"] if one["properties"]["kind"]["const"] == "identity"
)
GIVEN = IDENTITY["given"]["properties"]


def test_the_reasons_are_those_of_the_vocabulary_and_one_for_an_operators_own_papers() -> None:
    known = set(IDENTITY["expect"]["properties"]["reasons"]["items"]["enum"])
    assert set(REASONS) == known | {"DOCUMENT_MISSING"}
    assert all(one.label and one.cure.endswith("。") for one in REASONS.values())


def test_each_ground_has_its_causes_and_those_that_never_stand_alone_are_among_them() -> None:
    assert set(CAUSES) == {one.code for one in PUBLISHED[0].grounds if one.code.startswith("ART")}
    assert all(label.strip() for causes in CAUSES.values() for label in causes.values())
    assert set(ProcedureReadings().never_ground_ii_alone) < set(CAUSES["ART33_2_II"])


def test_the_words_are_those_of_the_vocabulary() -> None:
    assert set(REQUESTERS) == set(GIVEN["requester"]["enum"])
    assert set(REPRESENTATIONS) == set(GIVEN["representation"]["enum"])
    assert OF_MINORS < LEGAL < set(REPRESENTATIONS)
    papers = GIVEN["documents"]["items"]["properties"]
    assert set(papers["of"]["enum"]) == PERSONS
    assert set(papers["type"]["enum"]) <= {one.code for one in PUBLISHED[0].documents}


# -- a version as JSON: nothing is lost on the way there and back, and what changes is told --------

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
