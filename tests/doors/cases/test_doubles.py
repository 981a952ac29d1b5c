"""A request that was taken in twice goes on where as much is asked for; what differs is shown."""

from datetime import date, timedelta

from tests.doors.cases.desk import APPROVER, WHO, begun, today
from tests.doors.cases.test_mistakes import confirmed, double_of
from tests.doors.cases.test_work_list import listed
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision


def test_a_double_that_asks_for_more_than_the_case_that_goes_on_is_refused(
    corridor: Corridor,
) -> None:
    double = begun(corridor)
    for less in ({"received": False}, {"first_day": "2026-01-01"}, {"last_day": "2026-06-30"}):
        answer = double.ask("entry-mistake", double_of(begun(corridor, **less)))
        assert (answer.status, answer.errors) == (422, {"/replaced_by": "REPLACEMENT_UNFIT"})
    narrow = begun(corridor, provided=False, last_day="2026-06-30")
    narrow.do("entry-mistake", double_of(double))
    assert confirmed(narrow).status == "entered_in_error"


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


def test_a_double_that_names_more_identifiers_than_the_case_that_goes_on_is_refused(
    corridor: Corridor,
) -> None:
    other = {"scheme": "member", "id": f"M-{fresh_id()}"}
    for one in (WHO, other):
        corridor.record(provision(principals=[one]))
    wide, narrow = begun(corridor, identifiers=[WHO, other]), begun(corridor, identifiers=[other])
    answer = wide.ask("entry-mistake", double_of(narrow))
    assert (answer.status, answer.errors) == (422, {"/replaced_by": "REPLACEMENT_UNFIT"})
    [defect] = answer.body["errors"]
    assert "leaves out an identifier" in defect["detail"]
    wide.do("entry-mistake", {**double_of(narrow), "cause": "other"})
    shown = wide.read(APPROVER, "approver")["mistake"]["replacement"]
    assert (shown["identifiers_agree"], shown["identifiers_covered"]) == (True, False)
    wide.do("mistake-dismissal", {"reason": "二件に回答する"})
    narrow.do("entry-mistake", double_of(wide))
    shown = narrow.read(APPROVER, "approver")["mistake"]["replacement"]
    assert (shown["identifiers_agree"], shown["identifiers_covered"]) == (True, True)
    assert confirmed(narrow).status == "entered_in_error"


def test_a_request_does_not_go_on_in_a_case_whose_reply_came_back_and_was_left(
    corridor: Corridor,
) -> None:
    other, double = begun(corridor).submitted().approve().dispatch(), begun(corridor)
    double.do("entry-mistake", double_of(other))
    other.do("returned-mail", {"returned_on": today(), "reason": "unknown_address"})
    shown = double.read(APPROVER, "approver")["mistake"]["replacement"]
    assert (shown["status"], shown["answered"]) == ("returned", True)
    other.do("close")
    shown = double.read(APPROVER, "approver")["mistake"]["replacement"]
    assert (shown["status"], shown["answered"]) == ("closed", False)
    answer = double.ask("mistake-confirmation", scopes=APPROVER, by="approver")
    assert (answer.status, answer.code) == (409, "REPLACEMENT_UNFIT")
    assert answer.body["reasons"] == ["ended"]
    double.do("mistake-dismissal", {"reason": "返送されたまま終了していた"})
    answer = double.ask("entry-mistake", double_of(other))
    assert (answer.status, answer.errors) == (422, {"/replaced_by": "REPLACEMENT_UNFIT"})
