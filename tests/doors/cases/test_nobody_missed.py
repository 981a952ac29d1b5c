"""No record is said not to exist by a slip: names, minors, and what is answered with a decision."""

from typing import Any

import pytest

from ledger.cases.points import KINDS
from tests.canary import NAME
from tests.doors.answering import NONE_OF_THE_OTHERS, POINTS, SOMEBODY_ELSE
from tests.doors.cases.desk import ABSENT, ADDRESS, APPROVER, DESK, Case, begun, today
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision
from tests.doors.test_exclusions import exclude, lift


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


# -- what is answered with the decision --------------------------------------------------------


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
