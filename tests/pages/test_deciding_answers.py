"""Requests without a search on the pages: what is told or corrected, on what grounds not."""

import re
from typing import Any

import pytest

from api.web.pages import words
from ledger.law.answers import items_of
from ledger.law.requests import MEASURES_ABROAD
from tests.canary import APPLICANT as NAME
from tests.doors.cases.desk import POST_NUMBER, today
from tests.law.papers import ARRIVED
from tests.pages.casework import Work, Worked
from tests.pages.deciding import opened, path, whole
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified
from tests.pages.test_approval_kinds import approved

WHY = "調査の結果によるものです。"
SEVEN = tuple(items_of(MEASURES_ABROAD, ARRIVED))
TEXTS = {f"text_{item}": f"{item}の内容" for item in SEVEN}


def begun(office: Office, kind: str) -> Worked:
    return verified(Work(office), member(), name=NAME, kind=kind)


TYPED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "purposes": (
        "purpose_of_use",
        {"outcome": "taken", "text_purposes": "商品の発送のため"},
        {"information": [{"item": "purposes", "text": "商品の発送のため"}]},
    ),
    "no purposes": (
        "purpose_of_use",
        {"outcome": "not_taken", "grounds": ["harm_to_person", "public_duty"], "reason": WHY},
        {"grounds": ["harm_to_person", "public_duty"], "reason": WHY},
    ),
    "a correction": (
        "data_correction",
        {"outcome": "taken", "measure_1": "corrected", "what_1": "生年月日を訂正しました。"},
        {"what": "生年月日を訂正しました。"},
    ),
    "no correction": (
        "data_correction",
        {"outcome": "not_taken", "grounds": ["not_shown_untrue"], "reason": WHY},
        {"grounds": ["not_shown_untrue"], "reason": WHY},
    ),
    "seven items": (
        "measures_abroad",
        {"outcome": "taken", **TEXTS},
        {"information": [{"item": item, "text": TEXTS[f"text_{item}"]} for item in SEVEN]},
    ),
    "six items": (
        "measures_abroad",
        {
            "outcome": "taken_in_part",
            **TEXTS,
            "text_arrangement": "",
            "grounds": ["hindrance"],
            "reason": WHY,
        },
        {
            "information": [
                {"item": "arrangement"},
                *({"item": item, "text": TEXTS[f"text_{item}"]} for item in SEVEN[1:]),
            ],
            "grounds": ["hindrance"],
            "reason": WHY,
        },
    ),
}


@pytest.mark.parametrize("name", TYPED)
def test_it_is_decided_on_approved_and_posted(office: Office, officer: Person, name: str) -> None:
    kind, typed, decided = TYPED[name]
    case = begun(office, kind)
    page, form = opened(officer, case)
    assert words.WITHOUT_SEARCH[kind] in words_of(page)
    assert form.sent(officer, "submit", **typed) == (303, f"/desk/cases/{case.id}/next")
    decision = whole(case)["decision"]
    if "what" in decided:
        stated = {"measure": "corrected", "from_day": today(), **decided}
        assert decision == {"outcome": "taken", "measures": [stated]}
    else:
        assert decision == {"outcome": typed["outcome"], "measures": [], **decided}
    shown = approved(office, case, "reply")
    told = [value for value in typed.values() if isinstance(value, str) and "の" in value]
    assert [one for one in told if one not in shown] == []
    case.etag = f'"{whole(case)["version"]}"'
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    overview = words_of(officer.get(f"/desk/cases/{case.id}").text)
    assert words.KINDS[kind] in overview
    assert "この種類の請求では、記録を特定しません。" in overview


def test_each_kind_shows_the_fields_of_its_own_alone(office: Office, officer: Person) -> None:
    fields: dict[str, set[str]] = {}
    for kind in ("purpose_of_use", "data_correction", "measures_abroad"):
        page, form = opened(officer, begun(office, kind))
        assert "party_1" not in form.fields
        assert "この方の識別子" not in words_of(page)
        fields[kind] = {name for name in form.fields if name.startswith(("text_", "measure_"))}
        assert 'name="grounds"' in page
        assert "other_measure" not in page
    assert fields == {
        "purpose_of_use": {"text_purposes"},
        "data_correction": {"measure_1", "measure_2"},
        "measures_abroad": set(TEXTS),
    }


