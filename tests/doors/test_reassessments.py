"""What arrives late: the work list of verdicts that would differ, and acting on it."""

from typing import Any

from tests.canary import NAME
from tests.doors.corridor import Corridor
from tests.doors.samples import notice, provision, today
from tests.doors.test_exclusions import exclude


def proposals(corridor: Corridor, limit: int = 2, *, key: str | None = None) -> list[Any]:
    """The whole list, page by page, read after everything that was written."""
    corridor.history(("member", "CNRY-NOBODY"))
    found: list[Any] = []
    cursor = ""
    while True:
        page = corridor.ask(
            "GET",
            f"/v1/reassessments?limit={limit}{cursor}",
            key=key or corridor.key("records:write"),
        )
        assert page.status == 200, page.text
        found += page.body["proposals"]
        assert len(page.body["proposals"]) <= limit
        if page.body["cursor"] is None:
            return found
        cursor = f"&cursor={page.body['cursor']}"


def of(corridor: Corridor, transfer: str) -> list[Any]:
    return [one for one in proposals(corridor) if one["transfer"] == transfer]


def test_a_late_stop_proposes_the_transfers_it_touches_and_is_acted_on(
    corridor: Corridor,
) -> None:
    person = {"scheme": "member", "id": "CNRY-LATE", "name": NAME}
    touched = corridor.record(provision(principals=[person]))
    other = corridor.record(provision(principals=[{"scheme": "member", "id": "CNRY-CALM"}]))
    stop = {
        "principal": {"scheme": "member", "id": "CNRY-LATE"},
        "kind": "consent_withdrawn",
        "day": today(),
    }
    late = corridor.officer("/v1/directives", stop)
    assert of(corridor, other["transfer"]) == []
    [proposal] = of(corridor, touched["transfer"])
    assert proposal["cause_position"] == late["position"]
    assert proposal["before"]["findings"] == []
    [person_] = proposal["persons"]
    assert (person_["scheme"], person_["id"], person_["before"]) == ("member", "CNRY-LATE", None)
    assert person_["after"]["findings"] == ["CONSENT_WITHDRAWN"]
    decision = {"cause_position": late["position"], "reason": "届出が遅れて届いた"}
    path = f"/v1/reassessments/{touched['transfer']}"
    corridor.officer(path, decision)
    assert of(corridor, touched["transfer"]) == []
    [entry] = corridor.history(("member", "CNRY-LATE"))["provisions"]
    assert entry["findings"] == ["CONSENT_WITHDRAWN"]
    [then] = corridor.history(("member", "CNRY-LATE"), as_of=late["position"])["provisions"]
    assert then["findings"] == []
    assert corridor.officer(path, decision, 409)["code"] == "NOTHING_TO_CHANGE"


def test_pages_of_any_size_are_one_list_without_doubles(corridor: Corridor) -> None:
    a, b = {"scheme": "member", "id": "CNRY-PA"}, {"scheme": "member", "id": "CNRY-PB"}
    sent = [provision(principals=[a]), provision(principals=[b]), provision(principals=[a, b])]
    touched = [corridor.record(data)["transfer"] for data in (*sent, *sent, *sent)]
    stop = {"kind": "consent_withdrawn", "day": today()}
    first = corridor.officer("/v1/directives", {**stop, "principal": a})["position"]
    second = corridor.officer("/v1/directives", {**stop, "principal": b})["position"]
    whole = proposals(corridor, 200)
    mine = [one for one in whole if one["transfer"] in touched]
    # Two causes touch every third transfer: it stands under the first one alone.
    by_cause = [(first, n) for n in (0, 2, 3, 5, 6, 8)] + [(second, n) for n in (1, 4, 7)]
    assert [(one["cause_position"], one["transfer"]) for one in mine] == [
        (cause, touched[n]) for cause, n in by_cause
    ]
    assert len({one["transfer"] for one in whole}) == len(whole)
    for limit in (1, 2, 3, 7):
        assert [_named(one) for one in proposals(corridor, limit)] == [_named(o) for o in whole]


def _named(proposal: dict[str, Any]) -> dict[str, Any]:
    """The proposal without the position as of which it was judged: looks move the head."""
    return {name: value for name, value in proposal.items() if name != "judged_at"}


def test_only_a_late_event_that_touches_the_transfer_is_its_cause(corridor: Corridor) -> None:
    who, other = {"scheme": "member", "id": "CNRY-CAUSE"}, {"scheme": "member", "id": "CNRY-ELSE"}
    stop = {"kind": "consent_withdrawn", "day": today()}
    early = corridor.officer("/v1/directives", {**stop, "principal": other})
    touched = corridor.record(provision(principals=[who]))
    path = f"/v1/reassessments/{touched['transfer']}"
    elsewhere = corridor.officer("/v1/directives", {**stop, "principal": {**other, "id": "CNRY-X"}})
    key = corridor.key("notices:write")
    published = corridor.ask("POST", "/v1/notices", notice(notice_id="ju-cause"), key=key).body
    late = corridor.officer("/v1/directives", {**stop, "principal": who})
    wrong = [
        early["position"],
        touched["position"],
        elsewhere["position"],
        published["position"],
        late["position"] + 1_000_000,
    ]
    for position in wrong:
        refused = corridor.officer(path, {"cause_position": position, "reason": "誤り"}, 422)
        assert refused["errors"] == [
            {
                "pointer": "/cause_position",
                "code": "NOT_A_CAUSE",
                "detail": "give the position of a late event that touches this transfer",
            }
        ]
    corridor.officer(path, {"cause_position": late["position"], "reason": "遅れた届出"})
    assert of(corridor, touched["transfer"]) == []


def test_what_came_late_for_a_hidden_person_is_the_cause_of_nothing_that_others_are_shown(
    corridor: Corridor,
) -> None:
    people = [{"scheme": "member", "id": f"CNRY-H{n}", "name": NAME} for n in (1, 2, 3)]
    touched = corridor.record(provision(principals=people))["transfer"]
    exclude(corridor, touched, principal={"scheme": "member", "id": "CNRY-H2"})
    hidden = corridor.officer("/v1/directives", stop("CNRY-H2"))["position"]
    assert of(corridor, touched) == []
    seen = corridor.officer("/v1/directives", stop("CNRY-H1"))["position"]
    [proposal] = of(corridor, touched)
    assert (proposal["cause_position"], named_in(proposal)) == (seen, ["CNRY-H1"])
    chief = corridor.key("records:write", "records:exclude", label="chief")
    [whole] = [one for one in proposals(corridor, key=chief) if one["transfer"] == touched]
    assert (whole["cause_position"], named_in(whole)) == (hidden, ["CNRY-H1", "CNRY-H2"])
    path, why = f"/v1/reassessments/{touched}", {"reason": "届出が遅れて届いた"}
    refused = corridor.officer(path, {"cause_position": hidden, **why}, 422)
    assert refused["errors"][0]["code"] == "NOT_A_CAUSE"
    corridor.officer(path, {"cause_position": seen, **why})
    assert of(corridor, touched) == []
    [entry] = corridor.history(("member", "CNRY-H3"))["provisions"]
    assert entry["findings"] == []


def stop(who: str) -> dict[str, Any]:
    principal = {"scheme": "member", "id": who}
    return {"principal": principal, "kind": "consent_withdrawn", "day": today()}


def named_in(proposal: dict[str, Any]) -> list[str]:
    return [one["id"] for one in proposal["persons"]]
