"""What differs between two looks at the papers, in the words of the page."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from api.resources.cases.forms.paper_rows import ANSWERS, CHOICES, FIELDS, rows
from api.resources.cases.forms.papers import DAYS, LABELS, read
from api.resources.cases.forms.papers_view import filled
from api.resources.cases.pages.paper_page import differences
from api.resources.cases.schemas.papers import PapersCheck
from api.web.pages.conflict import ConflictRow, differing
from api.web.pages.form_values import stated
from api.web.pages.forms import Form
from ledger.cases.case import State
from tests.pages.looked import day, two
from tests.pages.test_paper_forms import ARRIVED, PROCEDURE, REQUESTERS, a_case, forms

SELF = a_case("self")
FIRST, SECOND = "1番目の書類：印鑑登録証明書", "2番目の書類：住民票"


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


def test_fields_that_differ_come_in_the_order_of_their_labels() -> None:
    labels = {"b": "B", "a": "A", "c": "C", "d": "D"}
    differ = differing(
        labels, {"a": "1", "b": "2", "c": "3"}, {"b": "x", "a": "1", "d": "4", "e": "5"}
    )
    assert differ == (
        ConflictRow("B", "2", "x"),
        ConflictRow("C", "3", ""),
        ConflictRow("D", "", "4"),
    )


def test_the_same_by_other_fields_is_no_difference() -> None:
    # A day by its era, a box for what the other boxes say, a judgement's reason without one.
    era = {"p0_issued_on_era": "reiwa", "p0_issued_on_year": str(ARRIVED.year - 2018)}
    seen = {"p1_as_supplement": "yes"}
    other = {"p1_present": "yes", "p1_looked": "yes", "action": "more", "has_registered": None}
    same = form(**era, **seen, **other)
    unjudged = {"form_registered": None}
    assert found(form(**seen), same) == []
    assert found(form(**unjudged), form(**unjudged, form_registered_reason="転居")) == []


def test_each_value_is_told_in_the_words_of_the_page() -> None:
    typed = form(
        **day("p0_issued_on", date(2026, 10, 1)),
        p0_original="copy",
        p0_birth_date=None,
        p1_current_address=None,
        p1_looked="yes",
        p1_my_number="shown",
        p1_address_mark=None,
        seal_registered_principal="no",
        form_registered="differs",
        form_registered_reason="転居の届出あり",
        form_checked=None,
        form_missing="phone",
        note="私の\n確認",
    )
    assert found(form(), typed) == [
        (f"{FIRST}　原本・写し", "原本", "写し"),
        (f"{FIRST}　発行日", "2026/11/24", "2026/10/01"),
        (f"{FIRST}　生年月日", "はい", ""),
        (f"{SECOND}　現住所", "はい", "いいえ"),
        (f"{SECOND}　現住所の書き方", "印字", ""),
        (f"{SECOND}　マイナンバー", "印字なし・裏面なしを確認", "マイナンバーの記載あり"),
        (f"{SECOND}　申請書の住所の記載（補助書類とする）", "", "いいえ"),
        ("印鑑登録の有無（本人）", "", "印鑑登録なし（代替書類）"),
        ("申請書と登録住所の判定", "一致", "不一致"),
        ("申請書と登録住所の判定の理由", "", "転居の届出あり"),
        ("申請書の記載", "はい", ""),
        ("申請書の記入漏れ", "", "ご本人の電話番号"),
        ("メモ", "", "私の\n確認"),
    ]


def test_a_paper_of_one_side_alone_is_told_with_all_that_is_put_down_of_it() -> None:
    card = {"p2_kind": "driving_licence", "p2_person": "principal", "p2_original": "copy"}
    more = form(**card, **day("p2_valid_until", date(2030, 1, 2)), p2_name="yes")
    [label] = {one[0].partition("　")[0] for one in found(more, form())}
    assert label == "3番目の書類：運転免許証"
    told = [(one.partition("　")[2], *sides) for one, *sides in found(more, form())]
    assert told == [
        ("同封されている", "はい", ""),
        ("誰の書類", "本人", ""),
        ("原本・写し", "写し", ""),
        ("有効期限", "2030/01/02", ""),
        ("氏名", "はい", ""),
    ]
    assert found(form(), more) == [
        (one, typed, stands) for one, stands, typed in found(more, form())
    ]


def test_a_row_with_another_paper_bears_the_name_of_neither() -> None:
    other = form(p0_kind="driving_licence", p0_original="copy")
    labels = [one for one, _, _ in found(form(), other)]
    assert labels[:2] == ["1番目の書類　書類", "1番目の書類　原本・写し"]


def test_what_is_no_day_is_told_as_it_was_typed() -> None:
    assert found(form(), form(p0_issued_on_month="13")) == [
        (f"{FIRST}　発行日", "2026/11/24", "2026/13/24")
    ]


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


def test_every_answer_has_words_of_its_own() -> None:
    for choice, (_, answers) in CHOICES.items():
        assert set(ANSWERS[choice]) == set(answers)
    assert set(ANSWERS) <= {*FIELDS, *LABELS}
    assert all(len(set(words.values())) == len(words) for words in ANSWERS.values())


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
