"""Rows of sessions and API keys that somebody made or changed who writes to the database.

Attack: whoever writes to the database, and does not hold the ledger secret, plants a session or an
API key, raises its scopes or roles, moves its times, takes a revocation back, makes it somebody
else's, or puts the values of one row into another.

Held off by: a MAC over every column that counts, under a subkey of the ledger secret (0110). A row
without one, or with a wrong one, opens nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg import sql

from api.auth import ApiKeyTable, bound, make
from ledger.clock import now
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


def test_a_binding_that_was_taken_off_or_moved_to_another_key_pair_opens_nothing(
    office: Office, table: ApiKeyTable
) -> None:
    for change in ("dpop_jkt = NULL", "dpop_jkt = repeat('b', 43)"):
        key, credential = make("bound", frozenset({"cases:read"}), None, at=now(), days=1)
        key_table(office.urls.owner, office.secret).add(bound(key, "a" * 43))
        assert table.find(key.id) == replace(key, jkt="a" * 43)
        write(office, KEY, change, id=key.id)
        assert table.find(key.id) is None
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
