"""Two bags with pseudonyms beside each other: who shares a record is joined, and nobody else.

Attack: whoever holds two bags of a ledger finds out which pseudonyms are one person's.

Held off by: names that are others in each bag, for persons without a record that both bags show. Of
those who have one nothing holds it off, for a position that is proven is the same in both: the
verifier, the bag and the documentation say so, and what else may tell it (0075).
"""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import chain, takewhile
from math import sqrt
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any, Final

import pytest

from api.resources.exports.export_run import further
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports.export_request import ExportRequest
from ledger.exports.exporter import Exporter
from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import ExportPseudonyms
from tests.database import Database
from tests.exports.lying import TABLE
from tests.exports.world import WHY, World, checked, kinds, place_of, rows, world
from tests.ledger.given import AT, data, person
from tests.matrix import every

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a person, and where it stands.

    Attributes:
        place: position of the event and number of the line in it.
        count: how many lines the event has.
        own: what stands in the line, but the pseudonym.
        record: the record without lines, and its row of the table.
    """

    pseudonym: str
    place: Place
    count: int
    own: Mapping[str, Any]
    record: frozenset[str]
    keys: frozenset[str]

    @property
    def verdict(self) -> str:
        return json.dumps([self.own.get("verdict"), self.own.get("n")])


@dataclass(frozen=True, slots=True)
class Held:
    """A bag as who holds it sees it: its lines, in their order."""

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, bag: Path) -> "Held":
        text = (bag / TABLE).read_bytes().decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(text, newline="")))
        found: list[Line] = []
        for row in rows(bag):
            number: int = row.pop("row")
            shown = [event.pop("lines", []) for event in row["events"]]
            headers: list[Any] = [json.loads(event["header"]) for event in row["events"]]
            record = frozenset(chain(_words(row), _words(headers), table[number][1:]))
            keys = frozenset(one["sealed"]["key"] for one in headers if "sealed" in one)
            for event, lines in zip(row["events"], shown, strict=True):
                for line in lines:
                    name, place = line.pop("pseudonym"), (event["position"], line["j"])
                    found.append(Line(name, place, len(lines), line, record, keys))
        return cls(tuple(found))

    @property
    def places(self) -> dict[Place, str]:
        return {one.place: one.pseudonym for one in self.lines}

    def of_person(self, pseudonym: str) -> list[Line]:
        return [one for one in self.lines if one.pseudonym == pseudonym]

    def among(self, pseudonyms: Collection[str]) -> list[str]:
        """Those pseudonyms in the order in which they come."""
        names = (one.pseudonym for one in self.lines if one.pseudonym in pseudonyms)
        return list(dict.fromkeys(names))


def _words(value: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON
    """Every value in it, as text."""
    inner: list[Any] = [*value.values()] if type(value) is dict else value
    if type(inner) is list:
        for one in inner:
            yield from _words(one)
    else:
        yield str(inner)


def joined(first: Held, second: Held) -> set[tuple[str, str]]:
    """Pairs of pseudonyms that stand at one place of the log."""
    common = first.places.keys() & second.places.keys()
    return {(first.places[one], second.places[one]) for one in common}


Distance = Callable[[Held, str, Held, str], float]


def _unlike(first: Collection[object], second: Collection[object]) -> float:
    """Of two sets: 0 the same, 1 nothing in common."""
    one, other = set(first), set(second)
    return 1 - len(one & other) / max(len(one | other), 1)


def _by(value: Callable[[Held, str], float]) -> Distance:
    return lambda a, x, b, y: abs(value(a, x) - value(b, y))


def _within(held: Held, name: str) -> float:
    """Where the person stands among those of a record, from 0 to 1."""
    return mean(one.place[1] / max(one.count - 1, 1) for one in held.of_person(name))


def _alphabet(held: Held, name: str) -> float:
    names = sorted({one.pseudonym for one in held.lines})
    return names.index(name) / len(names)


def _coming(held: Held, name: str) -> float:
    names = held.among({one.pseudonym for one in held.lines})
    return names.index(name) / len(names)


def _hashes(held: Held, name: str) -> float:
    return int(min(one.own["commitment"] for one in held.of_person(name))[:8], 16)


def _alike(x: str, y: str) -> int:
    """How many letters they begin with alike."""
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(x, y, strict=True)))


def _verdicts(a: Held, x: str, b: Held, y: str) -> float:
    first, second = ([one.verdict for one in h.of_person(n)] for h, n in ((a, x), (b, y)))
    return _unlike(first, second)


def _said(a: Held, x: str, b: Held, y: str) -> float:
    first, second = (
        frozenset[str]().union(
            *(one.record for one in h.of_person(n)), *(_words(one.own) for one in h.of_person(n))
        )
        for h, n in ((a, x), (b, y))
    )
    return _unlike(first, second)


def _keys(a: Held, x: str, b: Held, y: str) -> float:
    first, second = (
        frozenset[str]().union(*(one.keys for one in h.of_person(n))) for h, n in ((a, x), (b, y))
    )
    return _unlike(first, second)


WAYS: Final[Mapping[str, Distance]] = {
    "the first letters of a pseudonym": lambda _a, x, _b, y: -_alike(x, y),
    "the letters of a pseudonym": lambda _a, x, _b, y: _unlike(x, y),
    "pseudonyms in the order of the alphabet": _by(_alphabet),
    "pseudonyms in the order in which they come": _by(_coming),
    "the order of the persons in a record": _by(_within),
    "commitments in their order": _by(_hashes),
    "how many records a person stands in": _by(lambda held, name: len(held.of_person(name))),
    "the size of the records": _by(lambda h, name: mean(one.count for one in h.of_person(name))),
    "verdicts and numbers of lines": _verdicts,
    "keys of the records": _keys,
    "all that stands in a record and its table": _said,
}
"""How alike two pseudonyms of two bags are: the smaller, the more."""


def found(way: str, a: Held, b: Held, true: Mapping[str, str]) -> float:
    """How many of the pseudonyms in `true` are told by that way; one that is one of n alike: 1/n.

    The attacker even knows which pseudonyms of both bags are to be joined, not which with which.
    """
    sure, distance = 0.0, WAYS[way]
    for x, y in true.items():
        of = {one: distance(a, x, b, one) for one in true.values()}
        nearest = [one for one, how in of.items() if how == min(of.values())]
        sure += (y in nearest) / len(nearest)
    return sure


PAIRS: Final = 10
PERSONS: Final = [f"M{n:02}" for n in range(24)]
FIRST: Final = date(2026, 3, 1)
WIDTH, STEP, COMMON = 8, 4, 2
"""Records of a bag, from one pair to the next, and in both bags of a pair."""
SIGMAS: Final = 6


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def seed_of(name: str) -> bytes:
    return sha256(name.encode()).digest()


def bag(made: World, name: str, first: date, last: date) -> Path:
    """A bag of those days, without the cover report, which is made of the other files."""
    asked = ExportRequest(
        random_uuid(), Filters(first=first, last=last), AT, seed_of(name), {"laws": []}
    )
    exporter = Exporter(made.house.house.streams, further(made.house.ledger)[:1])
    exporter.make(asked, made.signed(), made.folder / name, lambda _done, _total: None)
    return made.folder / name


def pseudonym(made: World, name: str, identifier: str) -> str:
    """Of the person in the bag, as the ledger makes it."""
    key = made.house.house.streams.principal_key(person(identifier))
    return ExportPseudonyms(seed_of(name)).of(key)


def true(made: World, names: tuple[str, str], persons: set[str]) -> dict[str, str]:
    return {
        pseudonym(made, names[0], one): pseudonym(made, names[1], one) for one in sorted(persons)
    }


@pytest.fixture(scope="module")
def drawn() -> list[list[str]]:
    """Whom each record names, one a day, in no order."""
    random = Random(2512)  # noqa: S311 -- cases, not secrets
    count = (PAIRS - 1) * STEP + 2 * WIDTH - COMMON
    return [random.sample(PERSONS, random.randint(1, 6)) for _ in range(count)]


@pytest.fixture(scope="module")
def made(
    shared_database: Database, tmp_path_factory: pytest.TempPathFactory, drawn: list[list[str]]
) -> Iterator[World]:
    with world(shared_database, tmp_path_factory.mktemp("joining")) as made:
        for n, people in enumerate(drawn):
            made.house.record(f"t{n}", data(*people, transferred_on=day(n).isoformat()))
        yield made


@pytest.fixture(scope="module")
def pairs(made: World) -> list[tuple[range, range, Held, Held]]:
    """Ten pairs of bags that overlap: days of each, and the bags."""
    begun: list[tuple[range, range, Held, Held]] = []
    for n in range(PAIRS):
        first = range(n * STEP, n * STEP + WIDTH)
        second = range(first.stop - COMMON, first.stop - COMMON + WIDTH)
        bags = [
            bag(made, f"{n}{name}", day(days[0]), day(days[-1]))
            for name, days in (("a", first), ("b", second))
        ]
        begun.append((first, second, Held.of(bags[0]), Held.of(bags[1])))
    return begun


def in_days(drawn: list[list[str]], days: range) -> set[str]:
    return {one for n in days for one in drawn[n]}


def test_exactly_the_persons_of_records_that_both_bags_show_are_joined(
    made: World, drawn: list[list[str]], pairs: list[tuple[range, range, Held, Held]]
) -> None:
    for n, (first, second, a, b) in enumerate(pairs):
        common = in_days(drawn, range(second.start, first.stop))
        assert joined(a, b) == set(true(made, (f"{n}a", f"{n}b"), common).items())
        hashes = [{one.own["commitment"]: one.pseudonym for one in held.lines} for held in (a, b)]
        both = hashes[0].keys() & hashes[1].keys()
        assert {(hashes[0][one], hashes[1][one]) for one in both} == joined(a, b)
    assert sum(len(joined(a, b)) for *_, a, b in pairs) > 5 * PAIRS


@every("way", WAYS)
def test_persons_without_a_common_record_are_joined_no_better_than_by_chance(
    made: World, drawn: list[list[str]], pairs: list[tuple[range, range, Held, Held]], way: str
) -> None:
    told = chance = tried = 0.0
    for n, (first, second, a, b) in enumerate(pairs):
        common = in_days(drawn, range(second.start, first.stop))
        left = (in_days(drawn, first) & in_days(drawn, second)) - common
        if left:
            told += found(way, a, b, true(made, (f"{n}a", f"{n}b"), left))
            chance, tried = chance + 1, tried + len(left)
    assert tried > 5 * chance, "there are persons to be told apart"
    assert told < chance + SIGMAS * sqrt(chance), f"{told} of {tried}, by chance {chance}"


def two(made: World) -> tuple[Held, Held]:
    """A bag of April and one of May."""
    april = bag(made, "april", date(2026, 4, 1), date(2026, 4, 30))
    may = bag(made, "may", date(2026, 5, 1), date(2026, 5, 31))
    return Held.of(april), Held.of(may)


SIX: Final = ["P1", "P2", "P3", "P4", "P5", "P6"]


def test_what_records_say_may_join_persons_all_the_same(database: Database, tmp_path: Path) -> None:
    """So the sentence speaks of it: the attack succeeds where there is something to be found."""
    with world(database, tmp_path) as made:
        made.house.record("t1", data(*SIX, transferred_on="2026-04-01"))
        made.house.record("t2", data(*SIX, transferred_on="2026-05-01"))
        a, b = two(made)
        assert joined(a, b) == set()
        persons = true(made, ("april", "may"), set(SIX))
        assert found("the order of the persons in a record", a, b, persons) == len(SIX)
        assert found("the letters of a pseudonym", a, b, persons) < len(SIX)


def test_whoever_checks_a_bag_with_pseudonyms_is_told_what_two_of_them_tell(
    database: Database, tmp_path: Path
) -> None:
    told = {kind: checked(place_of(kind))[1] for kind in kinds()}
    words = "can tell that two pseudonyms are one person"
    words_ja = "二つの仮名が同じ方のものと分かります"
    assert {kind: (words in said, words_ja in said) for kind, said in told.items()} == {
        kind: (not kind.endswith("named"),) * 2 for kind in kinds()
    }
    with world(database, tmp_path) as made:
        made.house.record("t1", data("P1"))
        bags = [made.bag("plain"), made.bag("named", identified=True, reason=WHY)]
        guides = [(one / "VERIFY.ja.md").read_text("utf-8") for one in bags]
    assert ["同じ方" in one for one in guides] == [True, False]
    assert "同じ記録を載せた別の袋" in guides[0]
