"""No record is said not to exist by a slip: names, minors, and what is answered with a decision."""

from typing import Any

import pytest

from ledger.cases.points import KINDS
from ledger.clock import day_in_japan, now
from tests.canary import NAME
from tests.database import Database
from tests.doors.answering import NONE_OF_THE_OTHERS, POINTS, SOMEBODY_ELSE
from tests.doors.cases.desk import (
    ABSENT,
    ADDRESS,
    APPROVER,
    DESK,
    POST_NUMBER,
    Case,
    begun,
    today,
)
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.emitting import Doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.doors.test_exclusions import exclude, lift
from tests.replying.desk import text_of


def birth_of_minor() -> dict[str, str]:
    return {"birth_date": f"{day_in_japan(now()).year - 17}-01-05"}


def member() -> dict[str, str]:
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def name_of(word: str) -> str:
    """A name that nobody else of these tests bears."""
    return f"{NAME} {word}"


def verified(corridor: Corridor, name: str, *who: dict[str, str], **changes: Any) -> Case:  # noqa: ANN401 -- members of a body
    form = {"name": name, "postal_code": "100-6150", "address": ADDRESS}
    form |= changes.pop("form", {})
    return begun(corridor, identifiers=list(who), form=form, **changes).verified()


def search(case: Case, body: dict[str, Any]) -> Answer:
    """The search as it is asked for, without the answers of these tests' officers."""
    asked = {"evidence": "照合した", **body}
    key = case.corridor.key("cases:read", "cases:write", label="officer")
    headers = {"If-Match": case.etag}
    return case.corridor.ask("POST", f"{case.path}/principal", asked, key=key, headers=headers)


@pytest.mark.parametrize("as_whose", ["identifiers", "tried"])
def test_a_wrong_digit_is_no_proof_that_nothing_exists(corridor: Corridor, as_whose: str) -> None:
    name = name_of(f"誤記{as_whose}")
    right, wrong = member(), member()
    corridor.record(provision(principals=[{**right, "name": name}]))
    case = verified(corridor, name, wrong)
    body: dict[str, Any] = {"tried": [ABSENT]}
    body[as_whose] = [wrong, *body.get(as_whose, [])]
    refused = search(case, body)
    assert (refused.status, refused.errors) == (422, {"/left_out": "CANDIDATE_NOT_DECIDED"})
    assert right["id"] not in refused.text
    candidates = case.ask("candidates", {"of_form": True}, If_Match=None).body["candidates"]
    assert [(one["matched"], one["asked"]) for one in candidates] == [("name", right)]
    # She is searched for under what the name found: her record is in the reply.
    case.do("principal", {"identifiers": [right], "tried": [wrong], "evidence": "会員登録を確認"})
    assert case.last["search"]["provided"] == 1
    assert case.do("decisions").last["outcome"] == "full_disclosure"


@pytest.mark.parametrize("spelled", ["フリガナ", "旧姓"])
def test_the_kana_and_a_former_name_are_searched_for_too(corridor: Corridor, spelled: str) -> None:
    name, other, who = name_of(f"現在{spelled}"), name_of(spelled), member()
    corridor.record(provision(principals=[{**who, "name": other}]))
    is_kana = spelled == "フリガナ"
    case = verified(corridor, name, member(), form={"name_kana": other} if is_kana else {})
    former = {} if is_kana else {"former_names": [other]}
    tried = [*case.read()["application"]["identifiers"], ABSENT]
    assert search(case, {"tried": tried, **former}).errors == {"/left_out": "CANDIDATE_NOT_DECIDED"}
    case.do("principal", {"tried": tried, "evidence": "該当なし", **former})
    assert case.read()["search"]["names_searched"] == [name, other]


def test_a_namesake_who_is_left_out_with_a_reason_is_shown_to_the_approver(
    corridor: Corridor,
) -> None:
    name, stranger, mine = name_of("同名"), member(), member()
    corridor.record(provision(principals=[{**stranger, "name": name}]))
    case = verified(corridor, name, mine)
    said = [{"identifier": stranger, "because": SOMEBODY_ELSE}]
    nobody = [{"identifier": member(), "because": "誰でもない"}]
    body = {"tried": [mine, ABSENT], "left_out": [*said, *nobody]}
    answer = search(case, body)
    assert answer.status == 200, answer.text
    case.etag = answer.headers["etag"]
    case.do("decisions").do("submit")
    whole = case.read(APPROVER, by="approver")
    kept = [{"identifier": stranger, "name": name, "because": SOMEBODY_ELSE}]
    assert whole["decision"]["outcome"] == "not_exist"
    assert whole["search"]["left_out"] == whole["submission"]["left_out"] == kept
    assert whole["search"]["tried"] == [mine, ABSENT]
    assert whole["submission"]["others_left_out"] is None
    assert case.approve().status == "notice_ready"


