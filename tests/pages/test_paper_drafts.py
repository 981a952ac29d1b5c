"""本人確認: what is typed waits as a draft of whose it is, and others see that somebody types."""

import pytest

from ledger.policies.my_number import check_digit
from tests.pages.casework import Work
from tests.pages.looked import Papers, opened_by, two
from tests.pages.office import Office
from tests.pages.overtaken import CONFLICT

MY_NUMBER = f"12345678901{check_digit('12345678901')}"
EDITED = "が編集中です"


@pytest.fixture
def page(office: Office) -> Papers:
    return Papers(office.person("officer"), Work(office).begun()).opened()


def test_what_is_typed_waits_as_a_draft_and_others_see_that_somebody_types(
    office: Office, page: Papers
) -> None:
    theirs = opened_by(office, page)
    assert EDITED not in theirs.words
    answer = page.send("/draft", **two(), note="途中まで")
    assert answer.status_code == 200
    theirs.opened()
    assert office.called("officer") in theirs.words
    assert EDITED in theirs.words
    assert "途中まで" not in theirs.page
    page.opened()
    assert EDITED not in page.words
    assert "下書きから再開しています" in page.words
    assert page.fields["note"] == ["途中まで"]
    assert page.fields["p1_name"] == ["yes"]
    page.done()
    assert EDITED not in theirs.opened().words
    assert "下書きから再開しています" not in page.words


def test_a_draft_of_a_case_that_others_changed_tells_so(office: Office, page: Papers) -> None:
    page.send("/draft", **two(), note="途中まで")
    opened_by(office, page).done(**two())
    page.opened()
    assert CONFLICT in page.words
    assert page.fields["note"] == ["途中まで"]


def test_no_individual_number_is_kept_in_a_draft(office: Office, page: Papers) -> None:
    rows = "SELECT count(*) FROM ledger.form_drafts"
    before = office.rows(rows)
    answer = page.send("/draft", **{**two(), "on_papers": MY_NUMBER})
    assert answer.status_code == 422
    assert office.rows(rows) == before
