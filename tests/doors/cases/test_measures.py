"""Requests to stop or to erase, and two requests of one envelope, through the doors."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any, cast

import pytest

from api.server.watches import StopsWatch
from api.web.services import Services
from ledger.errors import StoreUnavailableError
from ledger.persons.service import Persons
from tests.canary import NAME, OTHER_NAME
from tests.database import Database
from tests.doors.cases.desk import ABSENT, APPROVER, Case, begun, look, today
from tests.doors.cases.test_files_of_cases import WHY as LATER_CHECK
from tests.doors.cases.test_files_of_cases import approved_with_record, found
from tests.doors.corridor import Corridor, fresh_id, open_doors
from tests.doors.samples import provision
from tests.matrix import every

WHY = "ご請求の理由とされた事実が確認できないためです。"


def somebody(name: str) -> dict[str, str]:
    """A person of one test alone: a stop would reach the others."""
    return {"scheme": "member", "id": f"CNRY-{name}"}


def taken(*measures: str, outcome: str = "taken", **more: object) -> dict[str, Any]:
    made = [{"measure": one, "from_day": today()} for one in measures]
    return {"outcome": outcome, "measures": made, **more}


def known(corridor: Corridor, who: dict[str, str], kind: str = "provision_stop") -> Case:
    """A request for measures of which the person is known."""
    case = begun(corridor, kind=kind, identifiers=[who]).verified()
    return case.do(
        "person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )


def is_stopped(corridor: Corridor, who: dict[str, str]) -> bool:
    """Whether a provision of today about the person has a finding for that person."""
    recorded = corridor.record(provision(principals=[{**who, "name": NAME}]))
    return recorded.get("persons_with_findings") == 1


def test_a_stop_is_asked_for_approved_in_force_answered_and_delivered(corridor: Corridor) -> None:
    who = somebody("WHOLE-STOP")
    case = begun(corridor, kind="provision_stop", identifiers=[who])
    assert "without_delay" in case.read()["clocks"]
    case.verified()
    doors = ["documents", "resubmission", "person", "withdrawal", "death", "entry-mistake"]
    assert case.next == [*doors, "print-as"]
    person = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    assert case.ask("principal", person).code == "CASE_STATUS"
    case.do("person", person).do("measures", taken("provision_stopped"))
    assert case.last["outcome"] == "taken"
    case.do("submit")
    assert not is_stopped(corridor, who)
    case.approve()
    assert is_stopped(corridor, who)
    pdf = case.content("/reply.pdf")
    case.dispatch()
    assert case.content("/reply.pdf") == pdf
    case.do("delivery", {"delivered_on": today()})
    whole = case.read()
    assert (whole["status"], whole["search"]) == ("closed", None)
    assert whole["person"]["identifiers"] == [who]
    assert whole["decision"]["measures"] == [{"measure": "provision_stopped", "from_day": today()}]
    assert [one["outcome"] for one in whole["replies"]] == ["taken"]
    types = {one["type"] for one in whole["events"]}
    assert types >= {"case-person-identified", "case-measures-decided"}


def test_a_stop_that_was_cut_off_is_received_by_the_service_and_by_the_same_request(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> object:
        raise StoreUnavailableError

    with open_doors(database.urls) as corridor:
        watch = StopsWatch(cast("Services", corridor.app.state.services))
        for resumed_by in ("the service", "the same request"):
            who = somebody(resumed_by.upper().replace(" ", "-"))
            case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit")
            key = f'"{who["id"]}"'
            sent: dict[str, Any] = {"scopes": APPROVER, "by": "approver", "Idempotency_Key": key}
            with monkeypatch.context() as broken:
                broken.setattr(Persons, "direct", never)
                cut = case.ask("approve", **sent)
                assert (cut.status, watch.receive_stops()) == (503, 0)
            assert not is_stopped(corridor, who)
            if resumed_by == "the service":
                assert (watch.receive_stops(), watch.receive_stops()) == (1, 0)
                assert is_stopped(corridor, who)
            again = case.ask("approve", **sent)
            assert (again.status, again.body["status"]) == (200, "notice_ready")
            assert is_stopped(corridor, who)


FILES = ["reply.pdf", "records.json", "verify.txt"]


def files(case: Case) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        return {name: found.read(name) for name in found.namelist()}


# -- A stop that stands, and the letter that told it came back: the case does not end over it --


NOTE = {"note": "再送した書面も返戻。電話も通じない"}


def withdrawn() -> dict[str, str]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


NOT_TAKEN = {"outcome": "not_taken", "reason": "理由がない"}


def named(case: Case) -> Case:
    identifiers = case.read()["application"]["identifiers"]
    return case.do("person", {"identifiers": identifiers, "evidence": "会員番号が一致"})


def begun_for(corridor: Corridor) -> Case:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": NAME}]))
    return known(corridor, who)


def answered(corridor: Corridor) -> Case:
    """The person holds a letter by which nothing was done; the records are looked at again."""
    case = begun_for(corridor).do("measures", NOT_TAKEN).do("submit").approve().dispatch()
    return named(case.do("reopen", LATER_CHECK))


def told(corridor: Corridor) -> Case:
    """A supplement tells a stop, and is on its way."""
    return posted(answered(corridor).do("measures", taken("provision_stopped")))


def sent_anew(case: Case) -> Case:
    case = named(case.do("documents", look()).do("verification"))
    return posted(case.do("measures", taken("provision_stopped")))


def refused(case: Case, door: str, body: object = None) -> bool:
    before = case.read()["version"]
    answer = case.ask(door, body)
    assert (answer.status, answer.code) == (409, "STOP_STANDS"), answer.text
    return case.read()["version"] == before


def lifted(corridor: Corridor, case: Case) -> None:
    [who] = case.read()["application"]["identifiers"]
    body = {"principal": who, "kind": "provision_stopped", "reference": case.read()["number"]}
    corridor.officer("/v1/directives/lifted", {**body, "day": today()})


def test_a_stop_whose_letter_came_back_is_told_before_the_case_is_closed(
    corridor: Corridor,
) -> None:
    case = told(corridor).do("returned-mail", back())
    assert refused(case, "close")
    assert refused(case, "close", NOTE), "a note alone tells nobody"
    sent_anew(case).do("delivery", {"delivered_on": today()})
    assert case.status == "closed"


def test_what_was_sent_anew_and_came_back_too_is_closed_with_a_note(corridor: Corridor) -> None:
    case = sent_anew(told(corridor).do("returned-mail", back())).do("returned-mail", back())
    assert refused(case, "close")
    for nothing in (".", "なし", "…"):
        assert refused(case, "close", {"note": nothing}), "it does not say what was tried"
    case.do("close", NOTE)
    assert (case.status, case.read()["replies"][0]["returned"]) == ("closed", None)


def test_a_case_whose_every_letter_came_back_ends_as_any(corridor: Corridor) -> None:
    case = told(corridor).do("returned-mail", back())
    assert refused(case, "close")
    case.do("returned-mail", {**back(), "reply": 1}).do("close")
    assert case.status == "closed"


def test_a_letter_in_hand_that_tells_the_stop_is_enough(corridor: Corridor) -> None:
    case = begun_for(corridor).do("measures", taken("provision_stopped"))
    case.do("submit").approve().dispatch()
    again = named(case.do("reopen", LATER_CHECK)).do("measures", taken("provision_stopped"))
    posted(again).do("returned-mail", back())
    assert case.do("close").status == "closed"


@every("is_answered", [False, True])
def test_no_withdrawal_leaves_a_stop_behind_that_no_letter_tells(
    corridor: Corridor, *, is_answered: bool
) -> None:
    case = answered(corridor) if is_answered else begun_for(corridor)
    case.do("measures", taken("provision_stopped")).do("submit").approve()
    assert refused(case, "withdrawal", withdrawn()), "a letter that waits for the post tells nobody"
    case.do("return", {"reason": "決定の誤り"})
    assert refused(case, "withdrawal", withdrawn())
    lifted(corridor, case)
    assert case.do("withdrawal", withdrawn()).status == "withdrawn"


def test_a_stop_that_the_letter_in_hand_tells_outlives_a_withdrawal(corridor: Corridor) -> None:
    case = told(corridor).do("delivery", {"delivered_on": today()}).do("reopen", LATER_CHECK)
    assert case.do("withdrawal", withdrawn()).status == "withdrawn"


def test_a_withdrawal_after_the_letter_came_back_leaves_no_stop_untold(
    corridor: Corridor,
) -> None:
    case = told(corridor).do("returned-mail", back()).do("reopen", LATER_CHECK)
    assert refused(case, "withdrawal", withdrawn())
    case.do("documents", look())
    assert refused(case, "withdrawal", withdrawn())


# -- Which letter the post brings back, and what follows for a stop that no other letter tells --


def back() -> dict[str, str]:
    return {"returned_on": today(), "reason": "not_collected"}


SECOND = "123-45-67890-2"


def correct(corridor: Corridor, case: Case, record: str) -> None:
    """The record reads otherwise, and the read side knows."""
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{record}/corrections", change)
    [who] = case.read()["application"]["identifiers"]
    corridor.history((who["scheme"], who["id"]))


def posted(case: Case) -> Case:
    return case.do("submit").approve().dispatch(item_number=SECOND)


@every("comes_back", ["first", "then"])
def test_no_stop_is_left_behind_that_no_letter_told_because_one_came_back(
    corridor: Corridor, comes_back: str
) -> None:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": NAME}]))
    case = known(corridor, who).do("measures", {"outcome": "not_taken", "reason": "理由がない"})
    case.do("submit").approve().dispatch()
    if comes_back == "first":
        case.do("returned-mail", back())
    case.do("reopen", LATER_CHECK).do(
        "person", {"identifiers": [who], "evidence": "会員番号が一致"}
    )
    case.do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "決定の誤り"})
    if comes_back == "then":
        case.do("returned-mail", back())
    answer = case.ask("close")
    assert (answer.status, answer.code) == (409, "STOP_STANDS")


def first_back() -> dict[str, object]:
    return {**back(), "reply": 1}


def two_out(corridor: Corridor) -> Case:
    """A reply, and a supplement to it, both in the post."""
    case, record = approved_with_record(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    correct(corridor, case, record)
    return posted(found(case.do("reopen", LATER_CHECK)).do("decisions", {}))


def returned(case: Case) -> list[object]:
    return [one["returned"] for one in case.read()["replies"]]


def test_the_desk_says_which_letter_came_back(corridor: Corridor) -> None:
    case = two_out(corridor)
    case.do("returned-mail", first_back())
    assert (case.status, returned(case)) == ("dispatched", ["not_collected", None])
    assert case.read()["flags"] == ["SUPERSEDED"]
    assert case.read()["replies"][0]["delivered_on"] is None
    again = case.ask("returned-mail", first_back())
    assert (again.status, again.errors) == (422, {"/reply": "REPLY_CAME_BACK"})
    japanese = case.ask("returned-mail", first_back(), Accept_Language="ja")
    assert "すでに登録されています" in japanese.text
    case.do("delivery", {"delivered_on": today()})
    assert case.status == "closed"


# -- What was verified or approved and does not hold is looked at again, through the doors --


def test_nobody_submits_that_a_stop_was_not_taken_while_the_one_of_the_case_stands(
    corridor: Corridor,
) -> None:
    who = somebody("STANDS")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "決定の誤り"})
    case.do("measures", {"outcome": "not_taken", "reason": WHY})
    refused = case.ask("submit")
    assert (refused.status, refused.code) == (409, "STOP_STANDS")
    assert "/v1/directives/lifted" in refused.text
    assert is_stopped(corridor, who)
    # A stop that somebody else put in place is none of this case.
    other = {"principal": who, "kind": "opt_out_stop", "day": today()}
    corridor.officer("/v1/directives", other)
    stop = {"principal": who, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    assert case.do("submit").approve().dispatch().status == "dispatched"


def test_no_case_is_closed_again_over_a_stop_that_the_letter_in_hand_does_not_tell(
    corridor: Corridor,
) -> None:
    who = somebody("CLOSED-OVER")
    case = known(corridor, who).do("measures", {"outcome": "not_taken", "reason": WHY})
    case.do("submit").approve().dispatch().do("delivery", {"delivered_on": today()})
    case.do("reopen", {"reason": "再検討の結果"})
    assert "close" in case.next
    case.do("person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})
    case.do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "決定の誤り"})
    refused = case.ask("close", {})
    assert (refused.status, refused.code) == (409, "STOP_STANDS")
    stop = {"principal": who, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    assert case.do("close").status == "closed"


def test_a_stop_that_the_letter_still_tells_is_approved_again(corridor: Corridor) -> None:
    who = somebody("TOLD-AGAIN")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "宛名の誤り"}).do("documents", look()).do("verification")
    case.do("person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})
    again = taken("provision_stopped", outcome="taken")
    assert case.do("measures", again).do("submit").approve().status == "notice_ready"


def test_a_stop_that_is_found_after_the_submission_is_not_approved_over(
    corridor: Corridor,
) -> None:
    who, other = somebody("LINKED-STOP"), somebody("LINKED-STOP-TOO")
    pair = {"a": who, "b": other, "evidence": "同じ住所"}
    corridor.officer("/v1/links", pair)
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "決定の誤り"})
    corridor.officer("/v1/unlinks", pair)
    stop = {"kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", {**stop, "principal": who})
    case.do("measures", {"outcome": "not_taken", "reason": WHY})
    # Nobody is linked with the other identifier any more, and its stop still stands by this case.
    assert case.ask("submit").code == "STOP_STANDS"
    corridor.officer("/v1/directives/lifted", {**stop, "principal": other})
    assert case.ask("submit").code == "PERSON_CHANGED"
    case.do("person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})
    case.do("measures", {"outcome": "not_taken", "reason": WHY}).do("submit")
    again = {**stop, "principal": other, "reference": case.last["number"]}
    corridor.officer("/v1/directives", again)
    assert case.ask("approve", scopes=APPROVER, by="approver").code == "STOP_STANDS"
    corridor.officer("/v1/directives/lifted", {**stop, "principal": other})
    assert case.approve().status == "notice_ready"


def test_whoever_is_linked_after_the_person_was_named_is_looked_at_before_a_stop_reaches_them(
    corridor: Corridor,
) -> None:
    who, stranger = somebody("NAMED-ONCE"), somebody("LINKED-LATE")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit")
    corridor.officer("/v1/links", {"a": who, "b": stranger, "evidence": "同じ住所"})
    refused = case.ask("approve", scopes=APPROVER, by="approver")
    assert (refused.status, refused.code) == (409, "PERSON_CHANGED")
    assert not is_stopped(corridor, stranger)
    case.do("return", {"reason": "名寄せの変更"})
    case.do("person", {"identifiers": [who], "tried": [ABSENT], "evidence": "名寄せの資料を確認"})
    assert case.do("measures", taken("provision_stopped")).do("submit").approve().status == (
        "notice_ready"
    )
    assert is_stopped(corridor, stranger)


def test_a_record_that_names_somebody_else_since_the_person_was_named_is_looked_at_first(
    corridor: Corridor,
) -> None:
    who = somebody("UNKNOWN-THEN")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit")
    other = {**who, "name": OTHER_NAME}
    corridor.record(provision(principals=[other]))
    for language, words in (("en", "or a record came"), ("ja", "異なる氏名の記録が加わりました")):
        refused = case.ask("approve", scopes=APPROVER, by="approver", Accept_Language=language)
        assert (refused.status, refused.code) == (409, "PERSON_CHANGED")
        assert words in refused.text
    case.do("return", {"reason": "新しい記録"})
    assert case.ask("submit").code == "PERSON_CHANGED"
    assert not is_stopped(corridor, who)
    said = [{"identifier": who, "because": "婚姻により改姓"}]
    case.do("person", {"identifiers": [who], "evidence": "会員番号が一致", "names_differ": said})
    again = case.do("measures", taken("provision_stopped")).do("submit").approve()
    assert again.status == "notice_ready"


def test_whoever_is_linked_after_the_approval_is_not_reached_by_its_stop(
    corridor: Corridor,
) -> None:
    who, stranger = somebody("APPROVED-ONE"), somebody("LINKED-AFTERWARDS")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    pair = {"a": who, "b": stranger, "evidence": "同じ住所"}
    corridor.officer("/v1/links", pair)
    assert case.dispatch().status == "dispatched"
    corridor.officer("/v1/unlinks", pair)
    assert is_stopped(corridor, who)
    assert not is_stopped(corridor, stranger)


def test_no_letter_tells_a_stop_that_was_lifted_since_its_approval(corridor: Corridor) -> None:
    who, other = somebody("LIFTED-SINCE"), somebody("LIFTED-SINCE-TOO")
    corridor.officer("/v1/links", {"a": who, "b": other, "evidence": "同じ住所"})
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    stop = {"principal": other, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    post = {"dispatched_on": today(), "item_number": "123-45-67890-1"}
    refused = case.ask("dispatch", post)
    assert (refused.status, refused.code) == (409, "STOP_LIFTED"), refused.text
    # A stop from a later day is not the one that the letter tells.
    later = {**stop, "day": (date.fromisoformat(today()) + timedelta(days=1)).isoformat()}
    corridor.officer("/v1/directives", {**later, "reference": "電話"})
    assert case.ask("dispatch", post).code == "STOP_LIFTED"
    corridor.officer("/v1/directives", {**stop, "reference": "電話"})
    assert case.do("dispatch", post).status == "dispatched"


def test_a_letter_in_the_post_is_put_down_though_its_stop_was_lifted(corridor: Corridor) -> None:
    who = somebody("POSTED-LIFTED")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    stop = {"principal": who, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    post = {"dispatched_on": today(), "item_number": "123-45-67890-1"}
    assert case.ask("dispatch", post).code == "STOP_LIFTED"
    assert case.do("dispatch", {**post, "already_posted": True}).status == "dispatched"
    case.do("reopen", LATER_CHECK)
    case.do("person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})
    case.do("measures", {"outcome": "not_taken", "reason": WHY}).do("submit").approve()
    assert case.dispatch().status == "dispatched"


def test_what_tells_a_lifted_stop_is_sent_back_and_decided_anew(corridor: Corridor) -> None:
    who = somebody("SENT-BACK-LIFTED")
    case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit").approve()
    stop = {"principal": who, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    case.do("return", {"reason": "停止の解除"})
    case.do("measures", {"outcome": "not_taken", "reason": WHY}).do("submit").approve()
    assert case.dispatch().status == "dispatched"


def test_a_letter_to_the_right_person_does_not_tell_the_stop_of_the_wrong_one(
    corridor: Corridor,
) -> None:
    wrong, right = somebody("STOPPED-WRONGLY"), somebody("STOPPED-RIGHTLY")
    case = known(corridor, wrong).do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "本人の誤り"})
    case.do(
        "person", {"identifiers": [right], "tried": [wrong, ABSENT], "evidence": "会員番号が一致"}
    )
    case.do("measures", taken("provision_stopped"))
    assert case.ask("submit").code == "STOP_STANDS"
    stop = {"principal": wrong, "kind": "provision_stopped", "day": today()}
    corridor.officer("/v1/directives/lifted", stop)
    assert case.do("submit").approve().status == "notice_ready"
    assert is_stopped(corridor, right)
    assert not is_stopped(corridor, wrong)
