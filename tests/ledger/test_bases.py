"""Records that others take omitted items from are found by rows that die with those others."""

import dataclasses
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    ReclassifyTransfer,
    RecordTransfer,
    RetractTransfer,
)
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.errors import LedgerError, MalformedError
from ledger.format.encoder import parts_of, seal
from ledger.format.envelope import Append, SealedEvent
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Event,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    TransferCompleted,
    TransferCorrected,
)
from ledger.service import Ledger, Sealer
from ledger.store.append import AppendedBatch, Appender
from ledger.streams.streams import Streams
from ledger.transfers.correction import LINES_MAX
from ledger.transfers.transfer import State
from ledger.transfers.whole_transfer import whole_data
from ledger.values import CheckedTransfer, Json, PrincipalRef
from tests.database import Server, cloned_database
from tests.ledger.carrying import correct, later_key, people
from tests.ledger.excluding import exclude
from tests.ledger.given import ACTOR, AT, SOURCE, corrected, data, person, recorded, state_after
from tests.ledger.inside import Inside, inside
from tests.oracle.test_random_ledgers import bounded
from tests.rounds import rounds

Row = tuple[UUID, UUID, str]


def rows(house: Inside) -> set[Row]:
    """(base, dependant, class of the key with which the row dies)."""
    with psycopg.connect(house.database.admin) as connection:
        found = connection.execute(
            "SELECT l.key, l.stream, k.key_class, k.key_id FROM ledger.lookups l"
            "  JOIN ledger.data_keys k USING (key_id) WHERE l.kind = 'base'"
        ).fetchall()
    return {(UUID(bytes=bytes(key)), stream, key_class) for key, stream, key_class, _ in found}


