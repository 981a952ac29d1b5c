"""Records that others take omitted items from are found by rows that die with those others."""

import dataclasses
from collections.abc import Collection
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
from ledger.transfers.whole_transfer import transfer_data
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


def test_a_record_that_omits_items_leaves_a_row_for_its_base_however_it_comes(
    house: Inside,
) -> None:
    base = house.record("base").transfer
    sent = [house.asked(f"t{n}", dependant("base")) for n in range(2)]
    outcomes = house.send([*sent, house.asked("other")])
    expected = {(base, one.transfer, "record") for one in outcomes[:2]}
    assert rows(house) == expected
    by_id = house.record("t2", dependant(str(base))).transfer
    expected |= {(base, by_id, "record"), (stream_of(house, str(base)), by_id, "record")}
    message = house.record("t3", dependant("base", method="collective", series_id="S1")).transfer
    expected |= {(base, message, "series")}
    correct(house, outcomes[2].transfer, base_record="base", omitted_items=["COUNTERPARTY"])
    assert rows(house) == expected | {(base, outcomes[2].transfer, "record")}


def test_a_prolonged_dependant_holds_its_base_under_both_keys(house: Inside) -> None:
    house.record("base")
    one = house.record("t1", dependant("base", recorded_on="2026-05-01")).transfer
    correct(house, one, recorded_on="2026-05-20")
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


# -- under which key a correction is sealed: never one that dies before what it corrects ----------

Key = tuple[str, date | None, UUID | None, bytes]


def keys(house: Inside, stream: UUID) -> list[Key]:
    """Class, day, owner and id of the key of each event of the stream."""
    with psycopg.connect(house.database.admin) as connection:
        return connection.execute(
            "SELECT k.key_class, k.day, k.owner, k.key_id FROM ledger.events e"
            "  JOIN ledger.sealed_parts s ON s.position = e.notification_id"
            "  JOIN ledger.data_keys k USING (key_id)"
            " WHERE e.originator_id = %s ORDER BY e.notification_id",
            (stream,),
        ).fetchall()


def period(end: str | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    members = {"method": "collective", "transferred_on": None, "transferred_from": "2026-01-10"}
    return {**data(**members, **changes), "transferred_to": end}


EXEMPT: dict[str, Json] = {"basis": "exempt_27_1_ii", "consent": None}
CONSENTED: dict[str, Json] = {"basis": "consent_27_1", "consent": {"obtained": True}}
SEALED: dict[str, tuple[dict[str, Any], list[dict[str, Json]], list[str]]] = {
    "prolonged": (
        data(recorded_on="2026-05-01"),
        [{"recorded_on": "2026-05-20"}],
        ["record 2029-05-02", "record 2029-05-21"],
    ),
    "shortened": (
        data(recorded_on="2026-05-20"),
        [{"recorded_on": "2026-05-01"}],
        ["record 2029-05-21"] * 2,
    ),
    "the longest of those before": (
        data(recorded_on="2026-05-01"),
        [{"recorded_on": "2026-05-20"}, {"recorded_on": "2026-04-01"}],
        ["record 2029-05-02", *["record 2029-05-21"] * 2],
    ),
    "opened by a correction": (
        period("2026-05-20"),
        [{"transferred_to": None}, {"transferred_to": "2026-05-10"}],
        ["record 2029-05-20", *["series None"] * 2],
    ),
    "to a duty, and back": (
        data(**EXEMPT, recorded_on="2026-05-20"),
        [CONSENTED, EXEMPT],
        ["no-duty 2029-05-20", *["record 2029-05-21"] * 2],
    ),
    "to no duty": (
        data(recorded_on="2026-05-20"),
        [EXEMPT],
        ["record 2029-05-21"] * 2,
    ),
}


def test_a_correction_never_dies_before_what_it_corrects(house: Inside) -> None:
    for name, (first, changes, expected) in SEALED.items():
        one = house.record(name, first).transfer
        for change in changes:
            kind = ReclassifyTransfer if "basis" in change else CorrectTransfer
            house.ledger.correct(kind(random_uuid(), ACTOR, one, change, "誤記"), house.now)
        assert [f"{key_class} {day}" for key_class, day, _, _ in keys(house, one)] == expected, name


def test_what_began_open_and_a_message_of_a_series_stay_under_their_own_key(house: Inside) -> None:
    one = house.record("t1", period(None)).transfer
    correct(house, one, transferred_to="2026-05-20")
    house.ledger.retract(RetractTransfer(random_uuid(), ACTOR, one, "not_occurred"), house.now)
    assert keys(house, one) == [keys(house, one)[0]] * 3
    [(key_class, day, owner, _), *_] = keys(house, one)
    assert (key_class, day, owner) == ("series", None, one)
    other = house.record("t2", period("2026-05-20", series_id="S1")).transfer
    correct(house, other, transferred_to="2026-05-21")
    first, second = keys(house, other)
    assert first == second
    assert first[2] != other
    # No key is made that nothing is sealed under.
    with psycopg.connect(house.database.admin) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM ledger.data_keys").fetchall()
    assert count == 2


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
    [done] = Appender(house.house.writer, house.house.secret.event_mac).append(
        [Append(tuple(sealed))]
    )
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
    appender = Appender(inside.writer, inside.secret.event_mac)
    ledger = Ledger(inside.streams, sealer, appender.append, checked)
    ledger.correct(change({"purpose": "分析"}), house.now)
    state = inside.streams.transfer_state(transfer)
    assert state is not None
    assert state.version == 3
    assert transfer_data(state) == data("P1", purpose="分析", items=["氏名"])


def test_two_spellings_of_one_identifier_are_no_pair(house: Inside) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person("Q1"), person(" Q1 "), "住民票")
    with pytest.raises(MalformedError) as refused:
        house.ledger.link(command, house.now)
    assert [defect.code for defect in refused.value.defects] == ["SAME_IDENTIFIER"]
