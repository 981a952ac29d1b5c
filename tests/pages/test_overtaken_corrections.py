"""A form of a record that somebody else changed meanwhile: only what was typed anew stays of it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from api.resources.transfers.forms.form_changes import UNTOUCHED, Stood, of_members
from api.resources.transfers.forms.form_values import fields_of, read
from api.resources.transfers.forms.members import MEMBERS, field_of, form_of
from ledger.format.events import Record
from ledger.policies.context import Verdict
from ledger.transfers.transfer import State
from tests.doors.samples import RECIPIENT
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.test_correcting import LAWLESS, PAGE, form_at, now, sent, typed
from tests.pages.test_member_forms import RECORDS, nested
from tests.pages.watching import recorded

VERDICT = Verdict("none", (), (), False, True, "individual", None, "sample")  # noqa: FBT003 -- as declared
WHY = "申込書と照合した"
RIGHT = "東京都港区見本町9番9号"


def again_of(answer: Any, transfer: str, way: str) -> dict[str, Any]:  # noqa: ANN401 -- the client's own
    return {**sheet(answer.text, f"{PAGE}/{transfer}/{way}").fields}


@pytest.mark.parametrize("way", ["correction", "basis"])
def test_what_a_colleague_put_right_is_not_taken_back(office: Office, way: str) -> None:
    transfer = recorded(office)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    given = {**form_at(person, transfer, way), "items": "氏名\n購入履歴", "reason": WHY}
    if way == "basis":
        given["basis"] = "none"
    first = typed(other, transfer, "correction", counterparty_address=RIGHT, reason=WHY)
    assert first.status_code == 303
    answer = sent(person, transfer, way, given)
    assert answer.status_code == 409
    told = words_of(answer.text)
    by = office.called("colleague")
    for words in ("ほかの担当者が先に更新しました", f"訂正（{by}）", "異なる項目"):
        assert words in told, words
    assert f"{RIGHT}{UNTOUCHED}" in told
    again = again_of(answer, transfer, way)
    assert again["counterparty_address"] == [RIGHT]
    assert (again["items"], again["reason"]) == (["氏名\n購入履歴"], [WHY])
    assert sent(person, transfer, way, again).status_code == 303
    data = now(office, transfer)["data"]
    assert data["counterparty"]["address"] == RIGHT
    assert data["items"] == ["氏名", "購入履歴"]


def test_a_field_that_both_typed_is_told_with_both_values(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    given = {**form_at(person, transfer, "correction"), "reason": WHY}
    given |= {"counterparty_name": "株式会社乙", "recorded_on_year": "二千"}
    theirs = {"counterparty_name": "株式会社甲", "recorded_on_year": "2026"}
    theirs |= {"recorded_on_month": "1", "recorded_on_day": "2"}
    theirs |= {"transferred_on_year": "2026", "transferred_on_month": "1"}
    theirs |= {"transferred_on_day": "2", "reason": WHY}
    first = typed(other, transfer, "correction", **theirs)
    assert first.status_code == 303, first.text
    answer = sent(person, transfer, "correction", given)
    assert answer.status_code == 409
    told = words_of(answer.text)
    assert "株式会社甲株式会社乙" in told
    table = told.partition("あなたの入力")[2].partition("改める項目")[0]
    assert "2026" in table
    assert "二千" in table
    again = again_of(answer, transfer, "correction")
    assert (again["counterparty_name"], again["recorded_on_year"]) == (["株式会社乙"], ["二千"])


def test_what_was_touched_by_oneself_in_another_page_is_told_as_ones_own(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person = office.person("officer")
    given = {**form_at(person, transfer, "correction"), "items": "氏名", "reason": WHY}
    first = typed(person, transfer, "correction", counterparty_address=RIGHT, reason=WHY)
    assert first.status_code == 303
    told = words_of(sent(person, transfer, "correction", given).text)
    assert "別の画面から更新されています" in told
    assert "訂正（あなた）" in told


def test_a_form_of_no_known_version_lays_nothing_over_what_stands(office: Office) -> None:
    transfer = recorded(office)["transfer"]
    person = office.person("officer")
    for version in ("", "0", "99", "x"):
        answer = typed(
            person, transfer, "correction", counterparty_address=RIGHT, version=version, reason=WHY
        )
        assert answer.status_code == 409
        assert again_of(answer, transfer, "correction")["counterparty_address"] == [
            RECIPIENT["address"]
        ]
        assert f"{RECIPIENT['address']}{RIGHT}" in words_of(answer.text)


@pytest.mark.parametrize(
    ("way", "fields", "words"),
    [
        ("retraction", {"retraction": "other_person", "confirmed": "on"}, "別人の記録"),
        ("correction", {"counterparty_address": RIGHT}, RIGHT),
        ("basis", {"basis": "none"}, "異なる項目"),
        (
            "person",
            {"doing": "replace", "who": "1", "scheme": "member", "id": "CNRY-M-LATE"},
            "CNRY-M-LATE",
        ),
        ("settlement", {"action": "stopped"}, "提供を停止した"),
    ],
)
def test_what_was_typed_of_a_record_retracted_meanwhile_can_still_be_read(
    office: Office, way: str, fields: dict[str, str], words: str
) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person, other = office.person("officer"), office.person("colleague")
    given = {**form_at(person, transfer, way), **fields, "reason": WHY}
    gone = {"retraction": "duplicate", "confirmed": "on", "reason": "二度送られた"}
    assert typed(other, transfer, "retraction", **gone).status_code == 303
    answer = sent(person, transfer, way, given)
    assert answer.status_code == 409
    told = words_of(answer.text)
    by = office.called("colleague")
    for one in (words, WHY, f"取消し（{by}）", "必要な内容は書き写してください"):
        assert one in told, one
    assert "もう一度送信" not in told


def stood(data: dict[str, Any], version: int = 1) -> State:
    """A record that says this."""
    record = Record(data, date(2026, 1, 1), VERDICT)
    return State(None, record, {}, None, 1, 1, (1,), version)


def overtaken(was: dict[str, Any], stands: dict[str, Any]) -> Stood:
    """A record that somebody else changed once since a form was made of it."""
    then = stood(was)
    return Stood(then, then, stood(stands, 2), is_open=True)


@given(RECORDS, RECORDS, RECORDS)
def test_a_form_shown_again_bears_what_was_typed_anew_over_what_stands(
    was: dict[str, Any], stands: dict[str, Any], typed_over: dict[str, Any]
) -> None:
    then, today = nested(was), nested(stands)
    form = form_of(nested(typed_over))
    anew = {*read(form, then).fields}
    kept = of_members(form, overtaken(then, today)).form
    for name in MEMBERS:
        meant = form if field_of(name) in anew else form_of(today)
        for one in fields_of(name):
            assert kept.texts(one) == meant.texts(one), one
    assert {*read(kept, today).fields} <= anew
    assert of_members(form_of(then), overtaken(then, today)).form == form_of(today)


@given(RECORDS, RECORDS, RECORDS)
def test_what_is_sent_over_what_stands_tells_on_what_others_changed(
    was: dict[str, Any], stands: dict[str, Any], typed_over: dict[str, Any]
) -> None:
    then, today = nested(was), nested(stands)
    told = of_members(form_of(nested(typed_over)), overtaken(then, today))
    newest = stood(today, 2)
    again = of_members(told.form, Stood(stood(then), newest, newest, is_open=True))
    assert again.form == told.form
    first = {(one.label, one.stored) for one in told.rows}
    assert first <= {(one.label, one.stored) for one in again.rows}
    # In what both had typed alike nothing differs; sent again it is what nobody typed anew.
    more = [one for one in again.rows if (one.label, one.stored) not in first]
    assert {one.typed for one in more} <= {UNTOUCHED}
