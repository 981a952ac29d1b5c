"""The public timelines, as far as they speak of histories: the lines a search would find.

Letters, flags and deletion runs come with the disclosure case. What a search finds is asked here:
the records of both sides, without what is withheld as a whole, in the order of the reply.
"""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    PublishNotice,
    ReceiveDirective,
    ReclassifyTransfer,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.streams.history import PROVISION, RECEIPT, HistoryEntry
from ledger.values import PrincipalRef
from tests.acceptance.folders import folder_of, searches
from tests.acceptance.reading import OWN_FOLDER, Case, read_folder
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside, inside

MARKS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = searches(folder_of(metafunc.config))
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])


class Story:
    """One timeline on a ledger of its own."""

    def __init__(self, case: Case, house: Inside) -> None:
        self.case = case
        self.house = house
        self.keys: dict[str, UUID] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.withheld: set[str] = set()
        self.notices: set[str] = set()
        self.marks = {
            step["key"]: MARKS[step["item"]]
            for step in case.given["steps"]
            if step["do"] == "exclude_order11"
        }
        # A dispatch that the case expects to be refused sends nothing.
        dispatches = case.expect.get("dispatches", [])
        self.refused = {one["at"] for one in dispatches if not one["dispatched"]}
        self.sent: Counter[str] = Counter()
        self.found: dict[tuple[str, int], list[str]] = {}

    def tell(self) -> dict[tuple[str, int], list[str]]:
        """(case, number of the reply) → keys of the lines of its search.

        Replies are numbered as they go out: a decision that is made anew before is none.
        """
        for step in self.case.given["steps"]:
            self.house.now = datetime.fromisoformat(step["at"]).astimezone(UTC)
            getattr(self, f"_{step['do']}", self._nothing)(step)
        return self.found

    def _nothing(self, step: dict[str, Any]) -> None:
        assert step["do"] in ("returned", "close", "exclude_order11", "erasure_request")

    def _dispatch(self, step: dict[str, Any]) -> None:
        self.sent[step["case"]] += step["at"] not in self.refused

    def _record(self, step: dict[str, Any]) -> None:
        for notice in step.get("notices", []):
            self._publish(self.case.notices[notice] if isinstance(notice, str) else notice)
        mark = MARKS.get(step.get("order11", ""), self.marks.get(step["key"], 0))
        outcome = self.house.record(step["key"], step["transfer"], mark)
        assert outcome.status == "recorded"
        self.keys[step["key"]] = outcome.transfer

    def _publish(self, notice: Any) -> None:  # noqa: ANN401 -- JSON
        if notice["notice_id"] in self.notices:
            return
        self.notices.add(notice["notice_id"])
        members = {key: value for key, value in notice.items() if key not in ("versions", "notes")}
        for version in notice.get("versions", [None]):
            command = PublishNotice(
                random_uuid(),
                ACTOR,
                notice["notice_id"],
                notice["kind"],
                members,
                version,
                records_unlawful=True,  # a story tells what was published, lawful or not
            )
            self.house.ledger.publish(command, self.house.now)

    def _correct(self, step: dict[str, Any]) -> None:
        command = CorrectTransfer(
            random_uuid(), ACTOR, self.keys[step["key"]], step["set"], step["reason"]
        )
        self.house.ledger.correct(command, self.house.now)

    def _reclassify(self, step: dict[str, Any]) -> None:
        changes = {**step.get("set", {}), "basis": step["basis"]}
        command = ReclassifyTransfer(
            random_uuid(), ACTOR, self.keys[step["key"]], changes, step["reason"]
        )
        self.house.ledger.correct(command, self.house.now)

    def _retract(self, step: dict[str, Any]) -> None:
        command = RetractTransfer(random_uuid(), ACTOR, self.keys[step["key"]], step["reason"])
        self.house.ledger.retract(command, self.house.now)

    def _link(self, step: dict[str, Any]) -> None:
        command = LinkIdentifiers(
            random_uuid(), ACTOR, ref(step["a"]), ref(step["b"]), step["evidence"]
        )
        self.house.ledger.link(command, self.house.now)

    def _unlink(self, step: dict[str, Any]) -> None:
        command = UnlinkIdentifiers(
            random_uuid(), ACTOR, ref(step["a"]), ref(step["b"]), step["evidence"]
        )
        self.house.ledger.link(command, self.house.now)

    def _rename(self, step: dict[str, Any]) -> None:
        command = RenamePrincipal(random_uuid(), ACTOR, ref(step["principal"]), step["name"])
        self.house.ledger.direct(command, self.house.now)

    def _stop(self, step: dict[str, Any]) -> None:
        day = date.fromisoformat(step["at"][:10])
        command = ReceiveDirective(random_uuid(), ACTOR, ref(step["principal"]), step["kind"], day)
        self.house.ledger.direct(command, self.house.now)

    def _request(self, step: dict[str, Any]) -> None:
        self.requests[step["case"]] = step

    def _withhold(self, step: dict[str, Any]) -> None:
        if step["part"] == "record":
            self.withheld.add(step["key"])

    def _decide(self, step: dict[str, Any]) -> None:
        request = self.requests[step["case"]]
        head = self.house.follow()
        who = [ref(step.get("principal", request["principal"]))]
        page = self.house.house.histories.page(who, head, None, 1_000)
        entries = [entry for entry in page.entries if entry.heading in (PROVISION, RECEIPT)]
        period = request.get("period")
        lines = [
            self._key(entry)
            for entry in sorted(entries, key=_order)
            if period is None or _touches(entry, period)
        ]
        n = self.sent[step["case"]] + 1
        self.found[step["case"], n] = [key for key in lines if key not in self.withheld]

    def _key(self, entry: HistoryEntry) -> str:
        return next(key for key, stream in self.keys.items() if stream == entry.transfer)


def ref(data: dict[str, str]) -> PrincipalRef:
    return PrincipalRef(data["scheme"], data["id"])


def _order(entry: HistoryEntry) -> tuple[bool, date, int]:
    """Provided before received; first day rising, undated last; order of arrival."""
    return (entry.heading == RECEIPT, entry.first_day or date.max, entry.position)


def _touches(entry: HistoryEntry, period: dict[str, str]) -> bool:
    first, last = entry.first_day, entry.last_day
    if first is None:
        return True
    begin, end = date.fromisoformat(period["from"]), date.fromisoformat(period["to"])
    return first <= end and (last is None or last >= begin)


def test_almost_every_timeline_is_told() -> None:
    assert len(searches(read_folder(OWN_FOLDER))) >= 26


def test_a_search_finds_the_lines_of_the_reply(case: Case, database: Database) -> None:
    with inside(database) as house:
        found = Story(case, house).tell()
    expected = cast("list[dict[str, Any]]", case.expect["replies"])
    assert found == {(reply["case"], reply["n"]): reply["lines"] for reply in expected}
