"""Identifiers that say nothing, on the pages: told at their field, in Japanese."""

import pytest

from ledger.cases.case import CaseStatus
from ledger.law.procedure.form import FORM_LABELS
from tests.pages.casework import Work
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, opened, path
from tests.pages.looked import Papers
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified
from tests.pages.test_intake import wrong

WORDS = "文字も数字もない識別子です"


@pytest.mark.parametrize("text", ["-", "ー", "\u200b", "\u3164", "\u2800"], ids=ascii)
def test_a_form_with_an_identifier_that_says_nothing_is_told_so(office: Office, text: str) -> None:
    identifier = ["CNRY-M-1", text, ""]
    found = wrong(office, scheme=["member", "phone", ""], identifier=identifier)
    assert [*found] == ["identifiers"]
    assert found["identifiers"].startswith(WORDS)


@pytest.mark.parametrize("text", ["-", "\u200b", "\u3164"], ids=ascii)
def test_nobody_is_looked_for_by_what_says_nothing(work: Work, officer: Person, text: str) -> None:
    who = member()
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    typed = {"scheme": ["account"], "identifier": [text]}
    fields = {**form.fields, **typed}
    for button in ("search", "nobody"):
        # Whether its button may be pressed or not.
        answer = officer.post(
            form.action, {**fields, "action": [button]}, token=form.text("form_token")
        )
        status, page = answer.status_code, answer.text
        assert status == 422
        assert 'id="identifiers-error"' in page
        assert WORDS in words_of(page)
        again = sheet(page, path(case))
        assert again.buttons["action", "nobody"] is False, "one kind was tried"
        assert text in again.fields["identifier"], "what was typed stays"
    assert whole(case)["search"] is None


def test_a_form_by_which_nobody_can_be_found_is_put_down_as_incomplete_as_the_page_says(
    work: Work, officer: Person
) -> None:
    case = verified(work, {"scheme": "phone", "id": "不明"}, name=NAME)
    label = FORM_LABELS["identifier"]
    page, _ = opened(officer, case)
    way = f"「記入漏れがある項目を選ぶ」で「{label}」を選んで"
    assert f"{way}確認内容を保存し、補正を依頼してください。" in words_of(page)
    assert f'href="/desk/cases/{case.id}/papers#h-form"' in page
    papers = Papers(officer, case).opened()
    assert "記入漏れがある項目を選ぶ" in papers.words
    assert f'value="identifier">{label}</label>' in papers.page
    papers.done(form_missing=["identifier"])
    assert f"申請書に次の事項の記入がありません（{label}）" in papers.words
    papers.done("/correction")
    assert whole(case)["status"] == CaseStatus.CORRECTION_REQUESTED
