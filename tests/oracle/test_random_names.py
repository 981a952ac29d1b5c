"""Candidates by name on random ledgers, against a full scan with every name opened."""

from collections.abc import Iterable, Sequence
from random import Random

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude
from projections.rebuild import rebuild
from tests.database import Server
from tests.ledger.carrying import let_die
from tests.oracle import steps
from tests.oracle.decoder import Seen
from tests.oracle.fold import Identifier, history, normal, person_at, transfers_at
from tests.oracle.test_carried import carry_some, differing
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.world import ACTOR, World
from tests.rounds import rounds

LIMIT = 50
Person = frozenset[Identifier]

# The names that `steps` and `world` give, each under another spelling; and one that nobody has.
SPELLED = {
    "見本太郎": "見本 太郎",
    "見 本　花子": "見本 花子",
    "見本・新名": "見本 新名",
    "見本旧姓": "見本 旧姓",
    " 見本 三郎 ": "見本 三郎",
    "見本 四郎": "見本 四郎",
}


def sayings(events: Iterable[Seen]) -> set[tuple[str, str, Identifier]]:
    """(stream, name, person) of each living event that gives a person a name."""
    found: set[tuple[str, str, Identifier]] = set()
    for event in events:
        said = [line["principal"] for line in event.lines.values()]
        if event.type == "principal-renamed" and event.content is not None:
            said = [{**event.record["principal"], "name": event.record["name"]}]
        found |= {
            (event.stream, one["name"], normal(one["scheme"], one["id"]))
            for one in said
            if "name" in one
        }
    return found


def expected(events: Sequence[Seen], name: str, excluded: set[int]) -> set[Person]:
    """Who is called so: every event is looked at, every history of everybody is told."""
    head = len(events)
    hidden = {event.stream for event in events if event.position in excluded}
    told = {
        stream
        for stream, one in transfers_at(events, head).items()
        if one.order_11 == "0" and not one.is_gone and stream not in hidden
    }
    told |= {event.stream for event in events if event.type == "principal-renamed"}
    persons: set[Person] = set()
    for stream, said, who in sayings(events):
        if said != name or stream not in told:
            continue
        entries = history(events, head, [who])
        if any(one not in hidden for entry in entries for one, _, _ in entry.messages):
            persons.add(frozenset(person_at(events, head, [who])))
    return persons


def found(world: World, spelled: str, limit: int = LIMIT) -> tuple[list[Person], bool]:
    """Whom the product proposes, each as the whole person."""
    head = world.house.reads.head()
    called = world.house.names.called(spelled, head, limit)
    clusters = [world.house.streams.cluster([one], head).refs for one in called.identifiers]
    return [frozenset((ref.scheme, ref.id) for ref in refs) for refs in clusters], called.more


def held(world: World) -> set[tuple[bytes, bytes]]:
    """(name, person) as the index holds them."""
    rows = world.connection.execute(
        "SELECT name_key, principal_key FROM projections.entries WHERE name_key IS NOT NULL"
        " UNION SELECT name_key, principal_key FROM projections.namings"
    )
    return {(name.bytes, key.bytes) for name, key in rows}


def _is_as_scanned(world: World, excluded: set[int], random: Random) -> None:
    events, secret = world.events(), world.house.secret
    said = {(name, who) for _, name, who in sayings(events)}
    assert held(world) == {
        (secret.name_key(name), secret.principal_key(*who)) for name, who in said
    }
    for spelled, name in SPELLED.items():
        persons, more = found(world, spelled)
        assert len(set(persons)) == len(persons), "nobody is proposed twice"
        wanted = expected(events, name, excluded)
        assert (set(persons), more) == (wanted, False), f"{name}, without {sorted(excluded)}"
        limit = random.randint(1, 3)
        some, more = found(world, spelled, limit)
        assert (len(some), more) == (min(limit, len(wanted)), len(wanted) > limit)
        assert set(some) <= wanted


def _some_die(world: World, random: Random) -> None:
    """Some keys of days and of later names."""
    with psycopg.connect(world.database.admin) as admin:
        keys = admin.execute(
            "SELECT key_id FROM ledger.data_keys"
            " WHERE key_class IN ('record', 'no-duty', 'directive') ORDER BY key_class, day, key_id"
        ).fetchall()
    let_die(world.house, world.database, [key for (key,) in keys if random.random() < 0.4])


def _exclude(world: World, random: Random) -> set[int]:
    recorded = [one.position for one in world.events() if one.type.endswith("-recorded")]
    chosen = sorted(one for one in recorded if random.random() < 0.3)
    if chosen:
        spans = tuple((one, one) for one in chosen)
        command = Exclude(random_uuid(), ACTOR, spans, "i", "危害")
        world.house.exclusions().change(command, world.now)
    return set(chosen)


@settings(parent=bounded, max_examples=rounds(12))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_candidates_by_name_are_whom_a_full_scan_finds(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        world.catch_up()
        _is_as_scanned(world, set(), random)
        excluded = _exclude(world, random)
        _is_as_scanned(world, excluded, random)
        if random.random() < 0.5:
            carry_some(world, random, 2040)
            world.catch_up()
        _some_die(world, random)
        _is_as_scanned(world, excluded, random)
        assert differing(world) == []
        rebuild(world.house.follower(), world.connection)
        _is_as_scanned(world, excluded, random)
        assert differing(world) == []
