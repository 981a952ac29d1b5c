"""Two sides of people, without records and excluded, and the requests about both."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, cast

import orjson

from api.container import Container
from api.demo.client import DemoClient
from benchmarks.ks import critical, distance, probability
from benchmarks.load import request
from benchmarks.planting import DELAY_SECONDS, HEADER
from benchmarks.requests import EVIDENCE, Requests, Taken
from benchmarks.samples import SOURCE, data
from benchmarks.timing import timed
from ledger.clock import day_in_japan, now
from ledger.values import Json, PrincipalRef

_OTHER: Final[dict[str, Json]] = {"scheme": "phone", "id": "0300000000"}
_LISTS: Final = ("provisions", "receipts", "voluntary_entries", "retracted_entries", "joint_uses")
_CASE: Final[dict[str, Json]] = {"case": "BENCH-1", "reason": "benchmark"}
_SIDES: Final = (0, 1)
_ITEM_NUMBER: Final = "123-45-67890-1"
_NAMES: Final = ("見本 月子", "見本 花子")
"""Of each side: nobody bears the first, all who are excluded bear the second."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of the answers about both sides at one endpoint."""

    without: list[float]
    excluded: list[float]

    @property
    def d(self) -> float:
        """Their distance."""
        return distance(self.without, self.excluded)

    @property
    def share(self) -> float:
        """Their distance as a share of the critical one at 1 %: above 1 they differ."""
        return self.d / critical(len(self.without), len(self.excluded))

    @property
    def differs(self) -> bool:
        """Whether the two count as different: p is below 1 %."""
        return self.share > 1

    @property
    def p(self) -> float:
        """How probable that distance, or a larger one, is where the two do not differ."""
        return probability(self.d, len(self.without), len(self.excluded))

    def late(self, grid_seconds: float) -> float:
        """The share of all answers that did not leave at the first point of the grid."""
        both = [*self.without, *self.excluded]
        return sum(one > 1.5 * grid_seconds for one in both) / len(both)

    def shifted(self) -> "Pair":
        """The same with a millisecond added to one side."""
        return Pair(self.without, [one + DELAY_SECONDS for one in self.excluded])


