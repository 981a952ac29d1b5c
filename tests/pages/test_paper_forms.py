"""The form of 本人確認 without a server: what it says comes back, and what differs is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.resources.cases.forms.paper_rows import ANSWERS, CHOICES, FIELDS, TICKS, rows
from api.resources.cases.forms.paper_verdict import age
from api.resources.cases.forms.papers import DAYS, read
from api.resources.cases.forms.papers_view import filled, says_the_same
from api.resources.cases.forms.remarks import PAIRS, Remarks, remarks_of
from api.resources.cases.pages.paper_page import differences
from api.resources.cases.schemas.papers import PapersCheck
from api.web.pages.form_values import validate_body
from api.web.pages.forms import Form
from api.web.pages.words import JUDGEMENTS
from ledger.cases.case import State
from ledger.cases.events.case import CaseDocumentsChecked
from ledger.cases.events.intake import Application, Examination
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper, IdentityRequest
from tests.pages.looked import day, two

PROCEDURE = PUBLISHED[-1]
ARRIVED = date(2026, 11, 24)
LINE = st.text(st.characters(categories=("L", "N"), exclude_characters="：】"), min_size=1)
REQUESTERS = st.sampled_from(["self", "mandated_agent", "legal_representative"])


def a_case(requester: str, look: Any = None) -> State:  # noqa: ANN401 -- an examination or none
    representation = "parent_of_minor" if requester == "legal_representative" else None
    form = {"name": "花鶏 花", "address": "東京都千代田区永田町2-11-1"}
    application = Application(
        "provision_records", ARRIVED, requester, form, representation=representation
    )
    check = None if look is None else CaseDocumentsChecked(look, None, (), ())
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    return State(UUID(int=1), 1, application, PROCEDURE.version, at, "officer", check=check)


@st.composite
def forms(draw: st.DrawFn, requester: str) -> Form:
    """Any form that an officer could fill in with the rows of the matrix and two more."""
    state = a_case(requester)
    fields: dict[str, tuple[str, ...]] = {"rows": ("9",), "has_registered": ("yes",)}
    empty = Form(fields)
    for row in rows(empty, state, PROCEDURE):
        code = draw(st.sampled_from([one.code for one in row.kinds]))
        fields[row.id("kind")] = (code,)
    for row in rows(Form(fields), state, PROCEDURE):
        if not draw(st.booleans()):
            continue
        fields[row.id("present")] = ("yes",)
        fields[row.id("person")] = (row.person,)
        fields[row.id("original")] = (draw(st.sampled_from(["original", "copy"])),)
        for box in (*TICKS, "undated", "looked", "blackout"):
            if draw(st.booleans()):
                fields[row.id(box)] = ("yes",)
        for choice, (_, answers) in CHOICES.items():
            fields[row.id(choice)] = (draw(st.sampled_from(["", *answers])),)
        for name in ("issued_on", "valid_until"):
            if draw(st.booleans()):
                day = draw(st.dates(date(2020, 1, 1), ARRIVED))
                parts = ("ad", str(day.year), str(day.month), str(day.day))
                for part, text in zip(("era", "year", "month", "day"), parts, strict=True):
                    fields[f"{row.id(name)}_{part}"] = (text,)
    for pair in PAIRS:
        fields[pair] = (draw(st.sampled_from(["", *JUDGEMENTS])),)
        fields[f"{pair}_reason"] = (draw(st.one_of(st.just(""), LINE)),)
    fields["note"] = (draw(st.one_of(st.just(""), LINE)),)
    return Form(fields)


@given(st.data(), REQUESTERS)
def test_what_a_form_says_comes_back_from_the_look_that_it_becomes(
    data: st.DataObject, requester: str
) -> None:
    form = data.draw(forms(requester))
    state = a_case(requester)
    typed = read(form, state, PROCEDURE)
    assert typed.defects == {}
    look = validate_body(PapersCheck, typed.body).step().examination
    after = a_case(requester, look)
    again = read(filled(look, after, PROCEDURE), after, PROCEDURE)
    assert says_the_same(again, after, PROCEDURE)
    shown = validate_body(PapersCheck, again.body).step().examination
    # A paper that came into the row of the matrix comes before others, and says the same.
    assert sorted(map(repr, shown.papers)) == sorted(map(repr, look.papers))
    assert again.body["addresses"] == typed.body["addresses"]
    was, now_is = remarks_of(look.note), remarks_of(shown.note)
    assert (was.text, was.judged) == (now_is.text, now_is.judged)
    assert blacked_out(shown) == blacked_out(look)


def blacked_out(look: Examination) -> list[str]:
    return sorted(repr(look.papers[n - 1]) for n in remarks_of(look.note).blacked_out)


SAID = st.one_of(
    st.tuples(st.just("spelling"), st.just("")), st.tuples(st.just("differs"), LINE.filter(bool))
)


@given(LINE, st.dictionaries(st.sampled_from([*PAIRS]), SAID))
def test_a_note_says_what_was_said(text: str, judged: dict[str, tuple[str, str]]) -> None:
    said = Remarks(text, judged, (2, 4))
    assert remarks_of(said.note()) == said


def test_a_line_that_the_page_did_not_write_is_free_text() -> None:
    note = "【住所の照合：別の組】一致\n【黒塗りを確認】3番目の書類です"
    assert remarks_of(note) == Remarks(note)
    assert remarks_of(None) == Remarks()


def months_and_days(first: date, last: date) -> str:
    """Slow and obvious: day by day; a month is over on its day, or when it has no such day."""
    months = days = 0
    day = first
    while day < last:
        before, day = day, day + timedelta(days=1)
        if day.day == first.day:
            months, days = months + 1, 0
        elif day.day == 1 and before.day < first.day:
            months, days = months + 1, 1
        else:
            days += 1
    return f"{months}か月{days}日" if months else f"{days}日"


@given(st.dates(date(2023, 1, 1), ARRIVED), st.integers(0, 500))
def test_how_old_a_paper_is_is_told_in_months_and_days(issued: date, days: int) -> None:
    arrived = issued + timedelta(days=days)
    paper = EnvelopePaper("seal_certificate", "principal", is_original=True, issued_on=issued)
    request = IdentityRequest(arrived, "self", (paper,), AddressJudgement(has_registered=True))
    document = PROCEDURE.document("seal_certificate", arrived)
    assert document is not None
    told = age(paper, document, request, PROCEDURE)
    assert f"発行から{months_and_days(issued, arrived)}（" in told
    good = "3か月以内：適" in told
    assert good is not ("3か月超過：不適" in told)


SELF = a_case("self")


def form(**typed: object) -> Form:
    """The two papers of a principal, all in order, but for what is typed; None is left out."""
    fields = {"rows": 3, **two(ARRIVED), **typed}
    return Form({name: (str(value),) for name, value in fields.items() if value is not None})


def found(stands: Form, typed: Form, state: State = SELF) -> list[tuple[str, str, str]]:
    differ = differences(stands, typed, state, PROCEDURE)
    return [(one.label, one.stored, one.typed) for one in differ]


def standing(typed: Form, state: State) -> Form:
    """The form as the look that it becomes fills it in."""
    look = validate_body(PapersCheck, read(typed, state, PROCEDURE).body).step().examination
    return filled(look, state, PROCEDURE)


def test_every_field_of_every_kind_of_paper_is_compared() -> None:
    for document in rows(form(), SELF, PROCEDURE)[2].kinds:
        kind = {"p2_kind": document.code, "p2_original": "original", "p2_present": "yes"}
        paper = rows(form(**kind), SELF, PROCEDURE)[2]
        for name in {*paper.asks, "arrived_on"} - {"original", "looked"}:
            field = paper.id(name)
            said = day(field, ARRIVED) if name in DAYS else {field: "yes"}
            if name in CHOICES:
                said = {field: next(iter(ANSWERS[name]))}
            [(label, stands, typed)] = found(form(**kind), form(**kind, **said))
            assert label == f"3番目の書類：{document.label}　{FIELDS[name]}"
            assert (stands, typed != "") == ("", True)


@given(st.data(), REQUESTERS)
def test_something_differs_exactly_where_something_else_would_be_put_down(
    data: st.DataObject, requester: str
) -> None:
    state = a_case(requester)
    one, other = (data.draw(forms(requester)) for _ in range(2))
    names = sorted(one.fields.keys() | other.fields.keys())
    changed = set(data.draw(st.lists(st.sampled_from(names), max_size=3)))
    mixed = {
        name: (other if name in changed else one).fields[name]
        for name in names
        if name in (other if name in changed else one).fields
    }
    typed = Form(mixed)
    if read(typed, state, PROCEDURE).defects:
        return
    sides = [standing(form, state) for form in (one, typed)]
    bodies = [read(side, state, PROCEDURE).body for side in sides]
    assert (found(sides[0], sides[1], state) != []) is (bodies[0] != bodies[1])
