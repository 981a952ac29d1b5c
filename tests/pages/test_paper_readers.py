"""本人確認: who reads it is on record, and sees no button that is not theirs."""

import pytest

from tests.canary import NAME
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.looked import ADDRESS, Papers, two
from tests.pages.office import Office


@pytest.fixture
def page(office: Office) -> Papers:
    return Papers(office.person("officer"), Work(office).begun()).opened()


def test_each_page_that_is_shown_is_a_look_on_record_and_a_part_is_none(
    office: Office, page: Papers
) -> None:
    head = "SELECT position FROM ledger.head"
    [[before]] = office.rows(head)
    page.opened()
    [[after]] = office.rows(head)
    assert after == before + 1
    for part in ("/result", "/rows/0"):
        answer = page.part(part, **two())
        assert answer.status_code == 200
        assert NAME not in answer.text
        assert ADDRESS not in answer.text.replace(str(two()["registered"]), "")
    assert office.rows(head) == [(after,)]


def test_who_only_reads_sees_the_papers_and_no_button(office: Office, page: Papers) -> None:
    page.done(**two())
    shown = office.person("approver").get(page.path).text
    assert "本人確認ができます" in words_of(shown)
    for button in ("save", "keep", "primary", "correct", "refuse"):
        assert f'id="{button}"' not in shown
    assert f'action="{page.path}' not in shown, "nothing is sent"
