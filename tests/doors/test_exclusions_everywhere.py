"""A request to exclude or to lift is answered at every position of a ledger, and behind its end."""

from pathlib import Path
from typing import Any

from tests.canary import MEMBER
from tests.database import Database
from tests.doors.bulk_sending import inside_of, people, sent
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.keeping import DIES, Kept, opened
from tests.doors.samples import REMOVED, SOURCE, notice, provision
from tests.doors.test_exclusions import REASON, chief, send

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
