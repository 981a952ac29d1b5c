"""Answers that are lost, refused or late: the report is that of an undisturbed import."""

import json
import random
import threading
from collections.abc import Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from api.imports.client import client_of
from api.imports.delivery import CHECK
from api.imports.errors import UndeliveredError
from api.imports.importer import Import, Progress, imported
from ledger_emitter import Backoff, Destination
from ledger_emitter.answers import Answer, NoAnswer, RequestOutcome
from ledger_emitter.exchange import LedgerClient
from tests.chaos.ledger import Ledger
from tests.chaos.standing import head, recorded
from tests.emitter.between import PROBLEM, Cut, Own, Rule, proxy
from tests.importing import oracle
from tests.importing.items import SOURCE, item, line_of, ndjson
from tests.importing.running import report, run, wanted_of
from tests.importing.test_importing import KINDS
from tests.rounds import rounds

_fresh = count()
JSON = {"Content-Type": "application/json"}


class DeathError(Exception):
    """The process dies here."""


class Disturbed(LedgerClient):
    """The real client, with answers that are lost by lot, and a death by lot.

    Attributes:
        deaths: how many are still to come.
    """

    def __init__(self, ledger: Ledger, dice: random.Random, deaths: int) -> None:
        key_of_source = ledger.key()
        url = f"http://127.0.0.1:{ledger.port}"
        super().__init__(Destination(url, key_of_source), 4)
        self._dice = dice
        self._lock = threading.Lock()
        self.deaths = deaths

    @override
    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = JSON
    ) -> RequestOutcome:
        with self._lock:
            lot = self._dice.random()
        if lot < 0.15:
            return NoAnswer("ConnectError", was_sent=False)
        heard = super().ask(method, path, body, headers)
        if lot < 0.4:
            return NoAnswer("ReadError", was_sent=True)
        if lot < 0.5:
            return Answer(503, "text/html", "0", b"")
        with self._lock:
            if lot < 0.7 and self.deaths and path != CHECK:
                self.deaths -= 1
                raise DeathError
        return heard


def _imported_through_deaths(ledger: Ledger, wanted: Import, dice: random.Random) -> None:
    with closing(Disturbed(ledger, dice, deaths=4)) as client:
        while True:
            try:
                imported(wanted, client)
            except DeathError:
                continue
            return


@settings(max_examples=rounds(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 3)), min_size=1, max_size=30
    ),
    rows_max=st.integers(1, 10),
    parallel=st.integers(1, 4),
    seed=st.integers(0, 1 << 30),
)
def test_lost_answers_and_deaths_change_nothing_in_the_report(
    ledger: Ledger,
    tmp_path: Path,
    drawn: list[tuple[str, int]],
    rows_max: int,
    parallel: int,
    seed: int,
) -> None:
    number, start = next(_fresh), head(ledger)
    alone, ours = f"{SOURCE}/kept-{number}", f"{SOURCE}/lost-{number}"
    # What others recorded before: told as a repeat, however often an answer is lost.
    before = line_of(item("a-0", ours))
    oracle.told(ledger, [before], ledger.key())
    oracle.told(ledger, [line_of(item("a-0", alone))], ledger.key())
    expected = oracle.told(ledger, [KINDS[kind](alone, n) for kind, n in drawn], ledger.key())
    path = ndjson(tmp_path / f"{number}.ndjson", [KINDS[kind](ours, n) for kind, n in drawn])
    wanted = wanted_of(ledger, path, format="ndjson", rows_max=rows_max, parallel=parallel)
    _imported_through_deaths(ledger, wanted, random.Random(seed))  # noqa: S311 -- a test's dice
    assert oracle.without_places(report(path)) == oracle.without_places(expected)
    assert recorded(ledger, ours, start) == recorded(ledger, alone, start)


def test_a_repeat_whose_answer_is_lost_after_a_death_is_still_a_repeat(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))] * 2)
    settled: list[int] = []

    def die(done: Progress) -> None:
        settled.append(done.counts.total())
        if settled[-1] == 1:
            raise DeathError

    with pytest.raises(DeathError):
        run(ledger, path, die, rows_max=1)
    assert settled == [0, 1]
    with proxy(ledger, _once(Cut())) as between:
        wanted = wanted_of(ledger, path, rows_max=1)
        key_of_source = ledger.key()
        with closing(client_of(between.url, lambda: key_of_source, 1)) as client:
            assert imported(wanted, client) == {"recorded": 1, "duplicate": 1}
        assert len(between.bodies) == 2


