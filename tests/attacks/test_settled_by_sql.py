"""Rejected items that are ended by SQL, so that what an emitter sent is lost and nobody is told.

Attack: whoever has the login of the writer, and does not hold the ledger secret, discards rejected
items alone, in the names of two others, and lets their content go; proposes in somebody's name what
that person would refuse, so that one more request discards it; says that an item was repaired; or
takes the content away, or writes another one in its place.

Held off by: a MAC over who proposed and settled an item, under the subkey of rows (0110, 0113). A
proposal without it is none; what was settled without it is believed by nobody, and `ledger fsck`
names the item. Triggers of the owner's keep the content until an item is settled, and whatever is
settled as it is. What is left to the login is to let the content of an item go: named, not hidden.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from ledger.errors import Defect, NotFoundError, SeparationOfDutiesError
from ledger.quarantine.rejected_rows import RejectedRow, every, is_altered
from ledger.quarantine.service import MalformedItem, Quarantine
from tests.canary import NAME
from tests.database import Database
from tests.ledger.inside import Inside, inside

FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32
DEFECT: Final = Defect("/data/items", "SCHEMA", "name at least one item")
ITEM: Final = MalformedItem({"id": "t1", "data": {"principals": [NAME]}}, None, (DEFECT,))
MAC: Final = "mac = sha256('a guess')"


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def quarantine(house: Inside) -> Quarantine:
    return house.house.quarantine()


def as_writer(house: Inside, change: LiteralString, rejected: UUID) -> None:
    """Write as the login of the writer can."""
    with psycopg.connect(house.database.urls.writer, autocommit=True) as connection:
        statement = sql.SQL("UPDATE ledger.quarantine SET {} WHERE id = %s")
        done = connection.execute(statement.format(sql.SQL(change)), (rejected,))
        assert done.rowcount == 1


def kept(house: Inside, quarantine: Quarantine, name: str = "one") -> UUID:
    [found] = quarantine.keep([replace(ITEM, item={"id": name})], house.now)
    return found


REFUSED: Final[tuple[LiteralString, ...]] = (
    "state = 'discarded', proposed_by = 'a', resolved_by = 'b', sealed = NULL",
    "state = 'repaired', resolved_by = 'a', position = 1, sealed = NULL",
    "state = 'discard_proposed', proposed_by = 'a'",
    f"state = 'discard_proposed', proposed_by = 'a', sealed = NULL, {MAC}",
    f"sealed = NULL, {MAC}",
    f"sealed = sealed || '\\x00', {MAC}",
    f"state = 'discarded', proposed_by = 'a', resolved_by = 'b', sealed = '\\x00', {MAC}",
    f"proposed_by = 'a', {MAC}",
    f"state = 'discarded', proposed_by = 'a', resolved_by = 'a', sealed = NULL, {MAC}",
    "received_at = received_at - interval '1 day'",
    "restricted = NOT restricted",
)


def test_what_needs_no_secret_is_refused(house: Inside, quarantine: Quarantine) -> None:
    one, went_on = kept(house, quarantine), list[str]()
    before = quarantine.one(one)
    for change in REFUSED:
        try:
            as_writer(house, change, one)
        except (psycopg.errors.DatabaseError, psycopg.errors.RaiseException):
            continue
        went_on.append(change)
    assert went_on == []
    assert quarantine.one(one) == before
    assert list(quarantine.wrong()) == []


def test_an_item_that_was_ended_past_the_ledger_is_named(
    house: Inside, quarantine: Quarantine
) -> None:
    discarded, repaired, well = (kept(house, quarantine, name) for name in ("d", "r", "w"))
    quarantine.discard(well, FIRST)
    quarantine.discard(well, SECOND)
    as_writer(
        house,
        f"state = 'discarded', proposed_by = repeat('a', 32), resolved_by = repeat('b', 32),"
        f" sealed = NULL, {MAC}",
        discarded,
    )
    as_writer(
        house,
        f"state = 'repaired', resolved_by = repeat('a', 32), position = 7, sealed = NULL, {MAC}",
        repaired,
    )
    named = dict(quarantine.wrong())
    assert named.keys() == {discarded, repaired}
    assert "discarded by nobody of the ledger" in named[discarded]
    assert "repaired by nobody of the ledger" in named[repaired]
    # Nobody is told that these two did it, nor that it was recorded.
    for one in (discarded, repaired):
        assert quarantine.settled_by(one, sees_all=True) is None
        assert quarantine.done_by(one, FIRST) is quarantine.done_by(one, SECOND) is None
    assert quarantine.received([7]) == {}
    assert quarantine.settled_by(well, sees_all=True) == ("discarded", SECOND)


def test_a_proposal_in_somebody_s_name_is_none(house: Inside, quarantine: Quarantine) -> None:
    one = kept(house, quarantine)
    as_writer(house, f"state = 'discard_proposed', proposed_by = repeat('b', 32), {MAC}", one)
    assert [found for found, _ in quarantine.wrong()] == [one]
    assert (quarantine.one(one).state, quarantine.one(one).proposed_by) == ("open", None)
    [listed] = quarantine.page(None, 10).items
    assert listed.state == "open"
    assert quarantine.done_by(one, SECOND) is None
    # Whoever discards it now is the first, and it takes a second one.
    assert quarantine.discard(one, FIRST) == "discard_proposed"
    assert list(quarantine.wrong()) == []
    with pytest.raises(SeparationOfDutiesError):
        quarantine.discard(one, FIRST)
    # Nor is the proposal of one given to another, so that the first may confirm it.
    as_writer(house, f"proposed_by = repeat('c', 32), {MAC}", one)
    assert quarantine.discard(one, FIRST) == "discard_proposed"
    assert quarantine.discard(one, SECOND) == "discarded"


def test_the_mac_of_one_item_is_none_of_another(house: Inside, quarantine: Quarantine) -> None:
    mine, other = kept(house, quarantine, "mine"), kept(house, quarantine, "other")
    quarantine.discard(mine, SECOND)
    as_writer(
        house,
        "state = 'discard_proposed', proposed_by = repeat('b', 32), mac ="
        " (SELECT mac FROM ledger.quarantine WHERE state = 'discard_proposed')",
        other,
    )
    assert quarantine.one(other).state == "open"
    assert [found for found, _ in quarantine.wrong()] == [other]


def test_what_is_settled_stays_as_it_is(house: Inside, quarantine: Quarantine) -> None:
    one = kept(house, quarantine)
    quarantine.discard(one, FIRST)
    quarantine.discard(one, SECOND)
    for change in ("state = 'open'", "attempts = 9", MAC, f"resolved_by = 'd', {MAC}"):
        with pytest.raises(psycopg.DatabaseError, match="stays as it is"):
            as_writer(house, change, one)
    with pytest.raises(NotFoundError):
        quarantine.one(one)


def test_an_item_that_the_login_adds_waits_and_its_content_is_named(
    house: Inside, quarantine: Quarantine
) -> None:
    """One with the content key of an item that is to come keeps that from being kept."""
    one = kept(house, quarantine)
    insert: LiteralString = (
        "INSERT INTO ledger.quarantine (id, content_key, received_at, key_id, sealed, codes{more})"
        " SELECT gen_random_uuid(), '\\x00112233445566778899aabbccddeeff', received_at, key_id,"
        " '\\x00', codes{value} FROM ledger.quarantine LIMIT 1"
    )
    with psycopg.connect(house.database.urls.writer, autocommit=True) as connection:
        for more, value in (
            (", state", ", 'discarded'"),
            (", proposed_by", ", 'a'"),
            (", resolved_by", ", 'a'"),
            (", position", ", 1"),
            (", mac", ", sha256('x')"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(insert.format(more=more, value=value).encode())
        connection.execute(insert.format(more="", value="").encode())
    assert [text for found, text in quarantine.wrong() if found != one] == [
        "its content does not open"
    ]


def test_what_was_settled_before_there_were_macs_stands_and_what_was_proposed_waits(
    house: Inside, quarantine: Quarantine
) -> None:
    """As the migration leaves them: without a MAC. No login of a role makes such rows."""
    proposed, discarded = kept(house, quarantine, "p"), kept(house, quarantine, "d")
    for one in (proposed, discarded, discarded):
        quarantine.discard(one, FIRST if quarantine.one(one).state == "open" else SECOND)
    with psycopg.connect(house.database.urls.owner) as connection:
        connection.execute("ALTER TABLE ledger.quarantine DISABLE TRIGGER quarantine_stays_settled")
        connection.execute("UPDATE ledger.quarantine SET mac = NULL")
    assert list(quarantine.wrong()) == []
    assert quarantine.settled_by(discarded, sees_all=True) == ("discarded", SECOND)
    assert quarantine.one(proposed).state == "open"
    assert quarantine.discard(proposed, SECOND) == "discard_proposed"
    assert quarantine.discard(proposed, FIRST) == "discarded"


def test_every_column_but_the_content_and_the_count_is_in_the_mac(
    house: Inside, quarantine: Quarantine
) -> None:
    one = kept(house, quarantine)
    quarantine.discard(one, FIRST)
    [row] = every(house.house.writer)
    mac = house.house.secret.row_mac
    assert not is_altered(row, mac)
    changes = {
        "id": UUID(int=1),
        "content_key": bytes(16),
        "received_at": row.received_at + timedelta(seconds=1),
        "key_id": bytes(32),
        "codes": ["OTHER"],
        "restricted": True,
        "item_key": bytes(16),
        "state": "repaired",
        "proposed_by": SECOND,
        "resolved_by": THIRD,
        "position": 1,
        "mac": bytes(32),
    }
    left_out = {"sealed", "attempts"}
    assert changes.keys() | left_out == {*RejectedRow.__dataclass_fields__}
    for name, value in changes.items():
        assert is_altered(replace(row, **{name: value}), mac), name
    with psycopg.connect(house.database.admin) as connection:
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE (table_schema, table_name) = ('ledger', 'quarantine')"
        ).fetchall()
    assert {name for (name,) in found} == changes.keys() | left_out
