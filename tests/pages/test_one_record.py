"""例外, one record: what is shown of it, who may see it, and that each look is on record."""

from typing import Any

import pytest

from api.web.items import random_command
from ledger.law.findings import FINDINGS
from tests.doors.samples import RECIPIENT, SOURCE
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.watching import CANARY, day, looks, marked, recorded

PAGE = "/desk/exceptions"
LAWLESS = {"consent": {"obtained": False}}
"""A transfer on consent that nobody gave."""
MISSING = "この番号の記録はありません"
WAYS = ("correction", "basis", "retraction", "settlement")


def member(name: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": name, "name": CANARY}]


def last_look(office: Office) -> dict[str, Any]:
    key = office.key("audit:read", "records:exclude", owner="auditor")
    return office.api("GET", "/v1/accesses?limit=500", key).json()["accesses"][-1]


def looked(person: Person, transfer: str, **typed: str) -> tuple[int, str]:
    """The answer to a look at the persons."""
    answer = person.post(f"{PAGE}/{transfer}/persons", typed)
    return answer.status_code, answer.text


def bare(person: Person, method: str, path: str) -> tuple[int, str]:
    """Status and words of an answer, without the number of the request."""
    answer = person.get(path) if method == "GET" else person.post(path)
    return answer.status_code, words_of(answer.text).partition("お問い合わせの番号")[0]


def test_the_page_tells_the_record_its_findings_and_what_can_be_done(office: Office) -> None:
    done = recorded(office, principals=member("CNRY-M-ONE"), **LAWLESS)
    person, before = office.person("officer"), looks(office)
    page = person.get(f"{PAGE}/{done['transfer']}")
    assert page.status_code == 200, page.text
    words = words_of(page.text)
    for told in (RECIPIENT["name"], RECIPIENT["address"], SOURCE, "提供の記録", "本人は 1人"):
        assert told in words
    assert FINDINGS["CONSENT_NOT_OBTAINED"].label in words
    assert "法第27条第1項" in words
    assert "▲ 要対応" in words
    for way in WAYS:
        assert f'href="{PAGE}/{done["transfer"]}/{way}"' in page.text
    assert f'href="{PAGE}/{done["transfer"]}/correction#consent_obtained"' in page.text
    assert "CNRY-M-ONE" not in page.text
    assert "カナリア" not in page.text
    assert looks(office) == before + 1
    look = last_look(office)
    assert (look["transfer"], look["reason"]) == (done["transfer"], "inspection")


def test_each_form_is_a_look_too_and_names_nobody_but_that_of_persons(office: Office) -> None:
    transfer = recorded(office, principals=member("CNRY-M-FORM"), **LAWLESS)["transfer"]
    person = office.person("officer")
    for way in (*WAYS, "person"):
        page = person.get(f"{PAGE}/{transfer}/{way}")
        assert page.status_code == 200, page.text
        assert ("CNRY-M-FORM" in page.text) is (way == "person")
        assert "カナリア" not in page.text
        look = last_look(office)
        assert (look["transfer"], look["reason"]) == (transfer, "correction")


def test_persons_are_shown_masked_once_somebody_says_why(office: Office) -> None:
    transfer = recorded(office, principals=member("CNRY-M-SEEN"), **LAWLESS)["transfer"]
    person = office.person("officer")
    status, page = looked(person, transfer, look_reason="inquiry")
    assert status == 200, page
    assert "CNRY-M-SEEN" in page
    assert "会員" in page
    assert "匿＊ カ＊" in words_of(page).replace("\u3000", " ")
    assert "カナリア" not in page
    look = last_look(office)
    assert (look["transfer"], look["reason"]) == (transfer, "inquiry")


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({}, "look_reason", "選んでください"),
    ({"look_reason": "request"}, "look_case", "受付番号を入力してください"),
    ({"look_reason": "request", "look_case": "2026-999999"}, "look_case", "案件はありません"),
]


@pytest.mark.parametrize(("typed", "field", "words"), WRONG)
def test_without_a_reason_or_a_case_nobody_is_shown(
    office: Office, typed: dict[str, str], field: str, words: str
) -> None:
    transfer = recorded(office, principals=member("CNRY-M-UNSEEN"))["transfer"]
    status, page = looked(office.person("officer"), transfer, **typed)
    assert status == 422
    assert f'id="{field}-error"' in page
    assert words in page
    assert "CNRY-M-UNSEEN" not in page
    given = sheet(page, f"{PAGE}/{transfer}/persons").fields
    assert given["look_case"] == [typed.get("look_case", "")]
    assert last_look(office)["reason"] == "inspection", "the page itself was seen"


def test_many_persons_stand_on_several_pages_those_with_findings_first(office: Office) -> None:
    who = {"scheme": "member", "id": "CNRY-M-MANY-060"}
    key = office.key("records:write", owner="officer")
    stop = {"principal": who, "kind": "consent_withdrawn", "day": day(0)}
    assert office.api("POST", "/v1/directives", key, stop).status_code == 200
    many = [{"scheme": "member", "id": f"CNRY-M-MANY-{n:03}"} for n in range(1, 71)]
    transfer = recorded(office, principals=many)["transfer"]
    person = office.person("officer")
    page = words_of(person.get(f"{PAGE}/{transfer}").text)
    assert "本人は 70人" in page
    assert "本人 1人だけに当たる所見です" in page
    _, first = looked(person, transfer, look_reason="inspection")
    assert first.count("CNRY-M-MANY-") == 50
    assert first.index("CNRY-M-MANY-060") < first.index("CNRY-M-MANY-001")
    assert FINDINGS["CONSENT_WITHDRAWN"].label in first.partition('id="persons"')[2]
    fields = {n: one[0] for n, one in sheet(first, f"{PAGE}/{transfer}/persons").fields.items()}
    assert fields["begin"] == "50"
    _, second = looked(person, transfer, **{**fields, "look_reason": "inspection"})
    assert second.count("CNRY-M-MANY-") == 20
    assert all(one["id"] in first + second for one in many)


def test_what_is_hidden_answers_as_what_there_is_not(office: Office) -> None:
    hidden, unknown = marked(office, **LAWLESS), str(random_command())
    excluded = recorded(office, **LAWLESS)
    key = office.key("records:exclude", owner="chief")
    spans = [{"first": excluded["position"], "last": excluded["position"]}]
    body = {"action": "exclude", "positions": spans, "ground": "i", "reason": "危害のおそれ"}
    told = office.api("POST", "/v1/exclusions", key, {**body, "for_all_persons": True})
    assert told.status_code == 200, told.text
    person, before = office.person("officer"), looks(office)
    for one in (hidden, excluded["transfer"]):
        for method, end in (
            ("GET", ""),
            ("POST", "/persons"),
            *((method, f"/{way}") for method in ("GET", "POST") for way in (*WAYS, "person")),
        ):
            nobody = bare(person, method, f"{PAGE}/{unknown}{end}")
            assert (nobody[0], MISSING in nobody[1]) == (404, True)
            assert bare(person, method, f"{PAGE}/{one}{end}") == nobody, (method, end)
    assert looks(office) == before, "a look at what is not shown is none"
