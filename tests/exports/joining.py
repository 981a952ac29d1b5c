"""What whoever holds two bags with pseudonyms does: join them by all that stands in them."""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from statistics import mean
from typing import Any, Final

from tests.exports.lying import TABLE
from tests.exports.world import rows

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
