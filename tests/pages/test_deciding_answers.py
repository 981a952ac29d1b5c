"""Requests without a search on the pages: what is told or corrected, on what grounds not."""

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
from tests.pages.test_approval import approved

WHY = "調査の結果によるものです。"
SEVEN = tuple(items_of(MEASURES_ABROAD, ARRIVED))
TEXTS = {f"text_{item}": f"{item}の内容" for item in SEVEN}


def begun(office: Office, kind: str) -> Worked:
    return verified(Work(office), member(), name=NAME, kind=kind)


TYPED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
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
