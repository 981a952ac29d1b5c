"""Mistakes of the desk through the doors: reported by one person, settled by another."""

from datetime import date, timedelta

import pytest

from ledger.crypto.pseudonyms import random_uuid
from tests.doors.cases.desk import (
    ADDRESS,
    APPROVER,
    DESK,
    POST_NUMBER,
    SENDER,
    WHO,
    Case,
    begun,
    look,
    received,
    request,
    today,
)
from tests.doors.cases.test_work_list import ids, listed
from tests.doors.corridor import Corridor

BOTH = ("cases:read", "cases:write", "cases:approve")
WHY = {"reason": "別の方の取下書だった"}


def withdrawal() -> dict[str, str]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


def double_of(other: Case | str) -> dict[str, str]:
    named = other.id if isinstance(other, Case) else other
    return {"cause": "double", "reason": "同じ封筒を二度登録した", "replaced_by": named}


def confirmed(case: Case) -> Case:
    return case.do("mistake-confirmation", scopes=APPROVER, by="approver")


def reported_ids(corridor: Corridor) -> list[str]:
    return ids(corridor, "?reported=true&limit=100")


def test_a_request_that_was_taken_in_twice_goes_on_in_one_case(corridor: Corridor) -> None:
    stays, double = begun(corridor), begun(corridor)
    assert "entry-mistake" in double.next
    double.do("entry-mistake", double_of(stays))
    assert (double.status, double.next) == ("received", ["mistake-dismissal"])
    assert double.id in reported_ids(corridor)
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == double.id]
    named = {
        "case": stays.id,
        "number": stays.last["number"],
        "arrived_on": today(),
        "status": "received",
        "kind": "provision_records",
        "answered": True,
        "name_agrees": True,
        "identifiers_agree": True,
        "identifiers_covered": True,
        "sides_covered": True,
        "period_covered": True,
        "medium_agrees": True,
        "requester_agrees": True,
        "reply_address_agrees": True,
        "arrived_on_agrees": True,
    }
    assert row["mistake"] == {"what": "entry", "replacement": named}
    assert row["due"] is not None
    waiting = double.read(APPROVER, "approver")
    assert waiting["mistake"]["confirmed"] is False
    assert waiting["mistake"]["replaced_by"] == stays.id
    assert waiting["mistake"]["replacement"] == named
    assert (waiting["replaced_by"], stays.read()["replaces"]) == (None, [])
    assert waiting["next"] == ["mistake-confirmation", "mistake-dismissal"]
    confirmed(double)
    assert (double.status, double.next) == ("entered_in_error", [])
    whole = double.read()
    assert whole["mistake"] == {**waiting["mistake"], "confirmed": True}
    assert (whole["replaced_by"]["case"], whole["replaced_by"]["number"]) == (
        stays.id,
        stays.last["number"],
    )
    assert (whole["due"], whole["ended_at"] is not None) == (None, True)
    assert not any(one["runs"] for one in whole["clocks"].values())
    assert [one["type"] for one in whole["events"]] == [
        "case-received",
        "case-mistake-reported",
        "case-entered-in-error",
    ]
    assert [one["case"] for one in stays.read()["replaces"]] == [double.id]
    assert double.id in ids(corridor, "?status=entered_in_error&limit=100")
    assert stays.id not in ids(corridor, "?status=entered_in_error&limit=100")
    assert double.id not in reported_ids(corridor)
    after = (date.fromisoformat(today()) + timedelta(days=400)).isoformat()
    assert double.id not in ids(corridor, f"?due={after}&limit=100")


def test_who_reported_a_mistake_does_not_confirm_it(corridor: Corridor) -> None:
    body = {"cause": "wrong_kind", "reason": "停止請求だった"}
    case = begun(corridor).do("entry-mistake", body, scopes=BOTH)
    assert case.next == ["mistake-dismissal"]
    assert case.ask("mistake-confirmation").code == "SCOPE_MISSING"
    refused = case.ask("mistake-confirmation", scopes=BOTH)
    assert (refused.status, refused.code) == (403, "SEPARATION_OF_DUTIES")
    assert case.read(BOTH)["mistake"]["confirmed"] is False
    case.do("mistake-dismissal", {"reason": "取り違え"})
    assert (case.status, case.read()["mistake"]) == ("received", None)
    assert "entry-mistake" in case.next


def test_nothing_else_is_done_while_a_mistake_is_reported(corridor: Corridor) -> None:
    case = begun(corridor).do("entry-mistake", {"cause": "other", "reason": "試しの登録"})
    for door, body in (("withdrawal", withdrawal()), ("documents", look())):
        answer = case.ask(door, body)
        assert (answer.status, answer.code) == (409, "MISTAKE_REPORTED")
    assert case.ask("verification").code == "CASE_STATUS"
    assert case.ask("mistake-dismissal", {"reason": " "}).errors == {"/reason": "SCHEMA"}
    assert case.ask("mistake-confirmation", {"reason": "x"}, scopes=APPROVER).status == 422