def test_whoever_is_excluded_or_bears_no_record_that_is_asked_for_needs_no_word(
    corridor: Corridor,
) -> None:
    name = name_of("除外")
    chief = corridor.key("events:write", "records:exclude", source=SOURCE, label="chief")
    item = {"source": SOURCE, "id": fresh_id(), "order_11": "ii"}
    hidden = {**item, "data": provision(principals=[{**member(), "name": name}])}
    sent = corridor.ask("POST", "/v1/transfers", {"items": [hidden]}, key=chief)
    assert sent.status == 200, sent.text
    corridor.record(provision(principals=[{**member(), "name": name}]))
    bodies: list[dict[str, Any]] = []
    for searched in (name, name_of("誰もいない")):
        mine = member()
        case = verified(corridor, searched, mine, provided=False)
        answer = search(case, {"tried": [mine, ABSENT]})
        assert answer.status == 200, answer.text
        found = case.read()["search"]
        bodies.append({n: one for n, one in found.items() if n not in ("as_of", "tried")})
    assert [one.pop("names_searched") for one in bodies] == [[name], [name_of("誰もいない")]]
    assert bodies[0] == bodies[1]


def test_more_namesakes_than_are_listed_need_one_reason_for_the_rest(corridor: Corridor) -> None:
    name, mine = name_of("多数"), member()
    many = [{**member(), "name": name} for _ in range(51)]
    corridor.record(provision(principals=many))
    case = verified(corridor, name, mine)
    found = case.ask("candidates", {"of_form": True}, If_Match=None).body
    assert (len(found["candidates"]), found["more"]) == (50, True)
    listed = [{"identifier": one["asked"], "because": "別人"} for one in found["candidates"]]
    body = {"tried": [mine, ABSENT], "left_out": listed}
    assert search(case, body).errors == {"/others_left_out": "CANDIDATES_NOT_NARROWED"}
    assert search(case, {**body, "others_left_out": NONE_OF_THE_OTHERS}).status == 200
    assert case.read()["search"]["others_left_out"] == NONE_OF_THE_OTHERS


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [(birth_of_minor(), True), ({"birth_date": "1980-01-05"}, False), ({}, False)],
)
def test_a_minor_who_asks_in_their_own_name_is_shown_as_such(
    corridor: Corridor, changes: dict[str, str], *, is_told: bool
) -> None:
    case = verified(corridor, name_of("未成年"), member(), **changes)
    tried = [*case.read()["application"]["identifiers"], ABSENT]
    case.do("principal", {"tried": tried, "evidence": "該当なし"}).do("decisions")
    assert ("MINOR_IN_OWN_NAME" in case.read()["warnings"]) is is_told
    case.do("submit")
    shown = case.read(APPROVER, by="approver")["warnings"]
    assert ("MINOR_IN_OWN_NAME" in shown) is is_told


# -- what is answered with the decision --------------------------------------------------------


def with_finding(corridor: Corridor, word: str) -> Case:
    """A case with a record that has a finding."""
    name, mine = name_of(word), member()
    corridor.record(provision(principals=[{**mine, "name": name}], consent={"obtained": False}))
    return identified(corridor, name, mine)


def with_rejected(corridor: Corridor, word: str) -> Case:
    """A case of somebody whom a rejected item names, by an identifier or by the name."""
    name, mine = name_of(word), member()
    principals = [{"scheme": "member", "id": "CNRY-x", "name": name}] if "氏名" in word else [mine]
    reject(corridor, principals)
    return identified(corridor, name, mine)


def reject(corridor: Corridor, principals: object, **mark: str) -> None:
    data = provision(items=[], principals=principals)
    scopes = ("events:write", "records:exclude") if mark else ("events:write",)
    key = corridor.key(*scopes, source=SOURCE, label="chief" if mark else "emitter")
    item = {"source": SOURCE, "id": fresh_id(), "data": data, **mark}
    answer = corridor.ask("POST", "/v1/transfers", {"items": [item]}, key=key)
    assert answer.status == 422, answer.text


