"""Audit bags at the doors: one person asks, another approves, and nobody else knows of it."""

from uuid import UUID

import pytest

from ledger.commands import ProduceAuditBag
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import DoesNotStandError
from ledger.format.events import AuditBagApproved, AuditBagProduced, AuditBagRequested
from ledger.service import CommandReceipt, Ledger
from tests.doors.corridor import Corridor
from tests.doors.exporting import inside_of
from tests.ledger.given import ACTOR

PATH = "/v1/audit-bags"
WHY = "委員会の立入検査"


def first(corridor: Corridor) -> str:
    return corridor.key("audit:export", label="first")


def second(corridor: Corridor) -> str:
    return corridor.key("audit:export", label="second")


def asked(corridor: Corridor) -> str:
    answer = corridor.ask("POST", PATH, {"reason": WHY}, key=first(corridor))
    assert answer.status == 200, answer.text
    return answer.body["audit_bag"]


def produced(corridor: Corridor, bag: str) -> CommandReceipt:
    inside = inside_of(corridor)
    command = ProduceAuditBag(random_uuid(), ACTOR, UUID(bag), 1, 0, bytes(32))
    return inside.group.call(lambda ledger, at: ledger.audit_bags.produced(command, at))


def test_two_persons_are_needed_and_a_bag_is_made_once(corridor: Corridor) -> None:
    bag = asked(corridor)
    place = f"{PATH}/{bag}"
    with pytest.raises(DoesNotStandError):
        produced(corridor, bag)
    alone = corridor.ask("POST", f"{place}/approve", key=first(corridor))
    assert (alone.status, alone.body["code"]) == (403, "SEPARATION_OF_DUTIES")
    shown = corridor.ask("GET", place, key=second(corridor)).body
    assert (shown["reason"], shown["approved"]) == (WHY, None)

    assert corridor.ask("POST", f"{place}/approve", key=second(corridor)).status == 200
    again = corridor.ask("POST", f"{place}/approve", key=second(corridor))
    assert (again.status, again.body["code"]) == (409, "ALREADY_STANDS")
    shown = corridor.ask("GET", place, key=first(corridor)).body
    assert shown["approved"]["actor"] != shown["requested"]["actor"]

    position = produced(corridor, bag).position
    shown = corridor.ask("GET", place, key=first(corridor)).body
    assert shown["produced_at_position"] == position
    with pytest.raises(DoesNotStandError):
        produced(corridor, bag)


def test_each_step_is_an_event_and_the_bag_stands_among_the_exports(corridor: Corridor) -> None:
    bag = asked(corridor)
    corridor.ask("POST", f"{PATH}/{bag}/approve", key=second(corridor))
    position = produced(corridor, bag).position

    def events(ledger: Ledger, _: object) -> list[object]:
        return [one.event for one in ledger.streams.facts([UUID(bag)], None)[UUID(bag)]]

    found = inside_of(corridor).group.call(events)
    assert found == [
        AuditBagRequested(WHY),
        AuditBagApproved(),
        AuditBagProduced(1, bytes(32)),
    ]
    auditor = corridor.key("audit:read", "records:exclude")
    answer = corridor.ask("GET", "/v1/accesses?limit=500", key=auditor)
    assert answer.status == 200, answer.text
    looks = [one for one in answer.body["accesses"] if one["what"] == "export"]
    one = looks[-1]
    assert (one["position"], one["reason"], one["made"]["whole"]) == (position + 1, WHY, True)


def test_nobody_without_the_scope_knows_of_an_audit_bag(corridor: Corridor) -> None:
    bag = asked(corridor)
    key = corridor.key("audit:read", "exports:create", "exports:read", "records:exclude")
    for method, place in (
        ("POST", PATH),
        ("GET", f"{PATH}/{bag}"),
        ("POST", f"{PATH}/{bag}/approve"),
    ):
        body = {"reason": WHY} if place == PATH else None
        assert corridor.ask(method, place, body, key=key).status == 403
    unknown = corridor.ask("GET", f"{PATH}/{random_uuid()}", key=first(corridor))
    assert unknown.status == 404
    headers = inside_of(corridor).group.call(
        lambda ledger, _: [one.header for one in ledger.streams.reads.facts_after(0, 99)]
    )
    assert all(WHY.encode() not in one for one in headers)
