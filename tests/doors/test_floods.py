"""Bodies of five megabytes that are wrong everywhere, at every door: a hundred defects are named.

Attack: a body with hundreds of thousands of defects, each of which costs time to be made and told.
Held off by: a hundred defects of one input are named (`ledger.errors.DEFECTS_MAX`), and a body of
more than 100,000 members and elements is refused before a model looks at it (`api.web.bodies`).
"""

import random
from collections.abc import Callable
from itertools import islice, product
from string import ascii_lowercase
from typing import Final

import orjson

from api.web.bodies import VALUES_MAX
from api.web.items import BATCH_DEFECTS_MAX
from ledger.errors import DEFECTS_MAX
from tests.doors.corridor import Corridor
from tests.doors.samples import EVERYTHING, SOURCE
from tests.doors.test_every_scope import NOTHING, TABLE, filled
from tests.matrix import every
from tests.rounds import rounds

BODY_BYTES: Final = 5 << 20
ANSWER_BYTES_MAX: Final = 64 * 1024
TAKING: Final = [(method, path) for method, path in TABLE if method in ("POST", "PUT", "PATCH")]


def names(count: int) -> list[str]:
    """Names as members of a body have them; no contract knows one."""
    return ["".join(one) for one in islice(product(ascii_lowercase, repeat=4), count)]


def unknown(count: int) -> dict[str, int]:
    return dict.fromkeys(names(count), 1)


LOOKED_AT: Final = "as many as a model looks at"
FLOODS: Final[dict[str, Callable[[], object]]] = {
    "members that nobody knows": lambda: unknown(450_000),
    LOOKED_AT: lambda: unknown(VALUES_MAX // 5),
    "a list of numbers": lambda: [1] * 2_000_000,
    "an item of members that nobody knows": lambda: {"items": [unknown(450_000)]},
}


@every("flood", FLOODS)
def test_a_body_that_is_wrong_everywhere_is_answered_with_a_hundred_defects(
    corridor: Corridor, flood: str
) -> None:
    content = orjson.dumps(FLOODS[flood]())
    assert len(content) < BODY_BYTES
    key = corridor.key(*EVERYTHING, source=SOURCE)
    wrong: list[str] = []
    # What a model looks at goes to all of them; five megabytes go to some, drawn anew each time.
    asked = TAKING if flood == LOOKED_AT else random.sample(TAKING, rounds(len(TAKING)))
    for method, path in asked:
        address = filled(path, {"case": NOTHING})
        answer = corridor.ask(method, address, content=content, key=key)
        defects = answer.body.get("errors", [])
        if len(defects) > DEFECTS_MAX or len(answer.text) > ANSWER_BYTES_MAX:
            told = f"{answer.status}, {len(defects)} defects, {len(answer.text)} bytes"
            wrong.append(f"{method} {path}: {told}")
    assert wrong == []


@every("path", ["/v1/transfers", "/v1/transfers/check", "/v1/events"])
def test_of_a_batch_that_is_wrong_everywhere_each_item_is_told_and_few_defects(
    corridor: Corridor, path: str
) -> None:
    data = orjson.loads(b'{"principals":[%s]}' % b",".join([b"{}"] * 1_200))
    items: list[dict[str, object]] = [
        {"source": SOURCE, "id": str(n), "data": data} for n in range(1_000)
    ]
    is_batch = path == "/v1/events"
    answer = corridor.ask(
        "POST",
        path,
        items if is_batch else {"items": items},
        key=corridor.emitter,
        headers={"content-type": "application/cloudevents-batch+json"} if is_batch else {},
    )
    named = [len(one["problem"]["errors"]) for one in answer.body["results"]]
    assert (len(named), min(named), max(named)) == (1_000, 1, DEFECTS_MAX)
    assert sum(named) < BATCH_DEFECTS_MAX + 1_000


def test_an_event_of_very_many_attributes_is_answered_with_a_hundred_defects(
    corridor: Corridor,
) -> None:
    content = orjson.dumps({name: [] for name in names(450_000)})
    answer = corridor.ask(
        "POST",
        "/v1/events",
        content=content,
        key=corridor.emitter,
        headers={"content-type": "application/cloudevents+json"},
    )
    assert answer.status == 422
    assert len(answer.body["errors"]) == DEFECTS_MAX