@dataclass(frozen=True, slots=True)
class _Question:
    """One request, about somebody of a side; `version`: of the case."""

    side: int
    path: str
    body: object
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers of each side, at most as many as before: cases go from one endpoint to the next.

    Attributes:
        samples: where no letter is set; rendered: where one is; posted: at the post.
    """

    samples: int
    rendered: int
    posted: int


class Sides:
    """The people of both sides; their identifiers are of one length.

    Attributes:
        without: people without any record.
        excluded: people with two records, both excluded: by request, and as the emitter marked it.
        plain: people with a record that names somebody else, too.
        beside: the same, and for the other one the record is excluded.
    """

    def __init__(self, port: int, credential: str, each: int) -> None:
        self.without = [PrincipalRef("member", f"N-{n:06}") for n in range(each)]
        self.excluded = [PrincipalRef("member", f"X-{n:06}") for n in range(each)]
        self._credential = credential
        numbers = count()
        for who in self.excluded:
            self._record(port, who, next(numbers), next(numbers))
        self.plain = [PrincipalRef("member", f"P-{n:06}") for n in range(each)]
        self.beside = [PrincipalRef("member", f"B-{n:06}") for n in range(each)]
        for who in (*self.plain, *self.beside):
            self._record_of_two(port, who, next(numbers), is_excluded=who in self.beside)

    def histories(self, port: int, samples: int, connections: int) -> Pair:
        """The history of each."""
        questions = [
            _Question(side, "/v1/histories", {"identifiers": [_shown(self._who(n, side))], **_CASE})
            for n, side in _turns(samples)
        ]
        pair, told = self._asked(port, questions, connections)
        assert not any(one[name] for one in told for name in _LISTS), "nothing of either side"
        return pair

    def shared(self, port: int, samples: int, connections: int) -> Pair:
        """The history of each whose record is excluded for another person of it, or for nobody."""
        questions: list[_Question] = []
        for n, side in _turns(samples):
            people = (self.plain, self.beside)[side]
            who = _shown(people[n % len(people)])
            questions.append(_Question(side, "/v1/histories", {"identifiers": [who], **_CASE}))
        pair, told = self._asked(port, questions, connections)
        assert {len(one["provisions"]) for one in told} == {1}, "each is told the record"
        return pair

    def cases(
        self, port: int, house: Container, counts: Counts, connections: int, approver: str
    ) -> dict[str, Pair]:
        """The endpoints of cases, a case each: who the person is, the decision, the letter, post.

        Who asks has the name of the side.

        Args:
            approver: API key of who approves between submission and post.
        """
        requests, samples = Requests(house), counts.samples
        taken = {
            (n, side): requests.verified(self._who(n, side), _NAMES[side])
            for n in range(samples)
            for side in _SIDES
        }
        versions = {str(one.case): one.version for one in taken.values()}

        def asked(endpoint: str, body: Callable[[PrincipalRef], object], times: int) -> Pair:
            questions: list[_Question] = []
            for n, side in _turns(times):
                case = str(taken[n, side].case)
                path = f"/v1/cases/{case}/{endpoint}"
                about = body(self._who(n, side))
                questions.append(_Question(side, path, about, versions[case]))
            pair, told = self._asked(port, questions, connections)
            versions.update({one["case"]: one["version"] for one in told})
            found = {(one["search"]["provided"], one["search"]["received"]) for one in told}
            assert found == {(0, 0)}, "nothing of either side"
            return pair

        def tried(who: PrincipalRef) -> object:
            return {"identifiers": [], "tried": [_shown(who), _OTHER], "evidence": EVIDENCE}

        endpoints = {
            "candidates": self._candidates(port, taken, samples, connections),
            "principal": asked("principal", tried, samples),
            "decisions": asked("decisions", lambda _: {}, samples),
            "submit": asked("submit", lambda _: {}, counts.rendered),
        }
        with closing(DemoClient(f"http://127.0.0.1:{port}", approver)) as client:
            for n, side in _turns(counts.posted):
                case = str(taken[n, side].case)
                client.ask("GET", f"/v1/cases/{case}/preview.pdf", None)
                told = client.ask("POST", f"/v1/cases/{case}/approve", {}, f'"{versions[case]}"')
                versions[case] = cast("int", told.body["version"])
        post: Json = {"dispatched_on": str(day_in_japan(now())), "item_number": _ITEM_NUMBER}
        endpoints["dispatch"] = asked("dispatch", lambda _: post, counts.posted)
        return endpoints

    def _candidates(
        self,
        port: int,
        taken: Mapping[tuple[int, int], Taken],
        samples: int,
        connections: int,
    ) -> Pair:
        """Who may be meant, by identifier and by name: nobody's name, and that of the excluded."""
        questions = [
            _Question(
                side,
                f"/v1/cases/{taken[n, side].case}/candidates",
                {"identifiers": [_shown(self._who(n, side))], "name": _NAMES[side]},
            )
            for n, side in _turns(samples)
        ]
        pair, told = self._asked(port, questions, connections)
        found = {
            (found["provided"], found["received"]) for one in told for found in one["candidates"]
        }
        assert found == {(0, 0)}, "nothing of either side"
        assert {len(one["candidates"]) for one in told} == {1}, "nobody is found by name"
        return pair

    def _who(self, number: int, side: int) -> PrincipalRef:
        people = (self.without, self.excluded)[side]
        return people[number % len(people)]

    def _asked(
        self, port: int, questions: Sequence[_Question], connections: int
    ) -> tuple[Pair, list[dict[str, Any]]]:
        contents = [self._content(one) for one in questions]
        answers = timed(port, contents, connections)
        pair = Pair([], [])
        for one, answer in zip(questions, answers, strict=True):
            (pair.excluded if one.side else pair.without).append(answer.seconds)
        return pair, [orjson.loads(answer.body) for answer in answers]

    def _content(self, asked: _Question) -> bytes:
        headers = {HEADER: str(asked.side)}
        if asked.version is not None:
            headers["if-match"] = f'"{asked.version}"'
        return request(asked.path, orjson.dumps(asked.body), self._credential, headers)

    def _record_of_two(
        self, port: int, who: PrincipalRef, number: int, *, is_excluded: bool
    ) -> None:
        other: Json = {"scheme": "member", "id": f"O-{number:06}"}
        content: Json = {**data(number), "principals": [_shown(who), other]}
        items: Json = [{"source": SOURCE, "id": f"s-{number}", "data": content}]
        told = self._sent(port, "/v1/transfers", {"items": items})
        if is_excluded:
            body = {
                "action": "exclude",
                "transfers": [told["results"][0]["transfer"]],
                "principal": other,
                "ground": "i",
                "reason": "b",
            }
            self._sent(port, "/v1/exclusions", body)

    def _sent(self, port: int, path: str, body: object) -> dict[str, Any]:
        [answer] = timed(port, [request(path, orjson.dumps(body), self._credential)], 1)
        return orjson.loads(answer.body)

    def _record(self, port: int, who: PrincipalRef, *numbers: int) -> None:
        def item(number: int, **mark: Json) -> dict[str, Json]:
            principal: Json = {"scheme": who.scheme, "id": who.id, "name": _NAMES[1]}
            content: Json = {**data(number), "principals": [principal]}
            return {"source": SOURCE, "id": f"x-{number}", "data": content, **mark}

        first, second = numbers
        told = self._sent(
            port, "/v1/transfers", {"items": [item(first), item(second, order_11="ii")]}
        )
        unmarked, _ = told["results"]
        reason = {"ground": "i", "reason": "加害のおそれ"}
        transfers = [unmarked["transfer"]]
        self._sent(port, "/v1/exclusions", {"action": "exclude", "transfers": transfers, **reason})


def _turns(samples: int) -> list[tuple[int, int]]:
    """(number, side) of each question: both sides in turn, which comes first is drawn."""
    drawn = random.Random(samples)  # noqa: S311 -- no secret
    return [(n, side) for n in range(samples) for side in drawn.sample(_SIDES, 2)]


def _shown(who: PrincipalRef) -> dict[str, Json]:
    return {"scheme": who.scheme, "id": who.id}
