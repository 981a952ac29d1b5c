"""対応を記録: what was done about the findings of a record, on its page."""

import re
from pathlib import Path
from typing import Any

import pytest

import api.web.pages
from api.web.pages.confirmation import CONFIRMATIONS, unconfirmed
from api.web.pages.forms import Form
from ledger.law.findings import FINDINGS
from tests.doors.samples import RECIPIENT
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.test_correcting import form_at, now, sent, typed, types
from tests.pages.watching import recorded

PAGE = "/desk/exceptions"
LAWLESS = {"consent": {"obtained": False}}
WHY = "10月1日に提供を止め、相手方に消去を求めた"


def two_findings(office: Office) -> str:
    party = {**RECIPIENT, "representative": None}
    done = recorded(office, counterparty=party, **LAWLESS)
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


def test_nobody_settles_what_they_have_not_seen(office: Office) -> None:
    transfer, person = two_findings(office), office.person("officer")
    given = {**form_at(person, transfer, "settlement"), "action": "accepted", "reason": WHY}
    other = office.person("colleague")
    first = typed(other, transfer, "correction", consent_obtained="true", reason="同意書の確認")
    assert first.status_code == 303
    answer = sent(person, transfer, "settlement", given)
    assert answer.status_code == 409
    assert "表示していた所見と、今の所見が違います" in answer.text
    again = sheet(answer.text, f"{PAGE}/{transfer}/settlement").fields
    assert again["code"] == ["COUNTERPARTY_INCOMPLETE"]
    assert again["reason"] == [WHY]
    assert types(now(office, transfer)) == ["provision-recorded", "transfer-corrected"]
    again |= {"action": ["accepted"]}
    assert sent(person, transfer, "settlement", again).status_code == 303


CONFIRMING_WHY = "二度送られていた"
TEMPLATES = Path(api.web.pages.__file__).with_name("templates")
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
    pages = "".join(one.read_text("utf-8") for one in TEMPLATES.rglob("*.html"))
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
