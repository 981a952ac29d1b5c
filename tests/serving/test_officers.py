"""Names of officers go by themselves once nobody signs in any more, and by a command before."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from api.auth import person_owner
from api.auth.people.colleagues import Colleagues
from api.container import Container
from api.server.daily_job import LOOK_S
from api.server.secrets import secrets_of
from api.server.sign_in import ISSUER
from ledger.clock import now
from ledger.store.officer_names import OfficerNames
from tests.database import LEDGER_NAME, Database
from tests.serving.houses import record
from tests.serving.kept import RECORDED, Kept, opened
from tests.serving.processes import environment, run
from tests.serving.sealed_place import Place

DAYS = 20
NAME = "見本　太郎"
ROWS = "SELECT count(*) FROM ledger.officer_names"
AWAY, HERE, GONE = "e-0001", "e-0002", "e-0003"


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def names_of(house: Container) -> OfficerNames:
    return OfficerNames(house.writer, house.keys, house.secret)


def actor(house: Container, code: str) -> str:
    return house.secret.actor(ISSUER, person_owner(code))


def test_the_daily_job_deletes_the_name_of_whoever_stays_away(
    kept: Kept, database: Database
) -> None:
    house = kept.inside.house
    colleagues = Colleagues(names_of(house), DAYS, monotonic=iter(range(0, 10**6, 60)).__next__)
    away, here = "a" * 32, "b" * 32
    kept.inside.record("t1")
    colleagues.signed_in(away, "見本　太郎", ["officer"], house.now())
    colleagues.signed_in(here, "見本　花子", ["officer"], house.now())
    for days in range(DAYS + 1):
        kept.at(RECORDED + timedelta(days=days))
        colleagues.signed_in(here, "見本　花子", ["approver"], house.now())
        assert kept.daily.look() == LOOK_S
        assert (away in colleagues.known(house.now())) == (days < DAYS)
    assert [*colleagues.known(house.now())] == [here]
    with psycopg.connect(database.urls.owner) as owner:
        assert owner.execute(ROWS).fetchone() == (1,)


def test_colleagues_whose_names_look_the_same_are_told_apart_by_digits(kept: Kept) -> None:
    house = kept.inside.house
    colleagues = Colleagues(names_of(house), DAYS)
    alike = ["田中 浩", "田中　浩", "田中浩", "ﾀﾅｶ ﾋﾛｼ", "タナカ　ヒロシ"]
    for digit, name in enumerate([*alike, "田中 洋"]):
        colleagues.signed_in(f"{digit}" * 32, name, ["officer"], house.now())
    found = {one.name: one.is_one_of_several for one in colleagues.known(house.now()).values()}
    assert found == dict.fromkeys(alike, True) | {"田中 洋": False}


def test_a_key_that_does_not_open_keeps_nobody_out(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(tmp_path, database)
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        Colleagues(names_of(house), DAYS).signed_in(actor(house, HERE), NAME, ["officer"], now())
    with psycopg.connect(database.admin) as connection:
        connection.execute("ALTER TABLE ledger.data_keys DISABLE TRIGGER ALL")
        connection.execute("UPDATE ledger.data_keys SET wrapped = set_byte(wrapped, 20, 0)")
        connection.execute("UPDATE ledger.data_keys SET wrapped = set_byte(wrapped, 21, 0)")
        connection.execute("ALTER TABLE ledger.data_keys ENABLE TRIGGER ALL")
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        colleagues = Colleagues(names_of(house), DAYS)
        colleagues.signed_in(actor(house, AWAY), NAME, ["officer"], now())
        assert colleagues.known(now()) == {}
    assert "a colleague's name was not kept: its key does not open" in caplog.text
    assert NAME not in caplog.text


def test_a_command_lists_no_names_and_forgets_one_person_or_all_who_stay_away(
    database: Database, tmp_path: Path
) -> None:
    place = Place(tmp_path, database)
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        record(house, "t-1")
        colleagues = Colleagues(names_of(house), DAYS)
        ago = {AWAY: timedelta(days=15), HERE: timedelta(), GONE: timedelta(days=1)}
        for code, since in ago.items():
            colleagues.signed_in(actor(house, code), "見本　太郎", ["officer"], now() - since)
        actors = {code: actor(house, code) for code in ago}
    given = environment(**place.given)
    status, listed = run("officers", "list", given=given)
    assert status == 0
    assert all(one in listed for one in actors.values())
    assert "見本" not in listed
    assert run("officers", "forget", "--person", GONE.upper(), given=given) == (0, "forgotten")
    assert run("officers", "forget", "--actor", actors[GONE], given=given)[0] == 1
    day = f"{now() - timedelta(days=5):%Y-%m-%d}"
    assert run("officers", "forget", "--before", day, given=given) == (0, "forgotten: 1")
    left = run("officers", "list", given=given)[1]
    assert [code for code, one in actors.items() if one in left] == [HERE]
    for wrong in ((), ("--person", HERE, "--before", day), ("--actor", "佐藤")):
        assert run("officers", "forget", *wrong, given=given)[0] != 0
