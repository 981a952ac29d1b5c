"""Versions of the procedure: published into the ledger; a case keeps the one of its arrival."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from api.contract import check
from ledger.cases.case import ReceiveCase, State, StepCase
from ledger.cases.steps import CheckDocuments, Step
from ledger.commands import PublishProcedure
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, MalformedError
from ledger.format.events import Fact, ProcedurePublished
from ledger.format.header import read_header
from ledger.law.procedure.parser import read_procedure
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.writer import document_of
from ledger.procedures import procedure
from ledger.service import Ledger, Sealer
from ledger.store.append import Appender
from ledger.values import Json
from tests.law.papers import RESIDENCE, card, changed, document_with
from tests.ledger.case_given import MY_NUMBER, NOON, OFFICER, application, defects, seen
from tests.ledger.given import malformed
from tests.ledger.inside import Inside
from tests.matrix import every
from tests.retaining.keeper import Keeper, keeper

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
NEXT = TODAY + 10 * DAY


def document(first_day: date, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a document
    return document_with({"effective_from": first_day.isoformat(), **changes})


def command(given: dict[str, Any]) -> PublishProcedure:
    return PublishProcedure(random_uuid(), OFFICER, given)


def decided(
    given: dict[str, Any],
    state: procedure.State = procedure.State(),  # noqa: B008 -- frozen
    arrival: date | None = None,
) -> ProcedurePublished:
    return procedure.publish(command(given), state, PUBLISHED, arrival, NOON)


def published(*first_days: date) -> procedure.State:
    state = procedure.State()
    for n, day in enumerate(first_days, 1):
        event = ProcedurePublished(day, document_of(read_procedure(document(day))))
        state = procedure.evolve(state, Fact(n, UUID(int=1), n, NOON, OFFICER, event))
    return state


def test_a_version_from_before_a_setting_keeps_what_it_meant_then() -> None:
    event = decided(document(NEXT))
    stated = cast("dict[str, Json]", event.document["readings"])
    assert stated["preparers"] == "every_step"
    readings = {name: one for name, one in stated.items() if name != "preparers"}
    old = replace(event, document={**event.document, "readings": readings})
    for stored, meant in ((event, "every_step"), (old, "decision_and_submission")):
        fact = Fact(1, UUID(int=1), 1, NOON, OFFICER, stored)
        [one] = procedure.evolve(procedure.State(), fact).published
        assert one.procedure.readings.preparers == meant


# -- what may be published ---------------------------------------------------------------------


LATER_THAN: dict[str, tuple[date, tuple[date, ...], date | None, str | None]] = {
    "tomorrow": (TODAY + DAY, (), TODAY, None),
    "today, and nobody asked": (TODAY, (), None, None),
    "long ago, and nobody asked": (date(2023, 1, 1), (), None, None),
    "long ago, and the last one asked before": (TODAY, (), TODAY - DAY, None),
    "today, and somebody asked": (TODAY, (), TODAY, "REQUEST_ARRIVED_SINCE"),
    "with the built-in one": (date(2022, 10, 1), (), None, "VERSION_NOT_LATER"),
    "a second one, today": (TODAY, (date(2023, 1, 1),), None, "VERSION_NOT_LATER"),
    "a second one, tomorrow": (TODAY + DAY, (date(2023, 1, 1),), TODAY, None),
    "the same day twice": (NEXT, (NEXT,), None, "VERSION_NOT_LATER"),
    "before one to come": (NEXT - DAY, (NEXT,), None, "VERSION_NOT_LATER"),
    "after one to come": (NEXT + DAY, (NEXT,), TODAY, None),
}


@every("name", LATER_THAN)
def test_a_version_changes_no_request_that_has_arrived(name: str) -> None:
    first_day, before, arrival, code = LATER_THAN[name]
    given = document(first_day)
    if code is None:
        assert decided(given, published(*before), arrival).effective_from == first_day
        return
    assert malformed(decided, given, published(*before), arrival) == {("/effective_from", code)}


def test_every_defect_of_a_document_is_named() -> None:
    broken = document(NEXT, fee=[], documents="none")
    del broken["desk"]
    assert malformed(decided, broken) == {
        ("/desk", "SCHEMA"),
        ("/documents", "SCHEMA"),
        ("/fee", "SCHEMA"),
    }


def test_an_individual_number_in_a_document_is_refused_and_not_repeated() -> None:
    given = document(NEXT, procedure=f"手続き {MY_NUMBER}")
    with pytest.raises(MalformedError) as refused:
        decided(given)
    assert defects(refused) == {("/procedure", "MY_NUMBER_SHOWN")}
    assert MY_NUMBER not in str(refused.value)


def test_a_stored_version_that_cannot_be_read_is_a_fault() -> None:
    event = ProcedurePublished(NEXT, {"procedure": "x"})
    with pytest.raises(CorruptRecordError):
        procedure.evolve(procedure.State(), Fact(1, UUID(int=1), 1, NOON, OFFICER, event))


# -- in the ledger -----------------------------------------------------------------------------


def without_licence(first_day: date) -> dict[str, Any]:
    """The driving licence is no substitute any more, and a correction has four weeks."""

    def change(it: dict[str, Any]) -> None:
        it["effective_from"] = first_day.isoformat()
        it["correction"][0]["days"] = 28
        it["documents"] = [row for row in it["documents"] if row["code"] != "driving_licence"]

    return changed(change)


def at(house: Inside, day: date) -> None:
    house.now = NOON + (day - TODAY)


def received(house: Inside, arrived_on: date) -> UUID:
    asked = application(arrived_on=arrived_on)
    return house.ledger.receive_case(ReceiveCase(random_uuid(), OFFICER, asked), house.now).stream


def state(house: Inside, stream: UUID) -> State:
    found = house.ledger.case(stream)
    assert found is not None
    return found


def done(house: Inside, stream: UUID, step: Step) -> State:
    version = state(house, stream).version
    house.ledger.step_case(StepCase(random_uuid(), OFFICER, stream, version, step), house.now)
    return state(house, stream)


LICENCE = CheckDocuments(seen(card(), RESIDENCE, seal_registered={"principal": False}))


def test_a_new_version_changes_the_verdict_of_what_arrives_after_it_alone(house: Inside) -> None:
    at(house, TODAY)
    early = received(house, TODAY)
    house.ledger.publish_procedure(command(without_licence(NEXT)), house.now)
    at(house, NEXT)
    late, posted_before = received(house, NEXT), received(house, NEXT - DAY)
    for stream, version, good in (
        (early, "2022-10-01", True),
        (posted_before, "2022-10-01", True),
        (late, NEXT.isoformat(), False),
    ):
        checked = done(house, stream, LICENCE)
        assert checked.procedure == version
        assert checked.check is not None
        assert (checked.check.reasons == ()) == good, version
        assert house.ledger.procedure_of(checked).version == version


def test_only_the_first_day_of_a_version_stands_in_clear(house: Inside) -> None:
    at(house, TODAY)
    receipt = house.ledger.publish_procedure(command(document(NEXT)), house.now)
    [stored] = house.house.reads.facts_at([receipt.position])
    assert read_header(stored.header).facts == {"effective_from": NEXT.isoformat()}
    assert stored.stream == receipt.stream


def test_a_first_version_of_the_past_needs_that_nobody_asked_since(house: Inside) -> None:
    at(house, TODAY)
    received(house, TODAY - 3 * DAY)
    for first_day in (TODAY - 3 * DAY, TODAY - 4 * DAY):
        assert malformed(
            house.ledger.publish_procedure, command(document(first_day)), house.now
        ) == {("/effective_from", "REQUEST_ARRIVED_SINCE")}
    house.ledger.publish_procedure(command(document(TODAY - 2 * DAY)), house.now)
    assert state(house, received(house, TODAY)).procedure == (TODAY - 2 * DAY).isoformat()


def test_two_who_publish_at_once_meet(house: Inside) -> None:
    at(house, TODAY)
    inside = house.house
    other, between = inside.ledger(), [command(document(NEXT))]

    def append(appends: Any) -> Any:  # noqa: ANN401 -- handed on
        if between:
            other.publish_procedure(between.pop(), house.now)
        return Appender(inside.writer, inside.secret.event_mac).append(appends)

    sealer = Sealer(inside.keys, inside.secret, inside.name)
    ledger = Ledger(inside.streams, sealer, append, check)
    assert malformed(ledger.publish_procedure, command(document(NEXT)), house.now) == {
        ("/effective_from", "VERSION_NOT_LATER")
    }
    ledger.publish_procedure(command(document(NEXT + DAY)), house.now)
    versions = [one.procedure.version for one in ledger.procedures()]
    assert versions == ["2022-10-01", NEXT.isoformat(), (NEXT + DAY).isoformat()]
    assert [one.procedure.version for one in other.procedures()] == versions


@pytest.fixture
def kept(database: Any) -> Any:  # noqa: ANN401 -- see tests.retaining
    with keeper(database) as made:
        yield made


def test_a_version_outlives_the_period_of_its_register(kept: Keeper) -> None:
    kept.on("2024-04-01")
    kept.sent("a", "P1")
    first_day = date(2024, 5, 1)
    kept.inside.ledger.publish_procedure(command(document(first_day)), kept.inside.now)
    kept.on("2035-01-10")
    kept.purge()
    versions = [one.procedure.version for one in kept.inside.house.ledger().procedures()]
    assert versions == ["2022-10-01", first_day.isoformat()]
