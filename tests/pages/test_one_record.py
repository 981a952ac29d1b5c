"""例外, one record: who may see it, that each look is on record, and what was done about it."""

import re
from pathlib import Path
from typing import Any

import pytest

import api
from api.web.items import random_command
from api.web.pages.confirmation import CONFIRMATIONS, unconfirmed
from api.web.pages.forms import Form
from ledger.law.findings import FINDINGS
from tests.doors.samples import RECIPIENT, SOURCE
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.test_correcting import form_at, now, sent, typed, types
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


SETTLING_LAWLESS = {"consent": {"obtained": False}}
WHY = "10月1日に提供を止め、相手方に消去を求めた"


def two_findings(office: Office) -> str:
    party = {**RECIPIENT, "representative": None}
    done = recorded(office, counterparty=party, **SETTLING_LAWLESS)
    assert done["findings"] == ["CONSENT_NOT_OBTAINED", "COUNTERPARTY_INCOMPLETE"]
    return done["transfer"]


def test_what_was_done_is_put_on_record_once_and_changes_no_verdict(office: Office) -> None:
    transfer, person = two_findings(office), office.person("officer")
    before = now(office, transfer)
    given: dict[str, Any] = form_at(person, transfer, "settlement")
    assert set(given["code"]) == set(before["findings"])
    given |= {"action": "stopped", "reason": WHY}
    first, answer = (sent(person, transfer, "settlement", given) for _ in range(2))
    assert (first.status_code, answer.status_code) == (303, 303), answer.text
    after = now(office, transfer)
    assert types(after) == ["provision-recorded", "transfer-findings-settled"]
    for member in ("data", "findings", "lawful"):
        assert after[member] == before[member]
    page = words_of(person.get(answer.headers["location"]).text)
    for words in ("対応を記録しました", "提供を停止した", WHY, "全て対応済みです"):
        assert words in page
    for code in before["findings"]:
        assert FINDINGS[code].label in page.partition("対応した所見")[2]
    assert "▲ 要対応" not in page


CONFIRMING_WHY = "二度送られていた"
API = Path(api.__file__).parent
BOX = re.compile(r'<input type="checkbox"[^>]*? name="([^"]+)"')
PUT_DOWN = {
    *("case", "chosen", "tick", "scope", "form_missing", "provided", "received", "form_checked"),
    *(
        "block_{{ n }}_cause",
        "data_kinds",
        "block_{{ n }}_item",
        "for_all_persons",
        "id_above",
        "merged",
        "name_kept",
    ),
    *("{{ c }}_plain", "{{ c }}_serial", "{{ c }}_compact", "{{ c }}_unknown", "{{ key }}"),
    *("{{ row.id(field) }}", "{{ members.tick_of(name) }}"),
    # Of a decision without a search; of what is stated of the changes of a notice.
    *("grounds", "{{ name }}"),
}
"""Boxes that are part of what is put down, asked for or seen on a paper."""
FIELDS = {
    "retraction": {"retraction": "duplicate", "reason": CONFIRMING_WHY},
    "person": {"doing": "remove", "who": "1", "reason": CONFIRMING_WHY},
}


def test_of_every_box_of_every_form_it_is_known_whether_it_confirms_something() -> None:
    pages = "".join(one.read_text("utf-8") for one in API.rglob("templates/**/*.html"))
    assert {*BOX.findall(pages)} == CONFIRMATIONS | PUT_DOWN


def test_a_form_without_what_was_confirmed_has_all_else() -> None:
    typed = {"reason": (CONFIRMING_WHY,), "form_checked": ("yes",)}
    assert unconfirmed(Form({**typed, **dict.fromkeys(CONFIRMATIONS, ("on",))})) == Form(typed)


@pytest.mark.parametrize(
    ("way", "what"),
    [
        ("retraction", "session"),
        ("person", "proof"),
    ],
)
def test_what_waited_comes_back_with_all_that_was_typed_and_nothing_confirmed(
    office: Office, way: str, what: str
) -> None:
    who = [{"scheme": "member", "id": f"CNRY-M-CONFIRM-{n}"} for n in (1, 2)]
    transfer, person = recorded(office, principals=who)["transfer"], office.signed_in("officer")
    given = {**form_at(person, transfer, way), **FIELDS[way], "confirmed": "on"}
    (office.let_sessions_lapse if what == "session" else office.age_proofs)()
    assert sent(person, transfer, way, given).status_code == 303
    assert types(now(office, transfer)) == ["provision-recorded"]
    person, address = office.signed_in("officer"), f"{PAGE}/{transfer}/{way}"
    form = sheet(person.get(address).text, address)
    assert {name: form.text(name) for name in FIELDS[way]} == FIELDS[way]
    assert ("confirmed", "on") in form.boxes
    assert "confirmed" not in form.fields
    assert sent(person, transfer, way, dict(form.fields)).status_code == 422
    again = form_at(person, transfer, way) | FIELDS[way] | {"confirmed": "on"}
    assert sent(person, transfer, way, again).status_code == 303


def test_a_confirmation_lasts_through_a_defect_and_not_through_a_conflict(office: Office) -> None:
    transfer = recorded(office)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    ticked = {"retraction": "duplicate", "confirmed": "on"}
    address = f"{PAGE}/{transfer}/retraction"
    answer = typed(person, transfer, "retraction", **ticked, reason="")
    assert answer.status_code == 422
    given = {**sheet(answer.text, address).fields, "reason": CONFIRMING_WHY}
    assert given["confirmed"] == ["on"]
    change = {"items": "氏名", "reason": "項目の誤り"}
    assert typed(other, transfer, "correction", **change).status_code == 303
    answer = sent(person, transfer, "retraction", given)
    assert answer.status_code == 409
    assert "confirmed" not in sheet(answer.text, address).fields