@pytest.mark.parametrize(
    ("kind", "article", "other"),
    [
        ("purpose_of_use", "法第36条", "規則第18条第5項"),
        ("data_correction", "法第36条", "規則第18条第5項"),
        ("measures_abroad", "規則第18条第5項", "法第36条"),
    ],
)
def test_what_must_be_filled_in_is_said_once_with_the_article_that_applies(
    office: Office, officer: Person, kind: str, article: str, other: str
) -> None:
    page, _ = opened(officer, begun(office, kind))
    told = words_of(page)
    assert f"「理由」と「根拠」が必須です（{article}）" in told
    assert other not in told
    assert "※任意" not in page.partition('id="text_')[2].partition('id="h-measures"')[0]
    for field in ("day_1", "what_1", "reason"):
        label = page.partition(f'id="{field}"')[0].rpartition('class="field"')[2]
        assert "※任意" not in label, field
    if kind == "measures_abroad":
        assert "全ての欄が必須です" in told


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("kind", ["purpose_of_use", "data_correction", "measures_abroad"])
def test_nothing_of_a_disclosure_is_said_of_a_request_for_none(
    office: Office, officer: Person, kind: str
) -> None:
    case = begun(office, kind)
    told = [main_of(officer.get(f"/desk/cases/{case.id}{one}").text) for one in ("", "/decision")]
    said = words_of("".join(told))
    assert "回答内容の確認" in said
    # The papers themselves have names of the published procedure.
    papers = words_of(officer.get(f"/desk/cases/{case.id}/papers").text)
    assert "本人確認ができないため請求に応じない" in papers
    assert "不開示" not in papers.partition("確認の結果")[2].partition("キー操作")[0]
    assert [said[one.start() - 20 : one.end() + 20] for one in re.finditer("開示", said)] == []


def test_what_does_not_fit_is_told_at_its_field_and_kept(office: Office, officer: Person) -> None:
    case = begun(office, "measures_abroad")
    _, form = opened(officer, case)
    given: dict[str, Any] = {**TEXTS, "text_country": "", "grounds": ["hindrance"]}
    status, page = form.sent(officer, "submit", outcome="taken", **given)
    assert status == 422
    for place in ("text_arrangement", "grounds"):
        assert f'id="{place}-error"' in page
    typed = sheet(page, path(case))
    assert typed.text("text_checks") == TEXTS["text_checks"]
    assert typed.fields["grounds"] == ["hindrance"]
    status, page = typed.sent(officer, "submit", outcome="taken_in_part")
    assert status == 422
    assert 'id="reason-error"' in page
    status, page = sheet(page, path(case)).sent(
        officer, "submit", outcome="taken_in_part", reason=WHY
    )
    assert status == 303, page


def test_a_correction_without_its_words_is_told_and_rows_are_added(
    office: Office, officer: Person
) -> None:
    case = begun(office, "data_correction")
    _, form = opened(officer, case)
    status, page = form.sent(officer, "submit", outcome="taken", measure_2="added")
    assert (status, 'id="what_2-error"' in page) == (422, True)
    more = sheet(page, path(case)).sent(officer, "more")[1]
    typed = sheet(more, path(case))
    assert {"measure_4", "what_4"} <= typed.fields.keys()
    assert typed.text("measure_2") == "added"


def test_what_was_sent_back_is_shown_as_it_was_decided(office: Office, officer: Person) -> None:
    case = begun(office, "measures_abroad")
    _, form = opened(officer, case)
    assert form.sent(officer, "submit", **TYPED["six items"][1])[0] == 303
    case.etag = f'"{whole(case)["version"]}"'
    case.do("return", {"reason": "理由を確認してください"}, by="approver")
    _, again = opened(officer, case)
    assert again.fields["grounds"] == ["hindrance"]
    assert again.text("text_checks") == TEXTS["text_checks"]
    assert again.sent(officer, "submit")[0] == 303
    types = [one["type"] for one in whole(case)["events"]]
    assert (types.count("case-measures-decided"), types.count("case-submitted")) == (1, 2)


def test_a_case_that_was_opened_again_leads_to_its_decision(
    office: Office, officer: Person
) -> None:
    case = begun(office, "purpose_of_use")
    case.do("measures", {"outcome": "not_taken", "grounds": ["not_held"], "reason": WHY})
    case.do("submit").do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    case.do("delivery", {"delivered_on": today()}).do("reopen", {"reason": "登録が見つかった"})
    assert "回答の内容を決める" in words_of(officer.get(f"/desk/cases/{case.id}").text)
    moved = officer.get(f"/desk/cases/{case.id}/next")
    assert str(moved.url).endswith(path(case)) or moved.headers.get("location") == path(case)
    _, form = opened(officer, case)
    done = form.sent(officer, "submit", outcome="taken", text_purposes="商品の発送のため")
    assert done[0] == 303, done[1]
    records = words_of(officer.get(f"/desk/cases/{case.id}/records").text)
    assert "この種類の請求では、この台帳の記録を特定しません。" in records
