"""Identifiers that say nothing, on the pages: told at their field, in Japanese."""

from typing import Any

import pytest

from ledger.cases.case import CaseStatus
from ledger.law.procedure.form import FORM_LABELS
from tests.database import Database
from tests.pages.casework import Work
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, opened, path
from tests.pages.looked import Papers
from tests.pages.office import Office, Person, open_office
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


def test_a_kind_of_the_operators_own_is_offered_and_counts(database: Database) -> None:
    with open_office(database.urls, identifier_kinds={"points": "ポイント会員番号"}) as office:
        work, officer = Work(office), office.person("officer")
        assert '<option value="points">ポイント会員番号</option>' in officer.get("/desk/new").text
        case = verified(work, member(), name=NAME)
        page, form = opened(officer, case)
        assert "ポイント会員番号" in words_of(page)
        typed: dict[str, Any] = {"scheme": ["points"], "identifier": ["P-1"]}
        status, page = form.sent(officer, "search", **typed)
        again = sheet(page, path(case))
        assert (status, again.buttons["action", "nobody"]) == (200, True)
        assert again.sent(officer, "nobody", evidence="該当なし")[0] == 303
        assert whole(case)["search"]["tried"][-1] == {"scheme": "points", "id": "P-1"}


@pytest.mark.parametrize(
    ("scheme", "text"), [("phone", "なし"), ("phone", "0"), ("email", "unknown"), ("account", "ﾅｼ")]
)
def test_a_word_for_nothing_known_is_searched_for_and_is_no_second_kind(
    work: Work, officer: Person, scheme: str, text: str
) -> None:
    case = verified(work, member(), {"scheme": scheme, "id": text}, name=NAME)
    page, form = opened(officer, case)
    assert "これまでに探した種類：1（" in words_of(page)
    assert form.buttons["action", "nobody"] is False
    assert form.text("evidence") == "会員IDで探し、該当する記録がないことを確認した。"
    said = {**form.fields, "action": ["nobody"], "evidence": ["該当なし"]}
    answer = officer.post(form.action, said, token=form.text("form_token"))
    assert answer.status_code == 422
    assert "補正を依頼してください。" in words_of(answer.text)
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
