"""Rows of sessions and API keys that somebody made or changed who writes to the database.

Attack: whoever writes to the database, and does not hold the ledger secret, plants a session or an
API key, raises its scopes or roles, moves its times, takes a revocation back, makes it somebody
else's, or puts the values of one row into another.

Held off by: a MAC over every column that counts, under a subkey of the ledger secret (0110). A row
without one, or with a wrong one, opens nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from api.auth import ApiKeyTable
from ledger.clock import now
from ledger.errors import Defect, NotFoundError, SeparationOfDutiesError
from ledger.quarantine.rejected_rows import RejectedRow, every, is_altered
from ledger.quarantine.service import MalformedItem, Quarantine
from tests.canary import NAME
from tests.database import Database
from tests.ledger.inside import Inside, inside
from tests.pages.office import Office, Person
from tests.rows import key_table

KEY_CHANGES: Final[Mapping[str, LiteralString]] = {
    "id": "id = 'ffffffffffffffff'",
    "secret_sha256": "secret_sha256 = sha256('a secret that the attacker knows')",
    "label": "label = 'another label'",
    "scopes": "scopes = scopes || '{audit:read}'",
    "source_prefix": "source_prefix = 'https://another.example.jp/'",
    "created_at": "created_at = created_at - interval '1 day'",
    "expires_at": "expires_at = expires_at + interval '1 day'",
    "revoked_at": "revoked_at = NULL, revoked_by = NULL",
    "owner": "owner = E'person\\nsomebody-else'",
    "revoked_by": "revoked_by = repeat('0', 32)",
    "dpop_jkt": "dpop_jkt = repeat('a', 43)",
    "mac": "mac = NULL",
}
"""Column → what makes the row another one. Nothing depends on `last_used_day`."""

KEY: Final[LiteralString] = "UPDATE ledger.api_keys SET {change} WHERE id = %(id)s"
SESSION: Final[LiteralString] = "UPDATE ledger.sessions SET {change} WHERE handle = %(of)s"

SESSION_CHANGES: Final[Mapping[str, LiteralString]] = {
    "handle": "handle = %(mine)s",
    "actor": "actor = repeat('0', 32)",
    "account": "account = substr(sha256('another'), 1, 16)",
    "provider_session": "provider_session = substr(sha256('another'), 1, 16)",
    "roles": "roles = roles || '{approver}'",
    "begun_at": "begun_at = begun_at - interval '1 second'",
    "seen_at": "seen_at = seen_at + interval '1 second'",
    "proved_at": "proved_at = proved_at + interval '1 second'",
    "name_sealed": "name_sealed = name_sealed || 'x'",
    "earlier": "earlier = earlier || repeat('0', 32)",
    "mac": "mac = sha256('a guess')",
}


def columns(office: Office, table: str) -> set[str]:
    rows = office.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'ledger'"
    )
    return {column for of, column in rows if of == table}


def write(
    office: Office, statement: LiteralString, change: LiteralString = "", **values: object
) -> None:
    """Write as the owner of the database may: without its triggers."""
    trigger = "TRIGGER api_keys_stay_revoked"
    with psycopg.connect(office.urls.owner) as connection:
        connection.execute(f"ALTER TABLE ledger.api_keys DISABLE {trigger}")
        connection.execute(sql.SQL(statement).format(change=sql.SQL(change)), values)
        connection.execute(f"ALTER TABLE ledger.api_keys ENABLE ALWAYS {trigger}")


def made(office: Office, who: str) -> tuple[str, str]:
    """Id and credential of a new key."""
    credential = office.key("cases:read", owner=who)
    return credential.split("_")[1], credential


def opens(office: Office, credential: str) -> bool:
    status = office.api("GET", "/v1/cases", credential).status_code
    assert status in {200, 401}
    return status == 200


@pytest.fixture
def table(office: Office) -> ApiKeyTable:
    return key_table(office.urls.writer, office.secret)


def test_a_key_of_which_any_column_was_changed_opens_nothing(
    office: Office, table: ApiKeyTable
) -> None:
    assert columns(office, "api_keys") == KEY_CHANGES.keys() | {"last_used_day"}
    wrong: list[str] = []
    for column, change in KEY_CHANGES.items():
        key_id, credential = made(office, "e-0107")
        if column.startswith("revoked"):
            table.revoke(key_id, now())
        write(office, KEY, change, id=key_id)
        if column == "id":
            credential = credential.replace(key_id, "f" * 16)
        if opens(office, credential) or table.find(credential.split("_")[1]) is not None:
            wrong.append(column)
    assert wrong == []
    # Such rows are in no list either, and an untouched key is.
    key_id, credential = made(office, "e-0107")
    write(
        office,
        "UPDATE ledger.api_keys SET last_used_day = '2026-01-01' WHERE id = %(id)s",
        id=key_id,
    )
    assert opens(office, credential)
    listed = {key.id for key in table.all()}
    assert key_id in listed
    assert "f" * 16 not in listed


def test_a_key_with_the_values_and_the_mac_of_another_row_opens_nothing(office: Office) -> None:
    mine, credential = made(office, "e-0107")
    theirs, _ = made(office, "e-0042")
    take: LiteralString = (
        "UPDATE ledger.api_keys AS mine SET (label, scopes, source_prefix, created_at, expires_at,"
        " owner, mac) = (SELECT label, scopes, source_prefix, created_at, expires_at, owner, mac"
        " FROM ledger.api_keys WHERE id = %(theirs)s) WHERE id = %(mine)s"
    )
    write(office, take, mine=mine, theirs=theirs)
    assert not opens(office, credential)


def test_an_earlier_state_of_a_row_is_accepted_again_which_is_what_a_mac_does_not_show(
    office: Office, table: ApiKeyTable
) -> None:
    """A limit (0110): whoever kept the row puts it back as the owner, and still needs the key."""
    key_id, credential = made(office, "e-0107")
    [(mac,)] = [
        (mac,) for one, mac in office.rows("SELECT id, mac FROM ledger.api_keys") if one == key_id
    ]
    table.revoke(key_id, now())
    assert table.find(key_id) is not None
    assert not opens(office, credential)
    write(office, KEY, "revoked_at = NULL, revoked_by = NULL, mac = %(mac)s", id=key_id, mac=mac)
    found = table.find(key_id)
    assert found is not None
    assert found.revoked_at is None


def test_a_session_of_which_any_column_was_changed_signs_nobody_in(office: Office) -> None:
    assert columns(office, "sessions") == SESSION_CHANGES.keys()
    wrong: list[str] = []
    for column, change in SESSION_CHANGES.items():
        person = office.signed_in("officer")
        handle = newest(office)
        if column == "handle":
            # The row of somebody else under the cookie of the attacker.
            office.signed_in("approver")
            write(office, "DELETE FROM ledger.sessions WHERE handle = %(mine)s", mine=handle)
        write(
            office,
            SESSION,
            change,
            of=newest(office),
            mine=handle,
        )
        if is_in(person):
            wrong.append(column)
    assert wrong == []


def newest(office: Office) -> bytes:
    return bytes(office.rows("SELECT handle FROM ledger.sessions ORDER BY begun_at")[-1][0])


def is_in(person: Person) -> bool:
    status = person.get("/desk").status_code
    assert status in {200, 303}
    return status == 200


FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32
DEFECT: Final = Defect("/data/items", "SCHEMA", "name at least one item")
ITEM: Final = MalformedItem({"id": "t1", "data": {"principals": [NAME]}}, None, (DEFECT,))
MAC: Final = "mac = sha256('a guess')"


@pytest.fixture
def a_house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def quarantine(a_house: Inside) -> Quarantine:
    return a_house.house.quarantine()


def as_writer(a_house: Inside, change: LiteralString, rejected: UUID) -> None:
    """Write as the login of the writer can."""
    with psycopg.connect(a_house.database.urls.writer, autocommit=True) as connection:
        statement = sql.SQL("UPDATE ledger.quarantine SET {} WHERE id = %s")
        done = connection.execute(statement.format(sql.SQL(change)), (rejected,))
        assert done.rowcount == 1


def kept(a_house: Inside, quarantine: Quarantine, name: str = "one") -> UUID:
    [found] = quarantine.keep([replace(ITEM, item={"id": name})], a_house.now)
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


def test_what_needs_no_secret_is_refused(a_house: Inside, quarantine: Quarantine) -> None:
    """Attack: whoever has the login of the writer, and does not hold the ledger secret, discards
    rejected items alone, in the names of two others, and lets their content go; proposes in
    somebody's name what that person would refuse, so that one more request discards it; says
    that an item was repaired; or takes the content away, or writes another one in its place.
    Held off by: a MAC over who proposed and settled an item, under the subkey of rows (0110,
    0113). A proposal without it is none; what was settled without it is believed by nobody, and
    `ledger fsck` names the item. Triggers of the owner's keep the content until an item is
    settled, and whatever is settled as it is. What is left to the login is to let the content
    of an item go: named, not hidden.
    """
    one, went_on = kept(a_house, quarantine), list[str]()
    before = quarantine.one(one)
    for change in REFUSED:
        try:
            as_writer(a_house, change, one)
        except (psycopg.errors.DatabaseError, psycopg.errors.RaiseException):
            continue
        went_on.append(change)
    assert went_on == []
    assert quarantine.one(one) == before
    assert list(quarantine.wrong()) == []


def test_an_item_that_was_ended_past_the_ledger_is_named(
    a_house: Inside, quarantine: Quarantine
) -> None:
    discarded, repaired, well = (kept(a_house, quarantine, name) for name in ("d", "r", "w"))
    quarantine.discard(well, FIRST)
    quarantine.discard(well, SECOND)
    as_writer(
        a_house,
        f"state = 'discarded', proposed_by = repeat('a', 32), resolved_by = repeat('b', 32),"
        f" sealed = NULL, {MAC}",
        discarded,
    )
    as_writer(
        a_house,
        f"state = 'repaired', resolved_by = repeat('a', 32), position = 7, sealed = NULL, {MAC}",
        repaired,
    )
    named = dict(quarantine.wrong())
    assert named.keys() == {discarded, repaired}
    assert "discarded by nobody of the ledger" in named[discarded]
    assert "repaired by nobody of the ledger" in named[repaired]
    # Nobody is told that these two did it, nor that it was recorded.
    for one in (discarded, repaired):
        assert quarantine.settled_by(one, includes_hidden=True) is None
        assert quarantine.done_by(one, FIRST) is quarantine.done_by(one, SECOND) is None
    assert quarantine.received([7]) == {}
    assert quarantine.settled_by(well, includes_hidden=True) == ("discarded", SECOND)


def test_a_proposal_in_somebody_s_name_is_none(a_house: Inside, quarantine: Quarantine) -> None:
    one = kept(a_house, quarantine)
    as_writer(a_house, f"state = 'discard_proposed', proposed_by = repeat('b', 32), {MAC}", one)
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
    as_writer(a_house, f"proposed_by = repeat('c', 32), {MAC}", one)
    assert quarantine.discard(one, FIRST) == "discard_proposed"
    assert quarantine.discard(one, SECOND) == "discarded"


def test_what_is_settled_stays_as_it_is(a_house: Inside, quarantine: Quarantine) -> None:
    one = kept(a_house, quarantine)
    quarantine.discard(one, FIRST)
    quarantine.discard(one, SECOND)
    for change in ("state = 'open'", "attempts = 9", MAC, f"resolved_by = 'd', {MAC}"):
        with pytest.raises(psycopg.DatabaseError, match="stays as it is"):
            as_writer(a_house, change, one)
    with pytest.raises(NotFoundError):
        quarantine.one(one)


def test_an_item_that_the_login_adds_waits_and_its_content_is_named(
    a_house: Inside, quarantine: Quarantine
) -> None:
    """One with the content key of an item that is to come keeps that from being kept."""
    one = kept(a_house, quarantine)
    insert: LiteralString = (
        "INSERT INTO ledger.quarantine (id, content_key, received_at, key_id, sealed, codes{more})"
        " SELECT gen_random_uuid(), '\\x00112233445566778899aabbccddeeff', received_at, key_id,"
        " '\\x00', codes{value} FROM ledger.quarantine LIMIT 1"
    )
    with psycopg.connect(a_house.database.urls.writer, autocommit=True) as connection:
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
    a_house: Inside, quarantine: Quarantine
) -> None:
    """As the migration leaves them: without a MAC. No login of a role makes such rows."""
    proposed, discarded = kept(a_house, quarantine, "p"), kept(a_house, quarantine, "d")
    for one in (proposed, discarded, discarded):
        quarantine.discard(one, FIRST if quarantine.one(one).state == "open" else SECOND)
    with psycopg.connect(a_house.database.urls.owner) as connection:
        connection.execute("ALTER TABLE ledger.quarantine DISABLE TRIGGER quarantine_stays_settled")
        connection.execute("UPDATE ledger.quarantine SET mac = NULL")
    assert list(quarantine.wrong()) == []
    assert quarantine.settled_by(discarded, includes_hidden=True) == ("discarded", SECOND)
    assert quarantine.one(proposed).state == "open"
    assert quarantine.discard(proposed, SECOND) == "discard_proposed"
    assert quarantine.discard(proposed, FIRST) == "discarded"


def test_every_column_but_the_content_and_the_count_is_in_the_mac(
    a_house: Inside, quarantine: Quarantine
) -> None:
    one = kept(a_house, quarantine)
    quarantine.discard(one, FIRST)
    [row] = every(a_house.house.writer)
    mac = a_house.house.secret.row_mac
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
    with psycopg.connect(a_house.database.admin) as connection:
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE (table_schema, table_name) = ('ledger', 'quarantine')"
        ).fetchall()
    # Nothing that became of an item rests on the shape of what came, which nobody may change.
    assert {name for (name,) in found} == changes.keys() | left_out | {"unreadable"}
