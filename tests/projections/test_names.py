"""Names in the index: what is one name, who is called so, and how names live and die."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from api.container import Container
from ledger.commands import CorrectTransfer, LinkIdentifiers, RenamePrincipal
from ledger.crypto.epoch import demo_secret
from ledger.crypto.names import folded_name
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import NamesOutdatedError
from ledger.postgres.migrate import migrate
from ledger.streams.streams import AnyFact
from projections import names
from projections.entries import rows
from projections.rebuild import rebuild
from tests.database import rooms
from tests.ledger.carrying import keys_at, let_die
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import ACTOR, data, person, recorded
from tests.ledger.inside import Inside
from tests.ledger.test_drafts import opened
from tests.projections.older import before_names, without_marks
from tests.projections.test_rebuild import named

NAME = "見本 花子"
OTHER = "試験 花子"
LIMIT = 50


def called(house: Inside, name: str = NAME, limit: int = LIMIT) -> list[str]:
    """The ids of those who are called so, sorted; one more, `…`, when there are others."""
    found = house.house.names.called(name, house.follow(), limit)
    return [*sorted(one.id for one in found.identifiers), *["…"] * found.more]


def people(*who: tuple[str, str | None]) -> list[dict[str, str]]:
    return [
        {"scheme": "member", "id": one} | ({} if name is None else {"name": name})
        for one, name in who
    ]


def sent(house: Inside, key: str, *who: tuple[str, str | None], mark: int = 0) -> UUID:
    """Record a transfer about these persons, with these names; its stream."""
    return house.record(key, data(principals=people(*who)), mark).transfer


def correct(house: Inside, stream: UUID, *who: tuple[str, str | None]) -> None:
    changes: dict[str, Any] = {"principals": people(*who)}
    house.ledger.correct(CorrectTransfer(random_uuid(), ACTOR, stream, changes, "誤記"), house.now)


def rename(house: Inside, who: str, name: str) -> int:
    command = RenamePrincipal(random_uuid(), ACTOR, person(who), name)
    return house.ledger.direct(command, house.now).position


def link(house: Inside, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "住民票")
    house.ledger.link(command, house.now)


def held(house: Inside) -> set[tuple[bytes, bytes]]:
    """(name, person) as the index holds them."""
    found = house.connection.execute(
        "SELECT name_key, principal_key FROM projections.entries WHERE name_key IS NOT NULL"
        " UNION SELECT name_key, principal_key FROM projections.namings"
    )
    return {(name.bytes, key.bytes) for name, key in found}


SECRET = LedgerSecret(bytes(range(32)), "test-ledger")


ALIKE: Final = """\
髙橋 花子=高橋花子|山﨑 一郎=山崎 一郎|山嵜 一郎=山崎 一郎|𠮷田 茂=吉田 茂|渡邉 健=渡辺 健
渡邊\U000e0101 健=渡辺 健|齋藤 学=斉藤 學|見本　花子=見本 花子| 見本 花 子 =見本花子
みほん はなこ=ミホン ハナコ|ﾐﾎﾝ ﾊﾅｺ=ミホン ハナコ|ﾊﾞﾊﾞ=ババ|きょうこ=キヨウコ
ＭＩＨＯＮ　ＨＡＮＡＫＯ=mihon hanako|ジョン・スミス=ジョン スミス|O'Neill=O’Neill"""
UNLIKE: Final = """\
高橋 花子=高梁 花子|見本 花子=見本 華子|ババ=ハハ|ミホン ハナコ=見本 花子
大田=太田|見本=見本 花子"""


def pairs(table: str) -> list[list[str]]:
    return [pair.split("=") for line in table.split("\n") for pair in line.split("|")]


def test_one_name_is_found_however_it_is_spelled_and_names_that_differ_are_not_one() -> None:
    assert [pair for pair in pairs(ALIKE) if len(set(map(folded_name, pair))) > 1] == []
    assert [pair for pair in pairs(UNLIKE) if len(set(map(SECRET.name_key, pair))) == 1] == []


def test_a_second_name_of_one_person_in_one_event_has_a_row_of_its_own() -> None:
    both = sorted(map(SECRET.name_key, (NAME, OTHER)))
    spellings = [("P1", NAME), ("P1", OTHER), ("P1", None), (" P1", OTHER), ("P1", "見本花子")]
    key = SECRET.principal_key("member", "P1")
    for who in (spellings, spellings[::-1]):
        found = rows([opened(recorded(data(principals=people(*who))))], SECRET)
        assert found.entries == ((key, 9, both[0]),)
        assert found.namings == ((key, 9, both[1]),)