def identified(corridor: Corridor, name: str, mine: dict[str, str]) -> Case:
    case = verified(corridor, name, mine)
    return case.do(
        "principal", {"identifiers": [mine], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )


MADE = {"findings": with_finding, "quarantine": with_rejected, "quarantine 氏名": with_rejected}


@pytest.mark.parametrize("word", MADE)
def test_a_point_without_an_answer_keeps_the_decision_back(corridor: Corridor, word: str) -> None:
    kind = word.partition(" ")[0]
    case = MADE[word](corridor, word)
    [point] = case.read()["points"]
    assert (point["point"], point["count"], point["answer"]) == (kind, 1, None)
    refused = case.ask("decisions", {"points": {}})
    expected = {f"/points/{kind}": "POINT_NOT_ANSWERED"}
    assert (refused.status, refused.errors) == (422, expected)
    said = {"influence": False, "because": "確認した"}
    other = {**said, "digest": "ab" * 32}
    changed = case.ask("decisions", {"points": {kind: other}})
    assert changed.errors == {f"/points/{kind}/digest": "POINT_CHANGED"}
    case.do("decisions", {"points": {kind: {**said, "digest": point["digest"]}}}).do("submit")
    whole = case.read(APPROVER, by="approver")
    [answered] = whole["points"]
    assert {**said, "by": answered["answer"]["by"]} == answered["answer"]
    assert answered["answer"]["by"] == whole["submission"]["preparers"][0]
    [kept] = whole["decision"]["points"]
    assert (kept["digest"], kept["because"]) == (point["digest"], "確認した")
    assert case.approve().status == "notice_ready"


def test_an_answer_where_nothing_is_to_be_answered_is_not_kept(corridor: Corridor) -> None:
    case = identified(corridor, name_of("何もない"), member())
    assert case.read()["points"] == []
    case.do("decisions", {"points": POINTS})
    assert "points" not in case.read()["decision"]
    assert set(POINTS) == set(KINDS)


def test_a_rejected_item_that_comes_after_the_decision_makes_it_stale(corridor: Corridor) -> None:
    name, mine = name_of("後から隔離"), member()
    case = identified(corridor, name, mine).do("decisions").do("submit")
    reject(corridor, [{**member(), "name": name_of("他人")}])
    reject(corridor, [mine], order_11="ii")
    reject(corridor, [mine])
    assert case.ask("approve", scopes=APPROVER, by="approver").code == "STALE_APPROVAL"
    case.do("return", {"reason": "隔離中のデータの確認"}, scopes=APPROVER, by="approver")
    assert case.ask("submit").code == "STALE_APPROVAL"
    [point] = case.read()["points"]
    assert (point["point"], point["count"]) == ("quarantine", 1)
    assert case.do("decisions").do("submit").approve().status == "notice_ready"


def test_days_that_nobody_declared_are_answered_and_told_in_the_letter(
    database: Database,
) -> None:
    # An emitter of the shared ledger would have days to answer for in every other case.
    with open_doors(database.urls) as corridor:
        doors = Doors(corridor)
        doors.register(since=doors.day(20))
        doors.declare(20, 3)
        case = identified(corridor, name_of("網羅"), member())
        [point] = case.read()["points"]
        gap = f"{doors.day(2)}/{doors.day(1)}"
        assert [one["subject"] for one in point["subjects"]] == [gap]
        assert case.ask("decisions", {"points": {}}).errors == {
            "/points/coverage": "POINT_NOT_ANSWERED"
        }
        case.do("decisions", {"points": {"coverage": POINTS["coverage"]}}).do("submit")
        case.approve()
        whole = case.read(APPROVER, by="approver")
        assert whole["points"][0]["answer"]["influence"] is False


def late(corridor: Corridor, who: dict[str, str], name: str) -> None:
    """A record of somebody that was made before the search, and comes after it."""
    made = {"recorded_on": "2026-11-20", "transferred_on": "2026-11-20"}
    corridor.record(provision(principals=[{**who, "name": name}], **made))
    corridor.history((who["scheme"], who["id"]))


def test_a_late_record_by_what_was_tried_is_seen_before_and_after_the_reply(
    corridor: Corridor,
) -> None:
    name, mine, strange = name_of("遅着"), member(), member()
    corridor.record(provision(principals=[{**strange, "name": name_of("別")}]))
    tried = {"tried": [mine, strange, ABSENT], "not_the_person": "家族の番号"}
    case = verified(corridor, name, mine).do("principal", {**tried, "evidence": "該当なし"})
    case.do("decisions", {})
    late(corridor, strange, name_of("別"))
    case.do("submit")
    late(corridor, mine, name)
    refused = case.ask("approve", scopes=APPROVER, by="approver")
    assert (refused.status, refused.code) == (409, "STALE_APPROVAL")
    other = verified(corridor, name, mine := member())
    other.do("principal", {"tried": [mine, ABSENT], "evidence": "該当なし", "left_out": []})
    other.do("decisions", {}).do("submit").approve().dispatch()
    assert other.read()["flags"] == []
    late(corridor, mine, name_of("遅着後"))
    assert other.read()["flags"] == ["REOPENED"]


def left_out(case: Case, mine: dict[str, str], *strangers: dict[str, str]) -> Answer:
    """The search that finds nobody but these, who are somebody else."""
    said = [{"identifier": one, "because": SOMEBODY_ELSE} for one in strangers]
    answer = search(case, {"tried": [mine, ABSENT], "left_out": said})
    if answer.status == 200:
        case.etag = answer.headers["etag"]
    return answer


def test_a_namesake_whose_record_comes_late_is_decided_on_before_anything_goes_out(
    corridor: Corridor,
) -> None:
    name, mine = name_of("後から同名"), member()
    case = verified(corridor, name, mine)
    strangers: list[dict[str, str]] = []

    def another_comes() -> None:
        strangers.append(member())
        late(corridor, strangers[-1], name)

    assert left_out(case, mine).status == 200
    done: list[str] = []
    for door in ("decisions", "submit", "approve"):
        another_comes()
        who: dict[str, Any] = {"scopes": APPROVER, "by": "approver"} if door == "approve" else {}
        refused = case.ask(door, **who)
        assert (refused.status, refused.code) == (409, "STALE_APPROVAL"), door
        assert strangers[-1]["id"] not in refused.text
        assert case.read()["flags"] == ([] if door == "decisions" else ["DECISION_VOID"])
        if door == "approve":
            case.do("return", {"reason": "同名の方の確認"}, **who)
        refused = left_out(case, mine, *strangers[:-1])
        assert refused.errors == {"/left_out": "CANDIDATE_NOT_DECIDED"}
        assert left_out(case, mine, *strangers).status == 200
        done.append(door)
        for step in done[:2]:
            case.do(step)
    case.approve()
    another_comes()
    assert case.read()["flags"] == ["DECISION_VOID"]
    posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
    assert case.ask("dispatch", posted).code == "STALE_APPROVAL"
    case.do("return", {"reason": "同名の方の確認"}, scopes=APPROVER, by="approver")
    assert left_out(case, mine, *strangers).status == 200
    case.do("decisions").do("submit").approve().dispatch()
    # The reply that went out reads as it did: a name is no identifier of the person.
    another_comes()
    assert case.read()["flags"] == []


HIDDEN = ("nothing", "marked", "excluded", "excluded and lifted", "not of that time")


def test_a_namesake_who_is_hidden_or_comes_later_moves_nothing(corridor: Corridor) -> None:
    seen: dict[str, list[object]] = {}
    for happens in HIDDEN:
        name, mine, stranger = name_of(f"隠れ{happens}"), member(), member()
        case = verified(corridor, name, mine)
        assert left_out(case, mine).status == 200
        case.do("decisions")
        made = happens == "nothing" or come_hidden(corridor, {**stranger, "name": name}, happens)
        told: list[object] = [case.read()["flags"]]
        for door in ("submit", "approve"):
            by = ("approver", APPROVER) if door == "approve" else ("officer", DESK)
            answer = case.ask(door, by=by[0], scopes=by[1])
            case.etag = answer.headers["etag"]
            told += [answer.status, answer.body["status"], case.read()["flags"]]
        seen[happens] = [*told, sorted(case.dispatch().read())]
        if happens == "excluded":
            assert lift(corridor, made).status == 200, "the ledger is shared"
    assert seen == dict.fromkeys(HIDDEN, seen["nothing"])
    assert seen["nothing"][0] == []


def come_hidden(corridor: Corridor, who: dict[str, str], happens: str) -> str:
    """A record of somebody that is hidden from them, or made after the search."""
    day = today() if happens == "not of that time" else "2026-11-20"
    scopes = ("events:write", "records:exclude")
    key = corridor.key(*scopes, source=SOURCE, label="chief")
    made = provision(principals=[who], recorded_on=day, transferred_on=day)
    item = {"source": SOURCE, "id": fresh_id(), "data": made}
    item |= {"order_11": "ii"} if happens == "marked" else {}
    sent = corridor.send(item, key=key)
    assert sent.status == 200, sent.text
    transfer: str = sent.body["results"][0]["transfer"]
    if happens.startswith("excluded"):
        exclude(corridor, transfer)
    if happens.endswith("lifted"):
        lift(corridor, transfer)
    corridor.history((who["scheme"], who["id"]))
    return transfer


def test_nothing_is_said_not_to_exist_while_a_rejected_item_is_said_to_bear_on_it(
    corridor: Corridor,
) -> None:
    case = with_rejected(corridor, "quarantine 影響")
    said = {"influence": True, "because": "修復を待っている"}
    refused = case.ask("decisions", {"points": {"quarantine": said}})
    expected = {"/points/quarantine/influence": "POINT_NOT_RESOLVED"}
    assert (refused.status, refused.errors) == (422, expected)
    [error] = refused.body["errors"]
    assert "have it repaired or discarded" in error["detail"]
    assert case.read()["decision"] is None
    case.do("decisions", {"points": {"quarantine": {**said, "influence": False}}}).do("submit")
    assert case.approve().status == "notice_ready"


@pytest.mark.parametrize("by", ["identifiers", "tried"])
def test_a_repaired_item_that_waited_at_the_search_is_seen(corridor: Corridor, by: str) -> None:
    name, mine = name_of(f"修復{by}"), member()
    persons = [{**mine, "name": name}]
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[], principals=persons)}
    kept = corridor.send(item).body["quarantine"]
    case = verified(corridor, name, mine)
    asked = (
        {"identifiers": [mine], "tried": [ABSENT]}
        if by == "identifiers"
        else {"tried": [mine, ABSENT]}
    )
    case.do("principal", {**asked, "evidence": "該当なし"})
    answers = {"points": {"quarantine": {"influence": False, "because": "別の方の記録である"}}}
    case.do("decisions", answers).do("submit")
    repaired = {**item, "data": provision(principals=persons)}
    key = corridor.key("quarantine:write", label="keeper")
    path = f"/v1/quarantine/{kept}/repair"
    assert corridor.ask("POST", path, repaired, key=key).status == 200
    corridor.history(("member", mine["id"]))
    refused = case.ask("approve", scopes=APPROVER, by="approver")
    assert (refused.status, refused.code) == (409, "STALE_APPROVAL")