def test_a_case_that_is_named_must_be_there_and_none_of_the_answers_tells_more(
    corridor: Corridor,
) -> None:
    case, mistaken = begun(corridor), begun(corridor)
    mistaken.do("entry-mistake", {"cause": "other", "reason": "試しの登録"})
    wanted = {
        str(random_uuid()): "CASE_UNKNOWN",
        case.id: "REPLACED_BY_ITSELF",
        mistaken.id: "REPLACEMENT_IN_ERROR",
    }
    for named, code in wanted.items():
        answer = case.ask("entry-mistake", double_of(named))
        assert (answer.status, answer.errors) == (422, {"/replaced_by": code})
    without = {"cause": "double", "reason": "重複"}
    assert case.ask("entry-mistake", without).errors == {"/replaced_by": "REPLACEMENT_MISSING"}
    lost = case.ask("entry-mistake", {"cause": "lost", "reason": "x"})
    assert (lost.status, lost.errors) == (422, {"/cause": "SCHEMA"})
    # An id whose last group is twelve digits is a name, whatever those digits are.
    odd = case.ask("entry-mistake", double_of("1f0d6a77-61a5-4f0e-8b52-123456789018"))
    assert odd.errors == {"/replaced_by": "CASE_UNKNOWN"}


def test_what_was_named_may_be_a_mistake_itself_by_the_time_of_the_confirmation(
    corridor: Corridor,
) -> None:
    case, other = begun(corridor), begun(corridor)
    case.do("entry-mistake", double_of(other))
    other.do("entry-mistake", {"cause": "other", "reason": "試しの登録"})
    answer = case.ask("mistake-confirmation", scopes=APPROVER, by="approver")
    assert (answer.status, answer.code) == (409, "REPLACEMENT_UNFIT")
    assert answer.body["reasons"] == ["in_error"]


@pytest.mark.parametrize("end", ["withdrawal", "death"])
def test_nobody_is_told_to_wait_for_an_answer_in_a_case_that_has_ended(
    corridor: Corridor, end: str
) -> None:
    bodies = {"withdrawal": withdrawal(), "death": {"learned_on": today(), "evidence": "電話"}}
    double, other = begun(corridor), begun(corridor)
    double.do("entry-mistake", double_of(other))
    other.do(end, bodies[end])
    waiting = double.read(APPROVER, "approver")
    assert waiting["mistake"]["replacement"]["status"] == other.status
    answer = double.ask("mistake-confirmation", scopes=APPROVER, by="approver")
    assert (answer.status, answer.code, answer.body["reasons"]) == (
        409,
        "REPLACEMENT_UNFIT",
        ["ended"],
    )
    double.do("mistake-dismissal", {"reason": "取下げ済み"})
    for cause in ("double", "wrong_day"):
        answer = double.ask("entry-mistake", {**double_of(other), "cause": cause})
        assert (answer.status, answer.errors) == (422, {"/replaced_by": "REPLACEMENT_UNFIT"})


def test_a_double_of_another_request_or_person_is_refused_and_a_correction_is_shown_as_such(
    corridor: Corridor,
) -> None:
    stranger = {
        "form": {"name": "別人 一郎", "postal_code": "100-6150", "address": ADDRESS},
        "identifiers": [{"scheme": "member", "id": "CNRY-ANOTHER-ONE"}],
    }
    double, kind = begun(corridor), begun(corridor, kind="provision_stop")
    person = begun(corridor, **stranger)
    for other in (kind, person):
        answer = double.ask("entry-mistake", double_of(other))
        assert (answer.status, answer.errors) == (422, {"/replaced_by": "REPLACEMENT_UNFIT"})
    double.do("entry-mistake", {**double_of(person), "cause": "wrong_person"})
    shown = double.read(APPROVER, "approver")["mistake"]["replacement"]
    assert (shown["name_agrees"], shown["identifiers_agree"]) == (False, False)
    confirmed(double)
    assert double.status == "entered_in_error"


def test_a_letter_that_left_before_a_mistaken_withdrawal_is_put_down(corridor: Corridor) -> None:
    case = begun(corridor).submitted().approve()
    pdf = case.content("/reply.pdf")
    case.do("withdrawal", withdrawal()).do("end-mistake", WHY)
    confirmed(case)
    whole = case.read()
    assert (case.status, "dispatch" in whole["next"]) == ("notice_ready", True)
    assert (whole["submission"]["already_posted_only"], "decisions" in whole["next"]) == (
        True,
        False,
    )
    # It is printed and sent no more, but what left before is put down.
    assert case.fetch("/reply.pdf", scopes=SENDER, by="dispatcher").code == "STALE_APPROVAL"
    late = {"dispatched_on": today(), "item_number": POST_NUMBER}
    answer = case.ask("dispatch", late)
    assert (answer.status, answer.code) == (409, "STALE_APPROVAL")
    case.dispatch(already_posted=True)
    assert (case.status, len(case.read()["replies"])) == ("dispatched", 1)
    assert case.content("/reply.pdf") == pdf


