"""The key ring gives out living keys, one a place, and forgets the dead within five minutes."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import lifetimes
from ledger.crypto.epoch import (
    FixedMasters,
    MasterMissingError,
    demo_masters,
    demo_secret,
)
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.crypto.pseudonyms import LedgerSecret, random_stream
from ledger.errors import CorruptRecordError
from tests.format.ring_world import Clock, Table, wrapped_alone
from tests.matrix import every

DAY = date(2029, 11, 25)
OWNER = UUID(int=7)
OTHER = UUID(int=8)


def ring(table: Table, clock: Clock, masters: FixedMasters | None = None) -> KeyRing:
    return KeyRing(table, masters or demo_masters(), "demo", clock)


def test_a_place_has_one_key() -> None:
    table, clock = Table(), Clock()
    first = ring(table, clock).key_for("record", day=DAY)
    assert ring(table, clock).key_for("record", day=DAY) == first
    assert ring(table, clock).key_for("record", day=date(2029, 11, 26)) != first
    assert ring(table, clock).key_for("no-duty", day=DAY) != first
    owned = ring(table, clock).key_for("series", owner=OWNER)
    assert ring(table, clock).key_for("series", owner=OWNER, day=DAY) == owned
    assert (first.partition, owned.partition) == (2029 * 4 + 3, 0)
    assert first.secret.hex() not in repr(first)


def test_a_hold_or_a_case_has_several_keys_each_given_out_once_as_new() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    one, other = keys.added("held", OWNER), keys.added("held", OWNER)
    assert one.id != other.id
    assert ring(table, clock).open([one.id, other.id]) == {one.id: one, other.id: other}
    with pytest.raises(ValueError, match="several"):
        keys.key_for("held", owner=OWNER)
    with pytest.raises(ValueError, match="one key"):
        keys.added("series", OWNER)


def test_another_process_that_was_first_wins() -> None:
    @dataclass
    class Raced(Table):
        def add(self, row: KeyRow) -> KeyRow:  # pyright: ignore[reportImplicitOverride] -- typing.override is 3.12
            assert row not in self.rows
            return self.rows[0]

    clock = Clock()
    table = Table()
    first = ring(table, clock).key_for("record", day=DAY)
    raced = Raced(table.rows)
    assert ring(raced, clock).key_for("record", day=date(2029, 1, 1)) == first


def test_a_key_is_read_again_after_five_minutes_and_a_dead_one_is_gone() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    key = keys.key_for("record", day=DAY)
    looks = table.looks
    clock.now += timedelta(minutes=4, seconds=59)
    assert keys.open([key.id]) == {key.id: key}
    assert table.looks == looks
    table.rows.clear()
    clock.now += timedelta(seconds=1)
    assert keys.open([key.id, bytes(32)]) == {}
    assert keys.key_for("record", day=DAY) != key


def test_a_clock_set_back_keeps_no_key_alive() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    key = keys.key_for("record", day=DAY)
    table.rows.clear()
    clock.now -= timedelta(hours=1)
    assert keys.open([key.id]) == {}


def test_a_forgotten_key_is_read_again_at_once() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    key = keys.key_for("record", day=DAY)
    table.rows.clear()
    keys.forget([key.id])
    assert keys.open([key.id]) == {}
    assert keys.key_for("record", day=DAY).id != key.id


@every(
    "key_class, day, owner",
    [
        ("record", None, None),
        ("record", None, OWNER),
        ("series", DAY, None),
        ("other", DAY, None),
    ],
)
def test_a_key_belongs_to_a_day_or_to_an_owner(
    key_class: str, day: date | None, owner: UUID | None
) -> None:
    with pytest.raises(ValueError, match="key"):
        ring(Table(), Clock()).key_for(key_class, day=day, owner=owner)


def test_a_row_that_was_changed_does_not_open() -> None:
    table, clock = Table(), Clock()
    key = ring(table, clock).key_for("record", day=DAY)
    for changed in (
        replace(table.rows[0], day=date(2039, 11, 25)),
        replace(table.rows[0], key_class="no-duty"),
        replace(table.rows[0], wrapped=bytes(60)),
        replace(table.rows[0], wrapped=b""),
    ):
        with pytest.raises(CorruptRecordError):
            ring(Table([changed]), clock).open([key.id])


def test_a_key_of_an_object_is_wrapped_for_it_alone() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    mine, theirs = (keys.key_for("case", owner=owner) for owner in (OWNER, OTHER))
    [my_row, their_row] = table.rows
    for changed in (
        replace(my_row, owner=OTHER),
        replace(my_row, owner=None, day=DAY),
        replace(my_row, wrapped=their_row.wrapped),
        replace(their_row, key_id=my_row.key_id),
    ):
        with pytest.raises(CorruptRecordError):
            ring(Table([changed]), clock).open([changed.key_id])
    swapped = Table([replace(my_row, owner=OTHER), replace(their_row, owner=OWNER)])
    for owner in (OWNER, OTHER):
        with pytest.raises(CorruptRecordError):
            ring(swapped, clock).key_for("case", owner=owner)
    # By the formula of the event format, section 5, and nothing of ours.
    aad = b"ppl/wrap/2\0" + b"\0\0\0\4demo" + mine.id + b"\0\0\0\4case" + b"\0\0\0\0" + OWNER.bytes
    master = demo_masters().masters["demo"]
    text = my_row.wrapped
    assert AESGCM(master).decrypt(text[:12], text[12:], aad) == mine.secret
    assert theirs.secret != mine.secret


def test_a_key_of_an_object_that_was_wrapped_in_the_first_form_opens_and_gets_the_second() -> None:
    table, clock = Table(), Clock()
    key = ring(table, clock).key_for("case", owner=OWNER)
    master = demo_masters().masters["demo"]
    first = replace(table.rows[0], wrapped=wrapped_alone(key, "demo", master, bytes(12)))
    keys = ring(Table([first]), clock)
    assert keys.open([key.id]) == {key.id: key}
    anew = keys.rewrapped(first, day=None)
    assert ring(Table([anew]), clock).open([key.id]) == {key.id: key}
    with pytest.raises(CorruptRecordError):
        ring(Table([replace(anew, owner=OTHER)]), clock).open([key.id])


def test_a_living_key_is_wrapped_anew_under_the_next_master() -> None:
    table, clock = Table(), Clock()
    week_1, week_2 = bytes([1]) * 32, bytes([2]) * 32
    key = ring(table, clock, FixedMasters({"2026-W47": week_1})).key_for("record", day=DAY)
    both = ring(table, clock, FixedMasters({"2026-W47": week_1, "2026-W48": week_2}))
    anew = both.rewrapped(table.rows[0], day=DAY)
    assert anew.epoch == "2026-W48"
    later = ring(Table([anew]), clock, FixedMasters({"2026-W48": week_2}))
    assert later.open([key.id]) == {key.id: key}
    with pytest.raises(MasterMissingError, match="2026-W47"):
        ring(table, clock, FixedMasters({"2026-W48": week_2})).open([key.id])


def test_only_the_day_of_an_objects_key_moves() -> None:
    table, clock = Table(), Clock()
    keys = ring(table, clock)
    keys.key_for("record", day=DAY)
    owned = keys.key_for("link", owner=OWNER)
    with pytest.raises(ValueError, match="moves"):
        keys.rewrapped(table.rows[0], day=date(2039, 1, 1))
    moved = keys.rewrapped(table.rows[1], day=DAY)
    assert ring(Table([moved]), clock).open([owned.id])[owned.id].day == DAY


def test_keys_of_persons_depend_on_everything_that_names_them() -> None:
    secret = LedgerSecret(demo_secret(), "demo", schemes={"member_no": "phone-e164/1"})
    key = secret.principal_key("member", "M-1")
    assert key == secret.principal_key("member", "M-1 ")
    others = [
        secret.principal_key("contract", "M-1"),
        secret.principal_key("member", "m-1"),
        LedgerSecret(demo_secret(), "other").principal_key("member", "M-1"),
        LedgerSecret(bytes(32), "demo").principal_key("member", "M-1"),
        LedgerSecret(demo_secret(), "demo", versions={"principal": 2}).principal_key(
            "member", "M-1"
        ),
        secret.party_key("M-1"),
        secret.name_key("M-1"),
        secret.lookup_key("member", b"M-1"),
    ]
    assert len({key, *others}) == len(others) + 1
    assert secret.transfer_stream("a", "bc") != secret.transfer_stream("ab", "c")
    assert secret.transfer_stream("a", "b").version == random_stream().version == 8
    assert secret.principal_key("member_no", "03-0000-0000") == secret.principal_key(
        "member_no", "+81300000000"
    )
    with pytest.raises(ValueError, match="unknown"):
        LedgerSecret(demo_secret(), "demo", schemes={"x": "exact/2"})
    with pytest.raises(ValueError, match="32 bytes"):
        LedgerSecret(b"short", "demo")


def test_days_of_death_are_never_early() -> None:
    at = datetime(2026, 11, 24, 15, tzinfo=UTC)  # 25 November in Japan
    assert lifetimes.record_day(date(2029, 11, 24), at) == DAY
    assert lifetimes.record_day(date(2026, 11, 30), at) == date(2026, 12, 25)
    assert lifetimes.no_duty_day(date(2026, 11, 24), at) == date(2029, 11, 24)
    assert lifetimes.no_duty_day(date(2020, 1, 1), at) == date(2026, 12, 25)
    assert lifetimes.no_duty_day(date(2028, 2, 29), at) == date(2031, 3, 1)
    assert lifetimes.exclusion_day(at) == date(2029, 11, 30)
    assert lifetimes.exclusion_day(datetime(2026, 12, 5, tzinfo=UTC)) == date(2029, 12, 31)
    days = [lifetimes.access_day(datetime(2026, month, 5, tzinfo=UTC)) for month in range(1, 13)]
    assert len(set(days)) == 12
    assert min(days) == days[11] == date(2029, 12, 31)
    assert days[10] == date(2030, 1, 11)
    assert lifetimes.register_day(at) == date(2036, 12, 31)
    assert lifetimes.series_day(None) is None
    assert lifetimes.series_day(date(2029, 11, 24)) == lifetimes.held_day(date(2029, 11, 24)) == DAY
    assert lifetimes.case_day(date(2026, 11, 24)) == date(2029, 11, 24)
    assert lifetimes.quarantine_day(at) == date(2027, 2, 23)
    assert lifetimes.staging_day(at) == date(2026, 12, 2)
    assert lifetimes.draft_day(at) == date(2026, 12, 25)
