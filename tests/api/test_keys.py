import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.auth import ApiKey, ApiKeyTable, Authenticator, KeyNotAllowedError, Scope, Tokens, make
from ledger.clock import day_in_japan, now
from ledger.errors import StoreUnavailableError
from tests.api.clock import Clock
from tests.api.door import actor_of, probe_app
from tests.database import Database
from tests.matrix import every
from tests.rows import key_table, mac_of

SOURCE = "https://platform.example.jp/houjin/9234567890123"
EMITTER: frozenset[Scope] = frozenset({"events:write"})


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def emitter(**changes: object) -> tuple[ApiKey, str]:
    key, credential = make("platform-a", EMITTER, SOURCE, at=now(), days=365)
    return replace(key, **changes), credential  # pyright: ignore[reportArgumentType] -- changes of any field


def owner(database: Database) -> ApiKeyTable:
    return key_table(database.urls.owner)


def writer(database: Database) -> Callable[[], psycopg.Connection]:
    return lambda: psycopg.connect(database.urls.writer)


def test_a_key_opens_what_it_was_made_for(shared_database: Database) -> None:
    key, credential = emitter()
    owner(shared_database).add(key)
    client = TestClient(probe_app(writer(shared_database)))
    answer = client.post("/send", json={"source": SOURCE + "/export"}, headers=bearer(credential))
    assert answer.status_code == 200
    assert answer.json() == {"actor": actor_of(f"key\n{key.id}"), "kind": "key"}
    other = client.post("/send", json={"source": SOURCE + "4"}, headers=bearer(credential))
    assert (other.status_code, other.json()["code"]) == (403, "SOURCE_NOT_ALLOWED")
    assert other.json()["errors"][0]["pointer"] == "/source"


def test_the_secret_is_stored_nowhere(database: Database) -> None:
    key, credential = emitter()
    owner(database).add(key)
    secret = credential.rpartition("_")[2]
    with psycopg.connect(database.admin) as connection:
        (row,) = connection.execute("SELECT api_keys::text FROM ledger.api_keys").fetchone() or (
            "",
        )
    assert secret not in row
    assert secret not in repr(key)
    assert len(secret) == 64


@every(
    "header",
    [
        None,
        "",
        "Bearer ",
        "Bearer plk_",
        "Basic dXNlcjpwYXNz",
        "Bearer plk_0123456789abcdef_" + "0" * 64,
        "Bearer plk_0123456789ABCDEF_" + "0" * 64,
        "Bearer plk_" + "é" * 16,
        "Bearer not.a.token",
    ],
)
def test_who_is_not_known_gets_401_and_learns_nothing(
    shared_database: Database, header: str | None
) -> None:
    client = TestClient(probe_app(writer(shared_database)))
    sent = [] if header is None else [(b"Authorization", header.encode())]
    answer = client.get("/whoami", headers=sent)
    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHENTICATED"
    stated = ', error="invalid_token"' if header is not None else ""
    assert answer.headers["www-authenticate"] == f'Bearer realm="ledger"{stated}'


def test_two_authorization_headers_are_refused(shared_database: Database) -> None:
    key, credential = emitter()
    owner(shared_database).add(key)
    twice = [("Authorization", f"Bearer {credential}")] * 2
    assert (
        TestClient(probe_app(writer(shared_database))).get("/whoami", headers=twice).status_code
        == 401
    )


def test_a_wrong_secret_for_a_known_key_is_refused(shared_database: Database) -> None:
    key, credential = emitter()
    owner(shared_database).add(key)
    wrong = credential[:-1] + ("0" if credential[-1] != "0" else "1")
    client = TestClient(probe_app(writer(shared_database)))
    assert client.get("/whoami", headers=bearer(wrong)).status_code == 401
    assert client.get("/whoami", headers=bearer(credential)).status_code == 200