# -- life and death --------------------------------------------------------------------------------


def die(house: Inside, *positions: int) -> None:
    house.follow()
    let_die(house.house, house.database, keys_at(house.database, positions))


def test_a_name_dies_with_the_last_record_that_says_it_and_no_earlier(house: Inside) -> None:
    key, secret = house.house.secret.principal_key("member", "P1"), house.house.secret
    for key_of, name in (("t1", NAME), ("t2", NAME), ("t3", OTHER)):
        sent(house, key_of, ("P1", name))
        house.now += timedelta(days=1)
    assert len(keys_at(house.database, [1, 2, 3])) == 3
    pairs = {(secret.name_key(one), key) for one in (NAME, OTHER)}
    house.follow()
    assert held(house) == pairs
    die(house, 1)
    assert held(house) == pairs
    assert (called(house), called(house, OTHER)) == (["P1"], ["P1"])
    die(house, 2)
    assert held(house) == {(secret.name_key(OTHER), key)}
    assert (called(house), called(house, OTHER)) == ([], ["P1"])
    assert named(house) == []


# -- versions --------------------------------------------------------------------------------------


@contextmanager
def rotated(house: Inside) -> Generator[Container]:
    """The same ledger with a new key for names."""
    old = house.house.secret
    house.house.streams.secret = house.house.secret = LedgerSecret(
        demo_secret(), house.database.ledger_name, versions={"name": 2}
    )
    try:
        yield house.house
    finally:
        house.house.streams.secret = house.house.secret = old


@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_read_side_that_is_older_than_names_says_so_until_it_is_built_anew(
    house: Inside, slot: str
) -> None:
    sent(house, "t1", ("P1", NAME))
    house.follow()
    if slot == "b":
        rebuild(house.house.follower(), house.connection)
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        without_marks(admin, house.house.secret)
        before_names(admin)
    assert migrate(house.database.urls.owner, rooms()) == 6
    sent(house, "t2", ("P2", NAME))
    with pytest.raises(NamesOutdatedError):
        called(house)
    assert [entry.position for entry in house.page("P2").entries] == [2]
    assert [(one.table, one.kind, one.key) for one in named(house)] == [
        ("names", "outdated", "none"),
        ("findings", "outdated", "none"),
        ("belated", "outdated", "none"),
        ("marks", "outdated", "none"),
        ("days", "outdated", "none"),
    ]
    assert held(house) == set()
    rebuild(house.house.follower(), house.connection)
    assert (called(house), named(house)) == (["P1", "P2"], [])


def test_another_key_for_names_takes_effect_when_it_is_built_anew(house: Inside) -> None:
    sent(house, "t1", ("P1", NAME))
    assert called(house) == ["P1"]
    first = held(house)
    with rotated(house):
        sent(house, "t2", ("P2", NAME))
        with pytest.raises(NamesOutdatedError):
            called(house)
        [found] = named(house)
        assert (found.table, found.kind, found.key) == ("names", "outdated", "name/1/1")
        assert held(house) == first
        rebuild(house.house.follower(), house.connection)
        assert (called(house), named(house)) == (["P1", "P2"], [])
        assert not held(house) & first
    with pytest.raises(NamesOutdatedError):
        called(house)


def test_persons_of_one_name_are_found_one_by_one_within_the_index(house: Inside) -> None:
    house.connection.execute(
        "INSERT INTO projections.entries_a SELECT md5((n %% 3)::text)::uuid, n, %s"
        " FROM generate_series(1, 30000) AS n",
        (UUID(bytes=house.house.secret.name_key(NAME)),),
    )
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE projections.entries_a")
        [(heap, index)] = admin.execute(
            "SELECT pg_relation_size('projections.entries_a'),"
            " pg_relation_size('projections.entries_a_name')"
        )
    # Each pair stands there once, with 6 bytes for each of its rows.
    assert index < heap / 5
    values: dict[str, object] = {
        "name": UUID(bytes=house.house.secret.name_key(NAME)),
        "after": UUID(int=0),
        "limit": 64,
    }
    plan: Sequence[tuple[Any]] = house.connection.execute(
        b"EXPLAIN (ANALYZE, TIMING off, FORMAT json) " + names.CALLED.encode(), values
    ).fetchall()
    text = str(plan)
    assert "entries_a_name" in text
    assert _rows_read(plan[0][0][0]["Plan"]) < 20


