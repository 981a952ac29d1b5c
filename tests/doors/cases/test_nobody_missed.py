"""No record is said not to exist by a slip: names, minors, and what is answered with a decision."""

from typing import Any

import pytest

from tests.canary import NAME
from tests.doors.answering import NONE_OF_THE_OTHERS, SOMEBODY_ELSE
from tests.doors.cases.desk import ABSENT, ADDRESS, APPROVER, Case, begun
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision


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


def left_out(case: Case, mine: dict[str, str], *strangers: dict[str, str]) -> Answer:
    """The search that finds nobody but these, who are somebody else."""
    said = [{"identifier": one, "because": SOMEBODY_ELSE} for one in strangers]
    answer = search(case, {"tried": [mine, ABSENT], "left_out": said})
    if answer.status == 200:
        case.etag = answer.headers["etag"]
    return answer


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
