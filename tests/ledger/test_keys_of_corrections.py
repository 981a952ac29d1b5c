"""Under which key a correction is sealed: never one that dies before what it corrects."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import Json
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside

Seal = tuple[str, date | None]


def seals(house: Inside, stream: UUID) -> list[Seal]:
    """Class and day of the key of each event of the stream."""
    return [(key_class, day) for key_class, day, _, _ in keys(house, stream)]


def keys(house: Inside, stream: UUID) -> list[tuple[str, date | None, UUID | None, bytes]]:
    with psycopg.connect(house.database.admin) as connection:
        return connection.execute(
            "SELECT k.key_class, k.day, k.owner, k.key_id FROM ledger.events e"
            "  JOIN ledger.sealed_parts s ON s.position = e.notification_id"
            "  JOIN ledger.data_keys k USING (key_id)"
            " WHERE e.originator_id = %s ORDER BY e.notification_id",
            (stream,),
        ).fetchall()


def correct(house: Inside, transfer: UUID, changes: Mapping[str, Json]) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
    house.ledger.correct(command, house.now)


def reclassify(house: Inside, transfer: UUID, changes: Mapping[str, Json]) -> None:
    command = ReclassifyTransfer(random_uuid(), ACTOR, transfer, changes, "根拠の誤り")
    house.ledger.correct(command, house.now)


def retract(house: Inside, transfer: UUID) -> None:
    command = RetractTransfer(random_uuid(), ACTOR, transfer, "not_occurred")
    house.ledger.retract(command, house.now)


def period(end: str | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    members = {"method": "collective", "transferred_on": None, "transferred_from": "2026-01-10"}
    return {**data(**members, **changes), "transferred_to": end}


def test_a_prolonging_correction_dies_later_than_the_original(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-01")).transfer
    correct(house, one, {"recorded_on": "2026-05-20"})
    assert seals(house, one) == [("record", date(2029, 5, 2)), ("record", date(2029, 5, 21))]


def test_a_shortening_correction_dies_with_the_original(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-20")).transfer
    correct(house, one, {"recorded_on": "2026-05-01"})
    original, correction = keys(house, one)
    assert original == correction
    retract(house, one)
    assert keys(house, one) == [original] * 3


def test_a_correction_outlasts_the_longest_of_those_before_it(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-01")).transfer
    for day in ("2026-05-20", "2026-04-01"):
        correct(house, one, {"recorded_on": day})
    assert seals(house, one)[1:] == [("record", date(2029, 5, 21))] * 2


def test_what_began_open_stays_under_its_own_key_when_it_is_closed(house: Inside) -> None:
    one = house.record("t1", period(None)).transfer
    correct(house, one, {"transferred_to": "2026-05-20"})
    retract(house, one)
    assert keys(house, one) == [keys(house, one)[0]] * 3
    [(key_class, day, owner, _), *_] = keys(house, one)
    assert (key_class, day, owner) == ("series", None, one)


def test_what_was_opened_by_a_correction_stays_under_that_key(house: Inside) -> None:
    one = house.record("t1", period("2026-05-20")).transfer
    for end in (None, "2026-05-10"):
        correct(house, one, {"transferred_to": end})
    assert seals(house, one) == [
        ("record", date(2029, 5, 20)),
        ("series", None),
        ("series", None),
    ]


def test_a_message_of_a_series_is_corrected_under_the_key_of_the_series(house: Inside) -> None:
    one = house.record("t1", period("2026-05-20", series_id="S1")).transfer
    correct(house, one, {"transferred_to": "2026-05-21"})
    first, second = keys(house, one)
    assert first == second
    assert first[2] != one


def test_a_reclassification_to_a_duty_takes_the_longer_key_and_back(house: Inside) -> None:
    voluntary = data(basis="exempt_27_1_ii", consent=None, recorded_on="2026-05-20")
    one = house.record("t1", voluntary).transfer
    assert seals(house, one) == [("no-duty", date(2029, 5, 20))]
    reclassify(house, one, {"basis": "consent_27_1", "consent": {"obtained": True}})
    reclassify(house, one, {"basis": "exempt_27_1_ii", "consent": None})
    assert seals(house, one)[1:] == [("record", date(2029, 5, 21))] * 2


def test_a_reclassification_to_no_duty_dies_with_the_duty_that_was_recorded(
    house: Inside,
) -> None:
    one = house.record("t1", data(recorded_on="2026-05-20")).transfer
    reclassify(house, one, {"basis": "exempt_27_1_ii", "consent": None})
    assert seals(house, one) == [("record", date(2029, 5, 21))] * 2


def test_a_correction_makes_no_key_that_nothing_is_sealed_under(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-20")).transfer
    correct(house, one, {"recorded_on": "2026-05-01"})
    with psycopg.connect(house.database.admin) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM ledger.data_keys").fetchall()
    assert count == 1
