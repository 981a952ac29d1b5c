"""What differs between two looks at the papers, in the words of the page."""

from hypothesis import given
from hypothesis import strategies as st

from api.resources.cases.forms.paper_rows import ANSWERS, CHOICES, FIELDS, rows
from api.resources.cases.forms.papers import DAYS, read
from api.resources.cases.forms.papers_view import filled
from api.resources.cases.pages.paper_page import differences
from api.resources.cases.schemas.papers import PapersCheck
from api.web.pages.form_values import stated
from api.web.pages.forms import Form
from ledger.cases.case import State
from tests.pages.looked import day, two
from tests.pages.test_paper_forms import ARRIVED, PROCEDURE, REQUESTERS, a_case, forms

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
    look = stated(PapersCheck, read(typed, state, PROCEDURE).body).step().examination
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