def test_an_expired_key_is_refused(shared_database: Database) -> None:
    at = now()
    key, credential = emitter(created_at=at - timedelta(2), expires_at=at - timedelta(seconds=1))
    owner(shared_database).add(key)
    client = TestClient(probe_app(writer(shared_database)))
    assert client.get("/whoami", headers=bearer(credential)).status_code == 401


def test_a_key_is_not_remembered_beyond_its_expiry(database: Database) -> None:
    key, credential = emitter(expires_at=now() + timedelta(seconds=10))
    owner(database).add(key)
    clock = Clock()
    client = TestClient(probe_app(writer(database), clock=clock))
    assert client.get("/whoami", headers=bearer(credential)).status_code == 200
    with psycopg.connect(database.admin) as connection:
        connection.execute("DELETE FROM ledger.api_keys")
    owner(database).add(replace(key, expires_at=key.created_at + timedelta(milliseconds=1)))
    clock.advance(10)
    assert client.get("/whoami", headers=bearer(credential)).status_code == 401


def test_a_revoked_key_is_refused_within_thirty_seconds(shared_database: Database) -> None:
    key, credential = emitter()
    table = owner(shared_database)
    table.add(key)
    clock = Clock()
    client = TestClient(probe_app(writer(shared_database), clock=clock))
    assert client.get("/whoami", headers=bearer(credential)).status_code == 200
    first = table.revoke(key.id, now())
    assert table.revoke(key.id, now()) == first
    clock.advance(29)
    assert client.get("/whoami", headers=bearer(credential)).status_code == 200
    clock.advance(1)
    assert client.get("/whoami", headers=bearer(credential)).status_code == 401
    assert table.revoke("0" * 16, now()) is None


def test_a_use_is_noted_to_the_day_and_a_repeat_costs_no_query(database: Database) -> None:
    key, credential = emitter()
    table = owner(database)
    table.add(key)
    lent = 0

    def connect() -> psycopg.Connection:
        nonlocal lent
        lent += 1
        return psycopg.connect(database.urls.writer)

    client = TestClient(probe_app(connect))
    for _ in range(20):
        assert client.get("/whoami", headers=bearer(credential)).status_code == 200
    assert lent == 2
    assert [found.last_used_day for found in table.all()] == [day_in_japan(now())]


class SlowKeys:
    """Keys that take their time."""

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        self.asked = 0

    def find(self, key_id: str) -> ApiKey | None:
        self.asked += 1
        time.sleep(0.05)
        return self.key if key_id == self.key.id else None

    def note_use(self, key_id: str, day: date) -> None:
        del key_id, day
        raise StoreUnavailableError


def test_many_who_wait_for_the_same_key_ask_once_and_a_lost_day_closes_no_door() -> None:
    key, credential = emitter()
    keys = SlowKeys(key)
    door = Authenticator(keys, Tokens((), leeway_s=0), actor_of, remember_s=30)
    headers = [(b"authorization", b"bearer " + credential.encode())]

    async def crowd() -> None:
        first = asyncio.ensure_future(door.caller(headers))
        await asyncio.sleep(0.01)
        others = [asyncio.ensure_future(door.caller(headers)) for _ in range(9)]
        first.cancel()
        callers = await asyncio.gather(*others)
        assert len(set(callers)) == 1

    asyncio.run(crowd())
    assert keys.asked == 1


def test_without_a_database_the_door_says_try_again() -> None:
    def dead() -> psycopg.Connection:
        raise psycopg.OperationalError("connection to the host of somebody failed")

    answer = TestClient(probe_app(dead)).get("/whoami", headers=bearer(emitter()[1]))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "somebody" not in answer.text


