"""Who must prove who they are before a run is printed finds what they ticked, one press away."""

import io

import pytest
from pypdf import PdfReader

from tests.canary import NAME
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.test_printing import PRINTING, approved, form_of, looked, texts


def asked_to_prove(office: Office, *cases: Worked) -> Person:
    """An officer who has ticked the cases, pressed, and proved who they are."""
    person = office.signed_in("officer")
    token = form_of(person).text("form_token")
    office.age_proofs()
    fields = {"case": [one.id for one in cases]}
    page = person.post(PRINTING, fields, token=token).headers["location"]
    assert page.startswith(f"/sign-in?page={PRINTING}")
    back = person.get(office.chosen(office.at_provider(person, PRINTING, "&proof=1"), "officer"))
    assert (back.status_code, back.headers["location"]) == (303, PRINTING)
    return person


def test_what_was_ticked_waits_for_who_had_to_prove_who_they_are(
    office: Office, work: Work
) -> None:
    first, second, other = approved(work), approved(work), approved(work)
    before = looked(office)
    person = asked_to_prove(office, first, second)
    page = person.get(PRINTING).text
    told = words_of(page)
    assert "まだ何も印刷していません" in told
    assert "ご本人の確認が済みました" in told
    assert "選んだ 2 件を印刷する" in told
    assert (first.number in told, second.number in told, other.number in told) == (
        True,
        True,
        False,
    )
    assert NAME not in told
    assert looked(office) == before, "nothing was opened yet"
    form = sheet(page, PRINTING)
    assert form.fields["case"] == [first.id, second.id]
    assert sheet(person.get(PRINTING).text, PRINTING).fields["case"] == form.fields["case"]
    answer = person.post(PRINTING, {"case": form.fields["case"]}, token=form.text("form_token"))
    assert sum("仕切り紙" in text for text in texts(PdfReader(io.BytesIO(answer.content)))) == 2
    assert looked(office) == before + 4
    assert "印刷する請求が選ばれていません" in person.get(PRINTING).text, "it is done"


def test_a_choice_waits_for_nobody_else(office: Office, work: Work) -> None:
    case = approved(work)
    asked_to_prove(office, case)
    other = office.signed_in("colleague")
    assert case.number not in other.get(PRINTING).text


def test_who_signs_in_again_finds_what_they_ticked(office: Office, work: Work) -> None:
    case = approved(work)
    person = office.signed_in("officer")
    token = form_of(person).text("form_token")
    office.let_sessions_lapse()
    answer = person.post(PRINTING, {"case": [case.id]}, token=token)
    assert answer.headers["location"] == f"/sign-in?page={PRINTING}&ended=1"
    office.sign_in(person, "officer", PRINTING)
    assert sheet(person.get(PRINTING).text, PRINTING).fields["case"] == [case.id]


@pytest.mark.parametrize(
    ("chosen", "words"), [(0, "印刷する請求が選ばれていません"), (21, "20 件まで")]
)
def test_a_choice_that_cannot_be_printed_is_told_when_it_waited(
    office: Office, work: Work, chosen: int, words: str
) -> None:
    approved(work)
    person = asked_to_prove(office, *(work.begun() for _ in range(chosen)))
    page = person.get(PRINTING).text
    assert words in page
    assert 'id="primary"' not in page


def test_whoever_may_not_print_finds_no_choice(office: Office) -> None:
    assert office.person("reception").get(PRINTING).status_code == 403
