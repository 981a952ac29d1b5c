"""Batches of one emitter at once, each of which takes a processor for long.

Attack: an emitter sends full batches, bodies to be checked beforehand, or malformed ones over fifty
connections and more at once, and whoever else sends, reads or asks whether the ledger lives waits
for all of them.

Held off by: places for large bodies, for checks and for naming what is malformed, so many of one
caller (`api.web.services`, 0112). They are read, checked and judged in threads of their own; who
has no place waits on the event loop, and beyond those that may wait the answer is `TOO_BUSY`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final

import httpx2
import pytest

from api.resources.transfers import endpoints
from api.web.items import DefectBudget, ParsedItem, Sender, items_of
from ledger.values import Json
from tests.attacks.registers import until
from tests.attacks.test_stalls import Gate, gate, others_are_served
from tests.doors.samples import SOURCE, provision
from tests.pages.office import WAITS_S, Office

PLACES: Final = 2
WAITING: Final = 62
MANY: Final = PLACES + WAITING + 6

Body = dict[str, object]


def body_of(data: Body, items: int) -> Body:
    return {"items": [{"source": SOURCE, "id": f"b{n}", "data": data} for n in range(items)]}


BODIES: Final[dict[str, tuple[str, Callable[[], Body]]]] = {
    "items to be checked": ("/v1/transfers/check", lambda: body_of(provision(), 1)),
    "a large body": ("/v1/transfers", lambda: body_of(provision(items=["x" * 70_000]), 1)),
    "very many items": ("/v1/transfers", lambda: body_of(provision(), 101)),
    "a malformed item": ("/v1/transfers", lambda: body_of({"principals": [Body()]}, 1)),
}


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before items are made in detail: nothing else of a request takes longer."""

    def gated(
        given: Sequence[Json], sender: Sender, at: datetime, naming: DefectBudget
    ) -> list[ParsedItem]:
        if naming.most:
            made.pass_through()
        return items_of(given, sender, at, naming)

    with gate() as made:
        monkeypatch.setattr(endpoints, "items_of", gated)
        yield made


@pytest.fixture(scope="module")
def emitter(office: Office) -> str:
    return office.key("events:write", owner="flooding", source=SOURCE)


@pytest.fixture(scope="module")
def other(office: Office) -> str:
    return office.key("events:write", owner="patient", source=SOURCE)


@pytest.mark.parametrize("body", BODIES)
def test_batches_at_once_keep_nobody_else_waiting_and_wait_or_come_again(
    office: Office, emitter: str, other: str, making: Gate, body: str
) -> None:
    office.person("officer")
    path, made = BODIES[body]
    content = made()
    with ThreadPoolExecutor(MANY) as pool:
        sent: list[Future[httpx2.Response]] = [
            pool.submit(posted, office, path, emitter, content) for _ in range(MANY)
        ]
        try:
            until(lambda: making.waiting == PLACES and sum(one.done() for one in sent) >= 6)
            others_are_served(office, other)
            assert office.stranger().get("/health/live").status_code == 200
            mine = pool.submit(
                posted, office, "/v1/transfers/check", other, body_of(provision(), 1)
            )
            until(lambda: making.waiting == PLACES + 1)
        finally:
            making.open()
        assert mine.result().json()["results"][0]["status"] == "checked"
        answers = [one.result() for one in sent]
    refused = [one for one in answers if one.json().get("code") == "TOO_BUSY"]
    assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "1")}
    assert len(refused) <= MANY - PLACES
    assert making.most <= PLACES + 1


def posted(office: Office, path: str, key: str, body: Body) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key}"}
    address = f"{office.url}{path}"
    return httpx2.post(address, json=body, headers=headers, trust_env=False, timeout=WAITS_S)
