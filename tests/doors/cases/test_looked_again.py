"""What was verified or approved and does not hold is looked at again, through the doors."""

from tests.canary import OTHER_NAME
from tests.doors.cases.desk import ABSENT, APPROVER, look, today
from tests.doors.cases.test_measures import WHY, is_stopped, known, somebody, taken
from tests.doors.corridor import Corridor
from tests.doors.samples import provision


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


def test_the_stop_of_somebody_who_was_named_by_mistake_is_lifted_first(corridor: Corridor) -> None:
    wrong, right = somebody("MISTAKEN"), somebody("MEANT")
    case = known(corridor, wrong).do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "本人の誤り"})
    case.do(
        "person", {"identifiers": [right], "tried": [wrong, ABSENT], "evidence": "会員番号が一致"}
    )
    case.do("measures", {"outcome": "not_taken", "reason": WHY})
    assert case.ask("submit").code == "STOP_STANDS"


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
