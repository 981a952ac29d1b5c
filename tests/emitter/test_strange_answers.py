"""Whatever answers in place of the ledger acknowledges nothing and refuses nothing."""

import io
import json
import time
from dataclasses import replace

import pytest

from ledger_emitter import Destination, Emitter, Outbox
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.emitter.between import PROBLEM, Cut, Own, Proxy, proxy
from tests.emitter.test_sending import FLUSH_S, awaited
from tests.emitter.transfers import HASTY, item

JSON = "application/json"
RECORDED = b'{"status":"recorded","position":1}'


def _refused(code: bytes) -> bytes:
    """The last of three items is refused with this code."""
    last = b'{"status":"rejected","problem":{"code":%b}}' % code
    return b'{"results":[%b,%b,%b]}' % (RECORDED, RECORDED, last)


def _at(position: bytes) -> bytes:
    """The last of three items is recorded at this position."""
    last = b'{"status":"recorded","position":%b}' % position
    return b'{"results":[%b,%b,%b]}' % (RECORDED, RECORDED, last)


NOT_THE_LEDGER = {
    "a captive portal": Own(200),
    "fewer results than items": Own(200, b'{"results":[' + RECORDED + b"]}", JSON),
    "a refusal without a problem": Own(
        200, b'{"results":[%b,%b,{"status":"rejected"}]}' % (RECORDED, RECORDED), JSON
    ),
    "a code that is a sentence": Own(200, _refused(b'"Forbidden\\nby policy"'), JSON),
    "a position of 2 to the 63": Own(200, _at(b"9223372036854775808"), JSON),
    "JSON nested beyond reading": Own(200, b"[" * 100_000, JSON),
    "another address": Own(302, headers={"Location": "https://elsewhere.example.jp/"}),
    "no such page": Own(404),
    "a firewall's 422": Own(422, b'{"code":"SCHEMA_VIOLATION"}', JSON),
    "a firewall's 403": Own(403),
    "a request that HTTP does not allow": Own(400, b'{"code":"BAD_REQUEST"}', PROBLEM),
}
AWAY = {
    "too many requests": Own(429),
    "no ledger behind the gateway": Own(503),
    "a request that came too slowly": Own(408),
}


def through(standing: Proxy, ledger: Ledger) -> Destination:
    return Destination(standing.url, ledger.key())


@pytest.mark.parametrize("what", NOT_THE_LEDGER)
def test_what_is_not_the_ledger_pauses_and_all_goes_out_when_it_is_back(
    ledger: Ledger, outbox: Outbox, source: str, what: str
) -> None:
    source = f"{source}/{what.replace(' ', '-')}"
    with (
        proxy(ledger, lambda _: NOT_THE_LEDGER[what]) as standing,
        Emitter(outbox, through(standing, ledger), HASTY) as emitter,
    ):
        emitter.put_many([item(str(n), source) for n in range(3)])
        status = awaited(outbox, lambda now: now.state == "paused")
        assert (status.waiting, status.kept, status.refused) == (3, 0, 0)
        assert status.http_status == NOT_THE_LEDGER[what].status
        standing.rule = lambda _: None
        assert emitter.flush(FLUSH_S)
        assert outbox.status().refused == 0
    assert recorded(ledger, source) == {"0": 1, "1": 1, "2": 1}


@pytest.mark.parametrize("what", AWAY)
def test_a_gateway_that_cannot_now_is_asked_again(
    ledger: Ledger, outbox: Outbox, source: str, what: str
) -> None:
    source = f"{source}/{what.replace(' ', '-')}"
    with (
        proxy(ledger, lambda _: AWAY[what]) as standing,
        Emitter(outbox, through(standing, ledger), HASTY) as emitter,
    ):
        emitter.put(item("1", source))
        status = awaited(outbox, lambda now: now.state == "retrying")
        assert (status.http_status, status.needs_a_person) == (AWAY[what].status, False)
        standing.rule = lambda _: None
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {"1": 1}


def test_nobody_is_asked_before_retry_after_has_passed(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    asked: list[float] = []

    def rule(_: bytes) -> Own | None:
        asked.append(time.monotonic())
        return Own(503, headers={"Retry-After": "2"}) if len(asked) == 1 else None

    with (
        proxy(ledger, rule) as standing,
        Emitter(outbox, through(standing, ledger), HASTY) as emitter,
    ):
        emitter.put(item("1", source))
        awaited(outbox, lambda now: now.state == "retrying")
        # New items end no wait that was asked for.
        emitter.put(item("2", source))
        assert emitter.flush(FLUSH_S)
    assert asked[1] - asked[0] >= 2
    assert recorded(ledger, source) == {"1": 1, "2": 1}


def test_a_lost_answer_doubles_nothing(ledger: Ledger, outbox: Outbox, source: str) -> None:
    cuts = [Cut(), Cut()]
    with (
        proxy(ledger, lambda _: cuts.pop() if cuts else None) as standing,
        Emitter(outbox, through(standing, ledger), HASTY) as emitter,
    ):
        emitter.put_many([item(str(n), source) for n in range(30)])
        assert emitter.flush(FLUSH_S)
    assert cuts == []
    assert recorded(ledger, source) == {str(n): 1 for n in range(30)}


def test_an_item_that_no_proxy_lets_through_waits_alone_and_the_others_pass(
    ledger: Ledger, outbox: Outbox, source: str, log_lines: io.StringIO
) -> None:
    long = item("long", source, items=["氏" * 4_000])
    with (
        proxy(ledger, lambda body: Own(413) if len(body) > 8_000 else None) as standing,
        Emitter(outbox, through(standing, ledger), HASTY) as emitter,
    ):
        emitter.put_many([item("1", source), long, *(item(str(n), source) for n in range(2, 40))])
        status = awaited(outbox, lambda now: now.waiting == 1)
        assert (status.kept, status.refused, status.state) == (39, 0, "sending")
        assert "1 items wait: HTTP_413" in log_lines.getvalue()
        standing.rule = lambda _: None
        assert emitter.flush(FLUSH_S)
        assert outbox.status().refused == 0
    assert recorded(ledger, source) == {**{str(n): 1 for n in range(1, 40)}, "long": 1}


def test_an_item_on_which_the_ledger_breaks_waits_alone(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    broken = json.dumps({"code": "INTERNAL_ERROR", "retryable": True}).encode()
    patient = replace(HASTY, pause_s=2.0)

    def rule(body: bytes) -> Own | None:
        return Own(500, broken, PROBLEM) if b'"id":"poison"' in body else None

    with (
        proxy(ledger, rule) as standing,
        Emitter(outbox, through(standing, ledger), patient) as emitter,
    ):
        emitter.put_many([item("poison", source), *(item(str(n), source) for n in range(60))])
        status = awaited(outbox, lambda now: now.waiting == 1)
        assert (status.kept, status.refused) == (60, 0)
        standing.rule = lambda _: None
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {**{str(n): 1 for n in range(60)}, "poison": 1}
