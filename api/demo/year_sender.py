"""Sends the year through the HTTP API, as the platforms and the officers would."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from importlib.resources import files
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import urlsplit

from api.demo.client import DemoClient, DemoResponse, UnexpectedAnswerError
from api.demo.keys import DemoKeys
from api.demo.plan import NAMES, DailyDeclarations, DeskRequest, Planned, PlannedStep, Send
from ledger.values import Json

_TRANSFER: Final = "{transfer}"
_CASE: Final = "{case}"
_APPROVAL: Final = "approve"
_LETTER: Final = "preview.pdf"
_DONE: Final = frozenset((HTTPStatus.OK, HTTPStatus.CREATED))


class DemoDesk:
    """Who works on cases, one connection each; close it when done."""

    def __init__(self, url: str, keys: DemoKeys) -> None:
        self._closing = ExitStack()
        self._clients = {
            who: self._closing.enter_context(closing(DemoClient(url, key)))
            for who, key in keys.desk()
        }
        # Label of a case → its address, and its tag as it was last seen.
        self._cases: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def ask(self, request: DeskRequest, transfers: Mapping[str, str]) -> dict[str, Json]:
        """What the ledger answers to a request of the desk.

        Args:
            transfers: label → id.

        Raises:
            UnexpectedAnswerError: it refuses.
        """
        transfer = _named(request.label, transfers)
        path = request.path.replace(_TRANSFER, transfer)
        return self._clients[request.who].post(path, _about(request.body, transfer))

    def step(self, stepped: PlannedStep, transfers: Mapping[str, str]) -> dict[str, Json]:
        """What the ledger answers to a step of a case; `{}` where it refuses, as it should.

        Raises:
            UnexpectedAnswerError: it refuses, or does not where it should.
        """
        case, tag = self._cases.get(stepped.case, ("/v1/cases", ""))
        path = f"{case}/{stepped.endpoint}" if stepped.endpoint else case
        body = _about(stepped.body, _named(stepped.label, transfers))
        if stepped.other is not None:
            body = _filled(body, _CASE, self._cases[stepped.other][0].rpartition("/")[2])
        if stepped.endpoint == _APPROVAL:
            # Nobody approves what they have not opened.
            self._clients[stepped.who].ask("GET", f"{case}/{_LETTER}", None)
        answer = self._clients[stepped.who].ask("POST", path, body, tag)
        if stepped.refused is not None:
            if answer.status != HTTPStatus.CONFLICT or answer.body.get("code") != stepped.refused:
                raise _unexpected(stepped, answer)
            return {}
        if answer.status not in _DONE:
            raise _unexpected(stepped, answer)
        self._cases[stepped.case] = (answer.location or case, answer.etag)
        return answer.body


def _named(label: str | None, transfers: Mapping[str, str]) -> str:
    return "" if label is None else transfers[label]


def _about(body: dict[str, Json], transfer: str) -> dict[str, Json]:
    """The body with the id of the transfer where it stands for it."""
    return _filled(body, _TRANSFER, transfer)


def _filled(body: dict[str, Json], place: str, value: str) -> dict[str, Json]:
    return cast("dict[str, Json]", json.loads(json.dumps(body).replace(place, value)))


def _unexpected(stepped: PlannedStep, answer: DemoResponse) -> UnexpectedAnswerError:
    endpoint = stepped.endpoint or "/v1/cases"
    return UnexpectedAnswerError(
        f"{stepped.case} {endpoint}: {answer.status} {answer.body.get('code')}"
    )


Progress = Callable[[str, int], None]
"""Called after each request with the month and the transfers that it held."""

Turn = Callable[[date], None]
"""Called before each request with the day on which it is sent."""


@dataclass(slots=True)
class SentAnswer:
    """What the ledger answered.

    Attributes:
        statuses: how many items were recorded, duplicate, …
        findings: transfers recorded with each finding.
        persons: persons within recorded transfers who have findings of their own.
        position: the newest position that an answer named.
    """

    statuses: Counter[str] = field(default_factory=Counter[str])
    findings: Counter[str] = field(default_factory=Counter[str])
    persons: int = 0
    position: int = 0
    labelled: dict[str, str] = field(default_factory=dict[str, str])

    def note(self, sent: Send, answer: dict[str, Json]) -> None:
        """Remember what one request brought."""
        results = cast("list[dict[str, Json]]", answer["results"])
        for result in results:
            self.statuses[cast("str", result["status"])] += 1
            if result["status"] == "recorded":
                self.findings.update(cast("list[str]", result["findings"]))
                self.persons += cast("int", result.get("persons_with_findings", 0))
        self.reached(answer)
        for n, label in sent.labels:
            self.labelled[label] = cast("str", results[n]["transfer"])

    def reached(self, answer: dict[str, Json]) -> None:
        """Remember how far the log is."""
        self.position = max(self.position, cast("int", answer.get("position", 0)))


def notices() -> list[dict[str, Json]]:
    """The policy's joint-use notice and an opt-out filing, as requests: one version each."""
    text = files("api.demo").joinpath("notices.json").read_text("utf-8")
    bodies: list[dict[str, Json]] = []
    for notice in cast("list[dict[str, Json]]", json.loads(text)["notices"]):
        versions = cast("list[Json]", notice.pop("versions", [{}]))
        bodies += [{**notice, "version": version} if version else notice for version in versions]
    return bodies


