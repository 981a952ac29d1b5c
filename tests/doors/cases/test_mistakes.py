"""Mistakes of the desk through the doors: reported by one person, settled by another."""

from datetime import date, timedelta

from ledger.crypto.pseudonyms import random_uuid
from tests.doors.cases.desk import APPROVER, POST_NUMBER, SENDER, Case, begun, look, today
from tests.doors.cases.test_work_list import ids, listed
from tests.doors.corridor import Corridor

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


def test_who_confirms_a_double_sees_what_differs_and_hinders_nothing(corridor: Corridor) -> None:
    yesterday = (date.fromisoformat(today()) - timedelta(days=1)).isoformat()
    who = {"requester": "legal_representative", "representation": "guardian_of_adult"}
    to = {"medium": "electronic", "reply_address": "representative_identity_document"}
    stays = begun(corridor, arrived_on=yesterday, **who, **to)
    waiting = begun(corridor, medium="paper").do("entry-mistake", double_of(stays))
    whole = waiting.read(APPROVER, "approver")["mistake"]["replacement"]
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == waiting.id]
    assert row["mistake"]["replacement"] == whole
    seen = {name: value for name, value in whole.items() if isinstance(value, bool)}
    assert seen == {
        "answered": True,
        "name_agrees": True,
        "identifiers_agree": True,
        "identifiers_covered": True,
        "sides_covered": True,
        "period_covered": True,
        "medium_agrees": False,
        "requester_agrees": False,
        "reply_address_agrees": False,
        "arrived_on_agrees": False,
    }
    assert confirmed(waiting).status == "entered_in_error"