def told_of(case: Case, kinds: list[str]) -> str:
    """The letter of a case in which nothing is found and each of these points is answered."""
    points = case.read()["points"]
    assert [one["point"] for one in points] == kinds
    assert [[each["subject"] for each in one["subjects"]] for one in points] == (
        [["unregistered"]] if kinds else []
    )
    case.do("decisions", {"points": {kind: POINTS[kind] for kind in kinds}}).do("submit")
    text = text_of(case.approve().content("/reply.pdf"))
    assert ("すべてから送信完了" in text) is not bool(kinds)
    return text


NOT_ALL = "記録を送信するシステムの一部からは、送信完了の申告を受けていません。"


def test_who_sends_without_registration_is_answered_and_the_letter_claims_no_completeness(
    database: Database,
) -> None:
    with open_doors(database.urls) as corridor:
        doors = Doors(corridor)
        doors.register(since=doors.day(20))
        doors.declare(20, 1)
        told_of(identified(corridor, name_of("登録済み"), member()), [])
        before = identified(corridor, name_of("送信の前"), member())
        key = corridor.key("events:write", source=OTHER_SOURCE)
        item = {"source": OTHER_SOURCE, "id": fresh_id(), "data": provision()}
        assert corridor.send(item, key=key).status == 200
        assert NOT_ALL in told_of(identified(corridor, name_of("未登録"), member()), ["coverage"])
        coverage = doors.coverage()
        assert (coverage["is_complete"], NOT_ALL in coverage["letter"][0]) == (False, True)
        # As of its search nothing was known of the other source.
        told_of(before, [])


def test_records_of_days_before_the_registration_are_answered_and_told_in_the_letter(
    database: Database,
) -> None:
    with open_doors(database.urls) as corridor:
        doors = Doors(corridor)
        doors.register(since=doors.day(3))
        doors.declare(3, 1)
        old = doors.day(60)
        corridor.record(provision(transferred_on=old, recorded_on=old))
        case = identified(corridor, name_of("登録前"), member())
        assert NOT_ALL in told_of(case, ["coverage"])
        assert doors.coverage()["is_complete"] is False
        assert doors.coverage(f"?from={doors.day(3)}")["is_complete"] is True
        doors.register(since=doors.day(90))
        doors.declare(90, 1)
        told_of(identified(corridor, name_of("登録後"), member()), [])