def register(url: str, keys: DemoKeys, since: date) -> None:
    """Register the platforms: their transfers belong into the ledger from `since` on."""
    with closing(DemoClient(url, keys.operator)) as operator:
        for source, name in NAMES.items():
            body: dict[str, Json] = {"source": source, "name": name, "since": since.isoformat()}
            operator.put(f"/v1/emitters/{_code(source)}", body)


def _code(source: str) -> str:
    return str(urlsplit(source).hostname).partition(".")[0]


def publish(url: str, keys: DemoKeys) -> SentAnswer:
    """Publish what the transfers of the year rest on."""
    answered = SentAnswer()
    with closing(DemoClient(url, keys.legal)) as legal:
        for body in notices():
            answered.reached(legal.post("/v1/notices", body))
    return answered


def send(
    target: tuple[str, DemoKeys],
    year: Iterable[Planned],
    answered: SentAnswer,
    progress: Progress,
    turn: Turn,
) -> None:
    """Send every request of `year`, in order.

    Args:
        target: where the ledger is, and who is known there.
    """
    url, keys = target
    with ExitStack() as open_until_the_end:
        desk = open_until_the_end.enter_context(DemoDesk(url, keys))
        platforms = {
            source: open_until_the_end.enter_context(closing(DemoClient(url, key)))
            for source, key in keys.platforms.items()
        }
        for one in year:
            turn(one.day)
            if isinstance(one, Send):
                body: dict[str, Json] = {"items": cast("Json", list(one.items))}
                answered.note(one, platforms[one.source].post("/v1/transfers", body))
                progress(one.month, len(one.items))
            elif isinstance(one, DailyDeclarations):
                _declare(one, platforms, answered)
            elif isinstance(one, DeskRequest):
                answered.reached(desk.ask(one, answered.labelled))
            else:
                answered.reached(desk.step(one, answered.labelled))


def _declare(
    one: DailyDeclarations, platforms: Mapping[str, DemoClient], answered: SentAnswer
) -> None:
    last = one.day - timedelta(days=1)
    body: dict[str, Json] = {"from": one.first.isoformat(), "to": last.isoformat()}
    for source, platform in platforms.items():
        answered.reached(platform.put(f"/v1/emitters/{_code(source)}/coverage", body))


def history(url: str, keys: DemoKeys, identifiers: list[Json], after: int) -> dict[str, Json]:
    """One person's history, as it is when everything up to `after` is in it."""
    query: dict[str, Json] = {
        "identifiers": identifiers,
        "case": "DEMO-0001",
        "reason": "デモの確認",
        "after": after,
    }
    with closing(DemoClient(url, keys.officer)) as officer:
        return officer.post("/v1/histories", query)


def work_list(url: str, keys: DemoKeys) -> list[dict[str, Json]]:
    """The work list, oldest arrival last; names are masked."""
    with closing(DemoClient(url, keys.officer)) as officer:
        return cast("list[dict[str, Json]]", officer.get("/v1/cases?limit=100")["cases"])


def case_of(url: str, keys: DemoKeys, identifiers: list[Json]) -> str | None:
    """The newest case that names one of the identifiers; None when there is none."""
    with closing(DemoClient(url, keys.officer)) as officer:
        found = officer.post("/v1/cases/search", {"identifiers": identifiers})
    links = cast("list[dict[str, str]]", found["similar"])
    return links[0]["case"] if links else None