def _rows_read(node: dict[str, Any]) -> int:
    """The most rows that one look at a table took."""
    own = node["Actual Rows"] if "Relation Name" in node else 0
    return max([own, *(_rows_read(one) for one in node.get("Plans", []))])


def test_who_is_known_already_is_not_proposed_by_any_identifier(house: Inside) -> None:
    sent(house, "t1", ("P1", NAME), ("P2", NAME), ("P3", NAME))
    link(house, "P1", "P2")
    found = house.house.names.called(NAME, house.follow(), LIMIT, [person(" P2")])
    assert [one.id for one in found.identifiers] == ["P3"]


# -- bound and Order 11 ----------------------------------------------------------------------------


@pytest.fixture(params=[1, 2, 64])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons and transfers are looked at one by one, by two, and in one go."""
    monkeypatch.setattr(names, "PERSONS", request.param)
    monkeypatch.setattr(names, "READ", request.param)
    monkeypatch.setattr(names, "TRANSFERS", request.param)


@pytest.mark.usefixtures("few")
def test_beyond_the_bound_it_says_that_there_are_more_and_nothing_else(house: Inside) -> None:
    sent(house, "t1", *((f"P{n}", NAME) for n in range(5)))
    assert called(house, limit=5) == ["P0", "P1", "P2", "P3", "P4"]
    assert len(called(house, limit=4)) == 5
    assert called(house, limit=4)[-1] == "…"
    rename(house, "Q1", NAME)
    assert called(house, limit=5) == ["P0", "P1", "P2", "P3", "P4"]


@pytest.mark.usefixtures("few")
def test_whom_only_excluded_records_name_is_no_candidate_and_takes_no_place(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    for n in range(2, 6):
        sent(house, f"t{n}", (f"P{n}", NAME))
    sent(house, "t6", ("P7", NAME), mark=3)
    rename(house, "P7", NAME)
    assert called(house) == ["P1", "P2", "P3", "P4", "P5"]
    exclude(house, 2, 3, 4)
    assert called(house) == called(house, limit=2) == ["P1", "P5"]
    rename(house, "P2", NAME)
    assert called(house, limit=2) == ["P1", "P5"]
    lift(house, 3)
    assert called(house) == ["P1", "P3", "P5"]


@pytest.mark.parametrize(("each", "goes"), [(1, [12]), (3, [12, 24]), (12, [12, 96, 36])])
def test_records_that_nobody_may_see_are_read_in_one_go(
    house: Inside, monkeypatch: pytest.MonkeyPatch, each: int, goes: list[int]
) -> None:
    """Else the time of an answer grows with each of those whom it does not tell of."""
    house.send(
        [
            house.asked(f"t{n}-{m}", data(principals=people((f"P{n}", NAME))), 1)
            for n in range(12)
            for m in range(each)
        ]
    )
    as_of = house.follow()
    without_marks(house.connection, house.house.secret)
    read: list[int] = []
    facts = house.house.streams.facts

    def counted(streams: Sequence[UUID], at: int) -> Mapping[UUID, list[AnyFact]]:
        read.append(len(streams))
        return facts(streams, at)

    monkeypatch.setattr(house.house.streams, "facts", counted)
    assert house.house.names.called(NAME, as_of, LIMIT).identifiers == ()
    assert read == goes


def test_a_name_that_only_an_excluded_record_says_is_not_told_by_the_others(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    sent(house, "t2", ("P1", OTHER))
    sent(house, "t3", ("P2", None))
    link(house, "P1", "P2")
    assert len(called(house)) == len(called(house, OTHER)) == 1
    exclude(house, 1)
    assert (len(called(house)), len(called(house, OTHER))) == (0, 1)
    exclude(house, 2)
    assert called(house) == called(house, OTHER) == []


def test_a_name_is_not_said_by_what_was_excluded_before_two_identifiers_were_linked(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    sent(house, "t2", ("P1", NAME), ("P2", NAME))
    sent(house, "t3", ("P2", OTHER))
    for position in (1, 2):
        exclude(house, position, of="P1")
    assert called(house) == ["P2"], "nobody knows yet that it is one person"
    link(house, "P1", "P2")
    assert (called(house), called(house, OTHER)) == ([], ["P2"])
    lift(house, 1, of="P2")
    assert called(house) == ["P1"]
