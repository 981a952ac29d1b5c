"""A record that is excluded for one of its persons, at the doors: the others lose nothing by it."""

from pathlib import Path
from typing import Any

from ledger.exclusions.excluded_persons import PARTED_MAX
from tests.canary import MEMBER
from tests.database import Database
from tests.doors.bulk_sending import inside_of, people, sent
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.keeping import DIES, Kept, opened
from tests.doors.samples import REMOVED, SOURCE, notice, provision, today
from tests.doors.test_exclusions import REASON, ask_to_lift, chief, exclude, lift, listed, send

Record = dict[str, Any]


def recorded(corridor: Corridor, *people: str, **more: Any) -> Record:  # noqa: ANN401 -- members
    principals = [{"scheme": "member", "id": one, "name": f"見本 {one}"} for one in people]
    return corridor.record(provision(principals=principals, **more))


def of(who: str) -> dict[str, str]:
    return {"scheme": "member", "id": who}


def told(corridor: Corridor, who: str) -> str:
    """What a history says, without who was asked for and where the looks stand."""
    answer = corridor.history(("member", who))
    kept = {name: value for name, value in answer.items() if name not in ("as_of", *LOOKS)}
    return str(kept).replace(who, "?")


LOOKS = ("viewed_at_position", "position", "cursor")


def seen(corridor: Corridor, transfer: str, key: str) -> dict[str, Any]:
    answer = corridor.ask("GET", f"/v1/transfers/{transfer}?reason=inspection", key=key)
    assert answer.status == 200, answer.text
    return answer.body


def names_in(shown: dict[str, Any]) -> list[str]:
    return [one["id"] for one in shown["data"].get("principals", [])]


def test_the_others_are_told_the_same_and_the_one_as_nobody(corridor: Corridor) -> None:
    one = recorded(corridor, "CNRY-O1", "CNRY-O2", "CNRY-O3")["transfer"]
    before = [told(corridor, who) for who in ("CNRY-O1", "CNRY-O2", "CNRY-O3")]
    answer = exclude(corridor, one, principal=of("CNRY-O2"))
    assert answer.status == 200, answer.text
    [entry] = [entry for entry in listed(corridor) if entry["transfer"] == one]
    assert len(entry["person"]) == 32
    assert [told(corridor, who) for who in ("CNRY-O1", "CNRY-O3")] == [before[0], before[2]]
    assert told(corridor, "CNRY-O2") == told(corridor, "CNRY-O9")
    waiting = ask_to_lift(corridor, one, person=entry["person"])
    assert len(waiting.body["waiting"]) == 1
    assert told(corridor, "CNRY-O2") == told(corridor, "CNRY-O9")
    assert ask_to_lift(corridor, one, by="second", person=entry["person"]).body["waiting"] == []
    assert told(corridor, "CNRY-O2") == before[1]


def test_an_officer_sees_the_transfer_without_the_hidden_person(corridor: Corridor) -> None:
    one = recorded(corridor, "CNRY-T1", "CNRY-T2", "CNRY-T3")["transfer"]
    officer = corridor.key("records:write", label="officer")
    exclude(corridor, one, principal=of("CNRY-T2"))
    shown = seen(corridor, one, officer)
    assert (names_in(shown), shown["persons"]) == (["CNRY-T1", "CNRY-T3"], 2)
    whole = seen(corridor, one, chief(corridor))
    assert (names_in(whole), whole["persons"]) == (["CNRY-T1", "CNRY-T2", "CNRY-T3"], 3)
    own = corridor.ask("GET", f"/v1/transfers/{one}", key=corridor.emitter).body
    assert names_in(own) == ["CNRY-T1", "CNRY-T2", "CNRY-T3"]
    exclude(corridor, one, principal=of("CNRY-T1"))
    assert names_in(seen(corridor, one, officer)) == ["CNRY-T3"]
    exclude(corridor, one, principal=of("CNRY-T3"))
    path = f"/v1/transfers/{one}?reason=inspection"
    assert corridor.ask("GET", path, key=officer).status == 404, "nobody is left whom it shows"


def test_it_is_said_what_a_request_does_not_say_rightly(corridor: Corridor) -> None:
    one = recorded(corridor, "CNRY-W1", "CNRY-W2")["transfer"]
    wrong = [
        exclude(corridor, one, principal=of("CNRY-W9")),
        exclude(corridor, one, principal=of("CNRY-W1"), for_all_persons=True),
        exclude(corridor, one, person="0" * 32),
        ask_to_lift(corridor, one, person="0" * 32, for_all_persons=True),
    ]
    assert [(answer.status, answer.errors) for answer in wrong] == [
        (422, {"/principal": "PRINCIPAL_NOT_NAMED"}),
        (422, {"/principal": "SAYS_FOR_WHOM_TWICE"}),
        (422, {"/person": "PERSON_NOT_WANTED"}),
        (422, {"/person": "SAYS_FOR_WHOM_TWICE"}),
    ]
    assert ask_to_lift(corridor, one, principal=of("CNRY-W1")).code == "DOES_NOT_STAND"