def test_an_envelope_is_not_named_by_a_case_that_was_entered_in_error(corridor: Corridor) -> None:
    first = begun(corridor).do("entry-mistake", {"cause": "other", "reason": "試しの登録"})
    sister = request(kind="retained_data", same_envelope_as=first.id)
    for _ in ("reported", "confirmed"):
        answer = received(corridor, sister)
        assert (answer.status, answer.errors) == (422, {"/same_envelope_as": "CASE_IN_ERROR"})
        if first.status != "entered_in_error":
            confirmed(first)


def test_a_mistaken_withdrawal_is_undone_and_the_records_are_searched_anew(
    corridor: Corridor,
) -> None:
    case = begun(corridor).verified().identified()
    before = case.read()
    case.do("withdrawal", withdrawal())
    assert (case.status, case.next) == ("withdrawn", ["end-mistake"])
    case.do("end-mistake", WHY)
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == case.id]
    assert (row["status"], row["due"]) == ("withdrawn", None)
    assert row["mistake"] == {"what": "withdrawal", "replacement": None}
    confirmed(case)
    assert (case.status, "search" in case.last) == ("search", False)
    after = case.read()
    assert "principal" in after["next"]
    assert (after["clocks"], after["due"]) == (before["clocks"], before["due"])
    assert (after["mistake"], after["ended_at"]) == (None, None)
    assert case.identified().last["search"]["as_of"] > before["search"]["as_of"]


def test_a_mistaken_report_of_a_death_is_undone_also_after_the_post(corridor: Corridor) -> None:
    case = begun(corridor).submitted().approve().dispatch()
    case.do("death", {"learned_on": today(), "evidence": "電話"})
    assert (case.status, case.next) == ("principal_deceased", ["end-mistake"])
    confirmed(case.do("end-mistake", WHY))
    whole = case.read()
    assert (case.status, "delivery" in whole["next"]) == ("dispatched", True)
    assert len(whole["replies"]) == 1
    case.do("delivery", {"delivered_on": today()})
    assert "end-mistake" not in case.next


def test_a_closing_without_a_reply_is_undone(corridor: Corridor) -> None:
    case = begun(corridor, kind="retained_data").verified().do("close", {"note": "回答済み"})
    confirmed(case.do("end-mistake", {"reason": "別の案件だった"}))
    assert (case.status, "close" in case.read()["next"]) == ("search", True)


@pytest.mark.parametrize("door", ["entry-mistake", "end-mistake", "mistake-confirmation"])
def test_a_case_that_waits_for_approval_is_sent_back_before_it_is_a_mistake(
    corridor: Corridor, door: str
) -> None:
    case = begun(corridor).submitted()
    bodies = {
        "entry-mistake": {"cause": "other", "reason": "試しの登録"},
        "end-mistake": WHY,
        "mistake-confirmation": {},
    }
    answer = case.ask(door, bodies[door], scopes=BOTH)
    assert (answer.status, answer.code) == (409, "CASE_STATUS")
    case.do("return", WHY).do("entry-mistake", bodies["entry-mistake"])


def test_an_old_arrival_says_why_it_is_taken_in_today_and_the_approver_sees_it(
    corridor: Corridor,
) -> None:
    old = (date.fromisoformat(today()) - timedelta(days=40)).isoformat()
    answer = received(corridor, request(arrived_on=old))
    assert (answer.status, answer.errors) == (
        422,
        {"/late_entry_reason": "LATE_ENTRY_REASON_MISSING"},
    )
    found = "他部署の書庫で見つかった(受領印あり)"
    case = begun(corridor, arrived_on=old, late_entry_reason=found)
    assert case.read(APPROVER, "approver")["application"]["late_entry_reason"] == found
    slip = received(corridor, request(arrived_on="1926-11-24", late_entry_reason=found))
    assert slip.errors == {"/arrived_on": "DATE_TOO_EARLY"}


def test_a_death_before_the_birth_is_refused(corridor: Corridor) -> None:
    case = begun(corridor, birth_date="1988-02-29", identifiers=[WHO])
    answer = case.ask("death", {"learned_on": "1988-02-28", "evidence": "電話"}, scopes=DESK)
    assert answer.errors == {"/learned_on": "DATE_TOO_EARLY"}