def dependant(base: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    return data(base_record=base, omitted_items=["COUNTERPARTY"], **changes)


def stream_of(house: Inside, key: str) -> UUID:
    return house.house.secret.transfer_stream(SOURCE, key)


def test_a_record_that_omits_items_leaves_a_row_for_its_base(house: Inside) -> None:
    house.record("base")
    one = house.record("t1", dependant("base")).transfer
    assert rows(house) == {(stream_of(house, "base"), one, "record")}


def test_a_base_named_by_its_transfer_is_found_both_ways(house: Inside) -> None:
    base = house.record("base").transfer
    one = house.record("t1", dependant(str(base))).transfer
    assert rows(house) == {
        (base, one, "record"),
        (stream_of(house, str(base)), one, "record"),
    }


def test_dependants_in_a_batch_leave_their_rows_too(house: Inside) -> None:
    sent = [house.asked("base"), *(house.asked(f"t{n}", dependant("base")) for n in range(3))]
    outcomes = house.send([*sent, house.asked("other")])
    assert [one.status for one in outcomes] == ["recorded"] * 5
    assert rows(house) == {(outcomes[0].transfer, one.transfer, "record") for one in outcomes[1:4]}


def test_a_message_of_a_series_leaves_its_row_under_the_series_key(house: Inside) -> None:
    house.record("base")
    content = dependant("base", method="collective", series_id="S1")
    one = house.record("t1", content).transfer
    assert rows(house) == {(stream_of(house, "base"), one, "series")}


def test_a_correction_that_names_a_base_leaves_a_row(house: Inside) -> None:
    base = house.record("base").transfer
    one = house.record("t1").transfer
    assert rows(house) == set()
    changes: dict[str, Json] = {"base_record": "base", "omitted_items": ["COUNTERPARTY"]}
    command = CorrectTransfer(random_uuid(), ACTOR, one, changes, "省略した")
    house.ledger.correct(command, house.now)
    assert rows(house) == {(base, one, "record")}


def test_a_prolonged_dependant_holds_its_base_under_both_keys(house: Inside) -> None:
    house.record("base")
    one = house.record("t1", dependant("base", recorded_on="2026-05-01")).transfer
    command = CorrectTransfer(random_uuid(), ACTOR, one, {"recorded_on": "2026-05-20"}, "誤記")
    house.ledger.correct(command, house.now)
    with psycopg.connect(house.database.admin) as connection:
        held = connection.execute(
            "SELECT k.day::text FROM ledger.lookups l JOIN ledger.data_keys k USING (key_id)"
            " WHERE l.kind = 'base' ORDER BY 1"
        ).fetchall()
    assert held == [("2029-05-02",), ("2029-05-21",)]


OTHER = "https://two.example"
People = list[dict[str, Any]]


def malformed(who: str, name: str | None = None) -> dict[str, Any]:
    return {"scheme": "member", "id": who} | ({} if name is None else {"name": name})


drawn_person = st.builds(
    malformed, st.sampled_from(("P1", "P2", "P3")), st.sampled_from((None, "旧姓", "新姓"))
)
drawn_people = st.lists(drawn_person, min_size=1, max_size=3, unique_by=lambda one: str(one["id"]))


def read_whole(
    streams: Streams, chosen: Collection[UUID], upto: int | None, persons: Collection[PrincipalRef]
) -> dict[UUID, State]:
    del persons
    return streams.transfer_states(chosen, upto)


@settings(parent=bounded, max_examples=rounds(24))
@given(
    st.lists(drawn_people, min_size=1, max_size=3),
    st.sets(st.sampled_from(("P1", "P2", "P3")), max_size=2),
    st.lists(drawn_people, min_size=1, max_size=3),
)
@example([[malformed("P1", "旧姓")], [malformed("P1", "新姓")]], set(), [[malformed("P1", "旧姓")]])
@example(
    [[malformed("P1")], [malformed("P1"), malformed("P2")]],
    {"P1"},
    [[malformed("P1")], [malformed("P3")]],
)
@example([[malformed("P1")], [malformed("P2")]], {"P2"}, [[malformed("P1")], [malformed("P2")]])
def test_what_is_found_is_what_is_found_by_reading_everything(
    server: Server, stated: list[People], hidden: set[str], asked: list[People]
) -> None:
    with cloned_database(server) as made, inside(made) as house:
        first, *changes = stated
        sent: dict[str, Any] = {"basis": "opt_out_27_2", "direction": "received", "consent": None}
        sent |= {"acquisition": "名簿業者から", "opt_out_published": True, "principals": first}
        base = house.record("base", data(**sent)).transfer
        for principals in changes:
            change = CorrectTransfer(
                random_uuid(), ACTOR, base, {"principals": [*principals]}, "誤記"
            )
            with suppress(LedgerError):  # where nothing changes
                house.ledger.correct(change, house.now)
        house.follow()
        for who in hidden:
            with suppress(LedgerError):  # who is in no record of it
                exclude(house, 1, of=who)
        omits: dict[str, Any] = {"base_record": str(base), "omitted_items": ["PRINCIPAL"], **sent}
        items = [data(**{**omits, "principals": principals}) for principals in asked]
        chained = data(basis="opt_out_27_2", consent=None, derived_from=[str(base)])
        items.append({**chained, "notice_id": None})
        for source in (SOURCE, OTHER):
            commands = [
                RecordTransfer(
                    random_uuid(), ACTOR, source, f"t{n}", check(item, day_in_japan(house.now))
                )
                for n, item in enumerate(items)
            ]

            def alone() -> list[Collection[str]]:
                return [
                    house.ledger.judge(one, house.now)[1].whole.findings
                    for one in commands  # noqa: B023 -- called within the turn
                ]

            with pytest.MonkeyPatch.context() as within:
                within.setattr(Streams, "states_of_persons", read_whole)
                expected = alone()
            assert alone() == expected
            assert [
                one.verdict and one.verdict.findings for one in house.send(commands)
            ] == expected


# -- under which key a correction is sealed: never one that dies before what it corrects -----------

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


def correct_(house: Inside, transfer: UUID, changes: Mapping[str, Json]) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
    house.ledger.correct_(command, house.now)


def reclassify(house: Inside, transfer: UUID, changes: Mapping[str, Json]) -> None:
    command = ReclassifyTransfer(random_uuid(), ACTOR, transfer, changes, "根拠の誤り")
    house.ledger.correct_(command, house.now)


def retract(house: Inside, transfer: UUID) -> None:
    command = RetractTransfer(random_uuid(), ACTOR, transfer, "not_occurred")
    house.ledger.retract(command, house.now)


def period(end: str | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    members = {"method": "collective", "transferred_on": None, "transferred_from": "2026-01-10"}
    return {**data(**members, **changes), "transferred_to": end}


def test_a_prolonging_correction_dies_later_than_the_original(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-01")).transfer
    correct_(house, one, {"recorded_on": "2026-05-20"})
    assert seals(house, one) == [("record", date(2029, 5, 2)), ("record", date(2029, 5, 21))]


def test_a_shortening_correction_dies_with_the_original(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-20")).transfer
    correct_(house, one, {"recorded_on": "2026-05-01"})
    original, correction = keys(house, one)
    assert original == correction
    retract(house, one)
    assert keys(house, one) == [original] * 3


def test_a_correction_outlasts_the_longest_of_those_before_it(house: Inside) -> None:
    one = house.record("t1", data(recorded_on="2026-05-01")).transfer
    for day in ("2026-05-20", "2026-04-01"):
        correct_(house, one, {"recorded_on": day})
    assert seals(house, one)[1:] == [("record", date(2029, 5, 21))] * 2


def test_what_began_open_stays_under_its_own_key_when_it_is_closed(house: Inside) -> None:
    one = house.record("t1", period(None)).transfer
    correct_(house, one, {"transferred_to": "2026-05-20"})
    retract(house, one)
    assert keys(house, one) == [keys(house, one)[0]] * 3
    [(key_class, day, owner, _), *_] = keys(house, one)
    assert (key_class, day, owner) == ("series", None, one)


def test_what_was_opened_by_a_correction_stays_under_that_key(house: Inside) -> None:
    one = house.record("t1", period("2026-05-20")).transfer
    for end in (None, "2026-05-10"):
        correct_(house, one, {"transferred_to": end})
    assert seals(house, one) == [
        ("record", date(2029, 5, 20)),
        ("series", None),
        ("series", None),
    ]


def test_a_message_of_a_series_is_corrected_under_the_key_of_the_series(house: Inside) -> None:
    one = house.record("t1", period("2026-05-20", series_id="S1")).transfer
    correct_(house, one, {"transferred_to": "2026-05-21"})
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
    correct_(house, one, {"recorded_on": "2026-05-01"})
    with psycopg.connect(house.database.admin) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM ledger.data_keys").fetchall()
    assert count == 1


# -- a record of more persons than an item holds: what they share is corrected, no line moves ------

PEOPLE = [f"B{n}" for n in range(LINES_MAX + 3)]
ENTRY = dataclasses.replace(recorded(data("B0")).entry, lines={}, persons=len(PEOPLE))


def chunks(lines: dict[int, PersonLine]) -> list[PrincipalsAppended]:
    numbers = sorted(lines)
    parts = (numbers[at : at + LINES_MAX] for at in range(0, len(numbers), LINES_MAX))
    return [PrincipalsAppended({n: lines[n] for n in part}) for part in parts]


def put(house: Inside, lines: dict[int, PersonLine]) -> UUID:
    """Recorded, persons appended, completed: as the event format says (section 7)."""
    events: list[Event] = [ProvisionRecorded(ENTRY), *chunks(lines), TransferCompleted()]
    key, stream, command = later_key(house), random_stream(), random_uuid()
    sealed: list[SealedEvent] = []
    for n, event in enumerate(events, 1):
        judged_at = 0 if isinstance(event, ProvisionRecorded) else None
        draft = draft_of(event, EventMetadata(stream, n, AT, ACTOR, command, judged_at))
        is_last = isinstance(event, TransferCompleted)
        if is_last:
            parts = parts_of([one.header for one in sealed], len(lines))
            draft = dataclasses.replace(draft, parts=parts)
        sealed.append(seal(draft, None if is_last else key, house.house.name))
    [done] = Appender(house.house.writer).append([Append(tuple(sealed))])
    assert isinstance(done, AppendedBatch)
    return stream


@pytest.fixture
def stream(house: Inside) -> UUID:
    return put(house, {n: PersonLine(person(one)) for n, one in enumerate(PEOPLE)})


def test_what_all_persons_share_is_corrected_and_nobody_s_line_is_written_again(
    house: Inside, stream: UUID
) -> None:
    before = house.house.streams.transfer_state(stream)
    correct(house, stream, items=["氏名"])
    after = house.house.streams.transfer_state(stream)
    assert before is not None
    assert after is not None
    assert after.record is not None
    assert after.record.data["items"] == ["氏名"]
    assert after.lines == before.lines
    assert len(after.lines) == len(PEOPLE)
    [event] = [one.content for one in house.events() if one.type == "transfer-corrected"]
    assert event is not None
    assert event["lines"] == []


def test_what_would_be_malformed_of_an_item_is_malformed_here(house: Inside, stream: UUID) -> None:
    with pytest.raises(MalformedError) as error:
        correct(house, stream, items="氏名", counterparty={})
    found = {one.pointer for one in error.value.defects}
    assert "/items" in found
    assert any(one.startswith("/counterparty") for one in found)


def test_all_persons_of_a_larger_record_are_not_named_in_one_correction(
    house: Inside, stream: UUID
) -> None:
    with pytest.raises(MalformedError) as error:
        correct(house, stream, principals=people(*PEOPLE[1:]))
    assert {one.pointer for one in error.value.defects} == {"/principals"}


def test_what_changes_the_lines_of_more_persons_than_an_event_holds_is_refused_in_words() -> None:
    verdict = dataclasses.replace(ENTRY.record.verdict, findings=("CONSENT_WITHDRAWN",))
    lines = {n: PersonLine(person(one), verdict) for n, one in enumerate(PEOPLE)}
    state = state_after(ProvisionRecorded(ENTRY), *chunks(lines), TransferCompleted())
    with pytest.raises(MalformedError) as error:
        corrected(state, {"items": ["氏名"]})
    assert [one.code for one in error.value.defects] == ["TOO_MANY_LINES"]
    fewer = {n: lines[n] for n in range(LINES_MAX)}
    entry = ProvisionRecorded(dataclasses.replace(ENTRY, persons=LINES_MAX))
    kept = state_after(entry, *chunks(fewer), TransferCompleted())
    event = corrected(kept, {"items": ["氏名"]})
    assert isinstance(event, TransferCorrected)
    assert len(event.lines) == LINES_MAX


def test_a_correction_that_comes_in_between_is_kept(house: Inside) -> None:
    transfer = house.record("t1", data("P1", purpose="配送")).transfer

    def change(changes: dict[str, Json]) -> CorrectTransfer:
        return CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")

    inside = house.house
    between = [change({"items": ["氏名"]})]

    def checked(content: object, today: date) -> CheckedTransfer:
        # The other one comes after this one has read what stands, and before it appends.
        if between:
            house.ledger.correct(between.pop(), house.now)
        return check(content, today)

    sealer = Sealer(inside.keys, inside.secret, inside.name)
    appender = Appender(inside.writer)
    ledger = Ledger(inside.streams, sealer, appender.append, checked)
    ledger.correct(change({"purpose": "分析"}), house.now)
    state = inside.streams.transfer_state(transfer)
    assert state is not None
    assert state.version == 3
    assert whole_data(state) == data("P1", purpose="分析", items=["氏名"])


def test_two_spellings_of_one_identifier_are_no_pair(house: Inside) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person("Q1"), person(" Q1 "), "住民票")
    with pytest.raises(MalformedError) as refused:
        house.ledger.link(command, house.now)
    assert [defect.code for defect in refused.value.defects] == ["SAME_IDENTIFIER"]
