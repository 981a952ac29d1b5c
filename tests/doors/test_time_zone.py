"""A server, a database or a login whose time zone is another one: every answer is in UTC."""

from dataclasses import fields
from typing import Final, cast

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.auth import Scope
from ledger.postgres.roles import ROLES, role_urls
from tests.database import Database
from tests.doors.cases.desk import begun
from tests.doors.corridor import fresh_id, open_doors
from tests.doors.emitting import Doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.doors.test_every_scope import ON_LOOPBACK, TABLE, filled

ZONES: Final = ("Asia/Tokyo", "America/St_Johns", "Etc/UTC")
"""The last one is the default of PostgreSQL's container image."""
BOUNDS: Final = ("first_at", "last_at")


@pytest.mark.parametrize("zone", ZONES)
def test_emitters_coverage_and_all_that_is_read_answer_whatever_the_zone_of_the_database(
    database: Database, zone: str
) -> None:
    statement = sql.SQL("ALTER DATABASE {} SET timezone = {}")
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(database.name), sql.Literal(zone)))
    with open_doors(database.urls) as corridor:
        doors = Doors(corridor)
        doors.register()
        assert doors.beat().status == 204
        case = begun(corridor)
        transfer = corridor.record(provision())["transfer"]
        stranger = corridor.key("events:write", source=OTHER_SOURCE)
        item = {"source": OTHER_SOURCE, "id": fresh_id(), "data": provision()}
        assert corridor.send(item, key=stranger).status == 200
        answer = corridor.ask("GET", "/v1/emitters", key=corridor.key("audit:read"))
        assert answer.status == 200, answer.text
        found = doors.coverage()
        [told] = found["emitters"]
        [unknown] = found["unregistered"]
        instants = [told["heartbeat_at"], told["accepted_at"], *map(unknown.get, BOUNDS)]
        assert [at[-1] for at in instants] == ["Z"] * 4
        ids = {"case": case.id, "transfer": transfer}
        failed: list[tuple[str, int]] = []
        for (method, path), scopes in TABLE.items():
            if method != "GET" or path == ON_LOOPBACK:
                continue
            for scope in scopes:
                key = corridor.key(cast("Scope", scope), source=SOURCE)
                status = corridor.ask(method, filled(path, ids), key=key).status
                if status >= 500:
                    failed.append((path, status))
        assert failed == []


def test_every_role_reads_instants_in_utc_whatever_the_options_of_the_url_say(
    database: Database,
) -> None:
    urls = role_urls(make_conninfo(database.login, options="-c timezone=Asia/Tokyo"))
    zones = [_zone_of(getattr(urls, one.name)) for one in fields(urls)]
    assert zones == ["UTC"] * len(ROLES)


def _zone_of(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("TimeZone")