def test_of_no_more_records_than_can_be_read_is_one_shown_what_is_excluded_for_all(
    corridor: Corridor,
) -> None:
    people = [{**of(who), "name": "見本"} for who in ("CNRY-P1", "CNRY-P2")]
    items = [
        {"source": SOURCE, "id": fresh_id(), "data": provision(principals=people)}
        for _ in range(PARTED_MAX + 1)
    ]
    positions = [one["position"] for one in corridor.send(*items).body["results"]]
    whole = {"first": positions[0], "last": positions[-1]}
    assert exclude(corridor, positions=[whole], for_all_persons=True).status == 200
    refused = ask_to_lift(corridor, positions=[whole], principal=of("CNRY-P1"))
    assert (refused.status, refused.errors) == (422, {"/principal": "LIFT_OF_MANY"})
    fewer = {**whole, "last": positions[-2]}
    assert lift(corridor, positions=[fewer], principal=of("CNRY-P1")).body["waiting"] == []
    found = corridor.history(("member", "CNRY-P1"), limit=200)["provisions"]
    assert len(found) == PARTED_MAX
    assert corridor.history(("member", "CNRY-P2"))["provisions"] == []
    lift(corridor, positions=[whole], for_all_persons=True)


def test_nothing_that_was_done_for_the_hidden_person_alone_is_among_the_events(
    corridor: Corridor,
) -> None:
    one = recorded(corridor, "CNRY-E1", "CNRY-E2", "CNRY-E3")["transfer"]
    officer = corridor.key("records:write", label="officer")
    exclude(corridor, one, principal=of("CNRY-E2"))
    before = but_the_look(seen(corridor, one, officer))

    def done(path: str, body: dict[str, Any]) -> None:
        answer = corridor.ask("POST", path, body, key=chief(corridor))
        assert answer.status == 200, answer.text
        assert but_the_look(seen(corridor, one, officer)) == before, path

    late = {"principal": of("CNRY-E2"), "kind": "consent_withdrawn", "day": today()}
    cause = corridor.officer("/v1/directives", late)["position"]
    done(f"/v1/reassessments/{one}", {"cause_position": cause, "reason": "遅れた届出"})
    found = {"codes": ["CONSENT_WITHDRAWN"], "action": "stopped", "reason": "停止した"}
    done(f"/v1/transfers/{one}/findings/settled", found)
    people = [{**of(who), "name": f"見本 {who}"} for who in ("CNRY-E1", "CNRY-E3")]
    change = {"changes": {"principals": people}, "reason": "別人"}
    done(f"/v1/transfers/{one}/corrections", change)


def but_the_look(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name != "viewed_at_position"}


# -- at every position of a ledger, and behind its end --


WHOM: tuple[dict[str, Any], ...] = (
    {},
    {"for_all_persons": True},
    {"principal": {"scheme": "member", "id": MEMBER}},
)
EXCLUDE = {"action": "exclude", "ground": "i", "reason": REASON}
LIFT = {"action": "lift", "reason": REASON}
HERE = {
    "provision-recorded",
    "principals-appended",
    "transfer-completed",
    "transfer-corrected",
    "transfer-retracted",
    "record-carried-forward",
    "records-expired",
    "directive-received",
    "identifiers-linked",
    "notice-published",
    "exclusions-sealed",
    "hold-placed",
    "history-viewed",
}


def _filled(kept: Kept) -> None:
    """Records that live, that were changed, copied and destroyed, and what else a log holds."""
    corridor, day = kept.corridor, kept.clock.day.isoformat()
    kept.record()  # dies
    held = kept.record(principals=_members("CNRY-H", MEMBER))
    kept.corridor.officer("/v1/holds", {"transfer": held["transfer"], "reason": "訴訟"})
    kept.on(DIES)
    kept.plan()
    kept.followed()
    assert kept.told("POST", "/expiries", {})["carried"] == 1
    _changed(corridor, kept.clock.day.isoformat())
    marking = corridor.key("events:write", "records:exclude", source=SOURCE)
    marked = {"source": SOURCE, "id": fresh_id(), "data": provision(transferred_on=day)}
    assert corridor.send({**marked, "order_11": "ii"}, key=marking).status == 200
    data = provision(transferred_on=day, principals=REMOVED)
    sent(corridor, [*people(1_001, "CNRY-B"), *_members(MEMBER)], data=data)
    inside = inside_of(corridor)
    assert inside.exclusions.repeat(inside.now(), "k" * 32).position is not None


def _changed(corridor: Corridor, day: str) -> None:
    one, two = (corridor.record(provision(transferred_on=day))["transfer"] for _ in range(2))
    change = {"changes": {"items": ["氏名"]}, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{one}/corrections", change)
    corridor.officer(f"/v1/transfers/{two}/retraction", {"reason": "duplicate"})
    [member, other] = _members(MEMBER, "CNRY-L")
    corridor.officer("/v1/links", {"a": member, "b": other, "evidence": "同一人"})
    stop = {"principal": member, "kind": "consent_withdrawn", "day": day}
    corridor.officer("/v1/directives", stop)
    key = corridor.key("notices:write")
    assert corridor.ask("POST", "/v1/notices", notice(), key=key).status == 200


def _span(position: int) -> dict[str, int]:
    return {"first": position, "last": position}


def _members(*ids: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": one} for one in ids]


def test_every_position_may_be_named_and_none_is_an_error_of_the_server(
    database: Database, tmp_path: Path
) -> None:
    with opened(database, tmp_path / "journal") as kept:
        _filled(kept)
        corridor = kept.corridor
        topics = dict(corridor.fetch("SELECT notification_id, topic FROM ledger.events"))
        assert HERE.issubset(topics.values())
        wrong = [
            (topics.get(position), asked, answer.status)
            for position in (*topics, corridor.head() + 1_000, 2**53)
            for whom in WHOM
            for asked in ({**EXCLUDE, **whom}, {**LIFT, **whom})
            for by in ("chief", "second")
            for answer in [send(corridor, {**asked, "positions": [_span(position)]}, by)]
            if answer.status not in (409, 422)
            and (answer.status != 200 or topics.get(position) != "provision-recorded")
        ]
        assert wrong == []
        assert corridor.ask("GET", "/v1/exclusions", key=chief(corridor)).status == 200