@every(
    "scopes, prefix, label, days",
    [
        ({"events:write"}, None, "a", 1),
        ({"events:read.own"}, None, "a", 1),
        ({"admin:config", "audit:read"}, None, "a", 1),
        (set[Scope](), None, "a", 1),
        ({"events:write"}, "https://", "a", 1),
        ({"audit:read"}, None, "", 1),
        ({"audit:read"}, None, "吉田", 1),
        ({"audit:read"}, None, "a" * 65, 1),
        ({"audit:read"}, None, "a", 0),
        ({"audit:read"}, None, "a", 3_651),
        ({"cases:read", "cases:write"}, None, "a", 1),
        ({"cases:approve"}, None, "a", 1),
    ],
)
def test_a_key_that_may_not_exist_is_not_made(
    scopes: set[Scope], prefix: str | None, label: str, days: int
) -> None:
    with pytest.raises(KeyNotAllowedError):
        make(label, frozenset(scopes), prefix, at=now(), days=days)


@every(
    "change",
    [
        {"scopes": frozenset({"admin:config", "audit:read"})},
        {"source_prefix": None},
        {"scopes": frozenset[str]()},
        {"secret_sha256": b"short"},
        {"label": "a\nb"},
        {"id": "x"},
        {"expires_at": now() - timedelta(days=1)},
    ],
)
def test_the_table_itself_refuses_such_a_key(
    shared_database: Database, change: dict[str, object]
) -> None:
    key, _ = emitter(**change)
    with pytest.raises(psycopg.errors.CheckViolation):
        owner(shared_database).add(key)


@every("role", ["writer", "projector", "purger", "reader"])
def test_only_the_owner_makes_keys_and_the_web_server_revokes_them(
    shared_database: Database, role: str
) -> None:
    url = getattr(shared_database.urls, role)
    key, _ = emitter()
    table = ApiKeyTable(lambda: psycopg.connect(url), mac_of(shared_database.urls.reader))
    revokes = role == "writer"
    if revokes:
        assert table.revoke("0" * 16, now()) is None
    more = () if revokes else (lambda: table.revoke(key.id, now()),)
    for forbidden in (lambda: table.add(key), *more):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            forbidden()
    with psycopg.connect(url) as connection:
        for statement in ("DELETE FROM ledger.api_keys", "TRUNCATE ledger.api_keys"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)
    if role != "writer":
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            table.find(key.id)


def bare(database: Database, key: ApiKey, **changed: str) -> None:
    """Take the MAC of a row away, as rows of older versions have none; or change a column."""
    with psycopg.connect(database.urls.owner) as connection:
        if not changed:
            connection.execute("UPDATE ledger.api_keys SET mac = NULL WHERE id = %s", (key.id,))
        for column, value in changed.items():
            statement = sql.SQL("UPDATE ledger.api_keys SET {} = %s WHERE id = %s")
            connection.execute(statement.format(sql.Identifier(column)), (value, key.id))


def test_a_key_of_before_rows_had_macs_opens_nothing_until_somebody_confirms_it(
    database: Database,
) -> None:
    key, credential = emitter()
    table = owner(database)
    table.add(key)
    bare(database, key)
    client = TestClient(probe_app(writer(database)))
    assert client.get("/whoami", headers=bearer(credential)).status_code == 401
    assert (table.find(key.id), table.all()) == (None, [])
    assert table.doubtful() == [(key, "unconfirmed")]
    assert table.confirm(key.id)
    assert (table.find(key.id), table.doubtful()) == (key, [])
    assert not table.confirm(key.id)
    assert not table.confirm("0" * 16)


def test_a_changed_row_is_confirmed_by_nobody_and_told_by_its_id_alone(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    key, _ = emitter()
    table = owner(database)
    table.add(key)
    bare(database, key, owner="person\ne-0107")
    assert table.find(key.id) is None
    assert not table.confirm(key.id)
    assert [(one.id, doubt) for one, doubt in table.doubtful()] == [(key.id, "altered")]
    [told] = caplog.records
    assert (told.levelname, told.message) == ("WARNING", "API key not accepted")
    assert (vars(told)["key"], vars(told)["error"]) == (key.id, "altered")
    assert "e-0107" not in str(vars(told))


def test_a_server_of_another_secret_accepts_no_key(shared_database: Database) -> None:
    key, _ = emitter()
    owner(shared_database).add(key)
    other = key_table(shared_database.urls.writer, bytes(32))
    assert other.find(key.id) is None