def _once(own: Own | Cut) -> Rule:
    """Say this to the first request that records."""
    left = [own]

    def rule(body: bytes) -> Own | Cut | None:
        del body
        return left.pop() if left else None

    return rule


def _problem(code: str, status: int, **headers: str) -> Own:
    problem = {"status": status, "code": code, "retryable": True}
    return Own(status, json.dumps(problem).encode(), PROBLEM, headers)


@pytest.mark.parametrize(
    "own",
    [
        _problem("STORE_UNAVAILABLE", 503, **{"Retry-After": "0"}),
        _problem("TOO_MANY_REQUESTS", 429, **{"Retry-After": "0"}),
        Own(502),
        Own(429, headers={"Retry-After": "Fri, 27 Nov 2020 10:00:00 GMT"}),
        Cut(),
    ],
    ids=["503", "429", "a proxy's 502", "a day as Retry-After", "a cut"],
)
def test_who_asks_to_come_again_is_asked_again(
    ledger: Ledger, tmp_path: Path, source: str, own: Own | Cut
) -> None:
    case = next(_fresh)
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(f"{case}-{n}", source)) for n in range(3)])
    with proxy(ledger, _once(own)) as between:
        assert run(ledger, path, url=between.url) == {"recorded": 3}


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (Own(200, b"<html>welcome</html>"), "UNEXPECTED_ANSWER"),
        (Own(200, b'{"results": []}', "application/json"), "UNEXPECTED_ANSWER"),
        (Own(404), "HTTP_404"),
        (Own(302, headers={"Location": "https://login.example.jp"}), "HTTP_302"),
        (_problem("FORBIDDEN", 403), "FORBIDDEN"),
    ],
)
def test_who_is_not_the_ledger_settles_no_line(
    ledger: Ledger, tmp_path: Path, source: str, own: Own, code: str
) -> None:
    case = next(_fresh)
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(f"{case}-{n}", source)) for n in range(3)])
    with proxy(ledger, lambda _: own) as between:
        with pytest.raises(UndeliveredError) as caught:
            run(ledger, path, url=between.url)
        assert (caught.value.code, caught.value.status) == (code, own.status)
        assert report(path) == []
        between.rule = lambda _: None
        assert run(ledger, path, url=between.url) == {"recorded": 3}


def test_a_ledger_that_is_away_is_waited_for_and_then_given_up(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))])
    with proxy(ledger, lambda _: Own(503)) as between:
        with pytest.raises(UndeliveredError) as caught:
            run(ledger, path, url=between.url, backoff=Backoff(0.01, 0.02, retry_after_s_max=0.3))
        assert caught.value.status == 503
        assert len(between.bodies) > 3
        between.rule = lambda _: None
        assert run(ledger, path, url=between.url) == {"recorded": 1}


@pytest.mark.parametrize(
    ("own", "told"),
    [(Own(413), "HTTP_413"), (_problem("BATCH_TOO_LARGE", 413), "BATCH_TOO_LARGE")],
    ids=["a proxy's limit", "the ledger's limit"],
)
def test_a_request_that_is_too_long_is_halved_until_the_line_to_blame_stands_alone(
    ledger: Ledger, tmp_path: Path, source: str, own: Own, told: str
) -> None:
    case = next(_fresh)
    lines = [line_of(item(f"{case}-{n}", source)) for n in range(9)]
    lines[4] = line_of(item(f"{case}-4", source, items=["x" * 9_000]))
    path = ndjson(tmp_path / "f.ndjson", lines)
    with proxy(ledger, lambda body: own if len(body) > 3_000 else None) as between:
        counts = run(ledger, path, url=between.url)
    assert counts == {"recorded": 8, "quarantine": 1}
    assert report(path)[4] == {"line": 5, "status": "quarantine", "code": told}


def test_one_item_that_breaks_the_ledger_holds_the_import_up_by_its_line(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    lines = [line_of(item(str(n), source)) for n in range(8)]
    lines[5] = line_of(item("poison", source))
    path = ndjson(tmp_path / "f.ndjson", lines)
    rule: Rule = lambda body: Own(500) if b"poison" in body else None  # noqa: E731 -- a test's own
    with proxy(ledger, rule) as between:
        with pytest.raises(UndeliveredError) as caught:
            run(ledger, path, url=between.url, backoff=Backoff(0.01, 0.02, retry_after_s_max=0.5))
        assert caught.value.line == 6
        between.rule = lambda _: None
        assert run(ledger, path, url=between.url) == {"recorded": 8}
