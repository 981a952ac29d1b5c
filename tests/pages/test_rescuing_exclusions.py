"""存否の除外: what is sent when time or proof is too old waits there, for who typed it alone."""

from itertools import pairwise

import pytest

from ledger.policies.my_number import check_digit
from tests.pages.filling import Sheet, sheet
from tests.pages.office import Office, Person
from tests.pages.sending import press
from tests.pages.test_exclusions import PAGE, WHY, recorded
from tests.pages.test_rescuing import TYPED, WAITED

LIFT = f"{PAGE}/lift"
ROWS = "SELECT count(*) FROM ledger.form_drafts"
MY_NUMBER = f"12345678901{check_digit('12345678901')}"
EVERYBODY = ("officer", "colleague", "approver", "auditor", "reception")
PLACES = ("/desk", "/desk/new", "/desk/exceptions", "/desk/holds", "/desk/audit", PAGE)


def form_of(person: Person) -> Sheet:
    return sheet(person.get(PAGE).text, PAGE)


def excluded(office: Office) -> int:
    _, _, position = recorded(office)
    chief = office.person("chief")
    done = press(chief, form_of(chief), positions=position, ground="i", reason=WHY)
    assert done == (303, f"{PAGE}?done=excluded")
    return position


def line(page: str, position: int) -> Sheet:
    [row] = [one for one in page.split("<tr role") if f"#{position}<" in one]
    return sheet(row, LIFT)


def test_what_is_to_be_excluded_outlives_the_session_and_is_shown_once(office: Office) -> None:
    _, transfer, position = recorded(office)
    chief = office.signed_in("chief")
    form = form_of(chief)
    office.let_sessions_lapse()
    typed = {"positions": position, "transfers": transfer, "ground": "ii", "reason": TYPED}
    assert press(chief, form, **typed) == (303, f"/sign-in?page={PAGE}&ended=1")
    chief = office.signed_in("chief")
    page = chief.get(PAGE).text
    assert WAITED in page
    again = sheet(page, PAGE)
    assert {name: again.text(name) for name in typed} == {n: str(one) for n, one in typed.items()}
    assert f"#{position}<" not in page, "nothing is excluded yet"
    assert WAITED not in chief.get(PAGE).text
    assert press(chief, again) == (303, f"{PAGE}?done=excluded")


def test_nobody_else_sees_it_nor_that_it_is_there(office: Office) -> None:
    _, _, position = recorded(office)
    before = {who: [bare(office.person(who), one) for one in PLACES] for who in EVERYBODY}
    chief = office.signed_in("chief")
    form = form_of(chief)
    office.let_sessions_lapse()
    assert press(chief, form, positions=position, ground="i", reason=TYPED)[0] == 303
    after = {who: [bare(office.person(who), one) for one in PLACES] for who in EVERYBODY}
    assert after == before
    office.person("chief").get(PAGE)


def bare(person: Person, path: str) -> tuple[int, bool, bool]:
    answer = person.get(path, follow_redirects=True)
    return answer.status_code, TYPED in answer.text, WAITED in answer.text


def test_the_reason_of_a_lift_outlives_a_proof_that_is_too_old_beside_an_exclusion(
    office: Office,
) -> None:
    position = excluded(office)
    chief = office.signed_in("chief")
    page = chief.get(PAGE).text
    lifting, excluding = line(page, position), sheet(page, PAGE)
    office.age_proofs()
    lifted = press(chief, lifting, lift_reason=TYPED)
    assert lifted == (303, f"/sign-in?page={PAGE}&proof=1")
    office.let_sessions_lapse()
    assert press(chief, excluding, positions="12", ground="i", reason=WHY)[0] == 303
    chief = office.signed_in("chief")
    page = chief.get(PAGE).text
    assert WAITED in page
    again = line(page, position)
    assert again.text("lift_reason") == TYPED
    assert sheet(page, PAGE).text("positions") == "12"
    assert press(chief, again) == (303, f"{PAGE}?done=asked")


@pytest.mark.parametrize(("typed", "rows"), [(MY_NUMBER, 0), (TYPED, 2)])
def test_in_the_table_it_is_a_draft_as_any_other_and_the_log_tells_nothing(
    office: Office, caplog: pytest.LogCaptureFixture, typed: str, rows: int
) -> None:
    chief = office.signed_in("chief")
    form, holding = form_of(chief), sheet(chief.get("/desk/holds").text, "/desk/holds")
    office.let_sessions_lapse()
    counts = [office.rows(ROWS)[0][0]]
    caplog.clear()
    with caplog.at_level("INFO"):
        assert press(chief, form, positions="1", ground="i", reason=typed)[0] == 303
    counts.append(office.rows(ROWS)[0][0])
    # A server of the tests logs requests of its own; the product's is asked here.
    assert not [one for one in caplog.records if one.name.partition(".")[0] == "api"]
    press(chief, holding, id_1="CNRY-M-1", scheme_1="member", reason=typed)
    counts.append(office.rows(ROWS)[0][0])
    assert [after - before for before, after in pairwise(counts)] == [rows, rows]
    for path in (PAGE, "/desk/holds"):
        office.signed_in("chief").get(path)
