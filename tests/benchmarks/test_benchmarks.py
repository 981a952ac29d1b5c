"""Each benchmark runs with tiny sizes and ends with its JSON line; nothing here is timed."""

from collections.abc import Callable
from random import Random

import orjson
import pytest
import typer
from starlette.responses import Response

from api.web.pages.route import PageRoute
from benchmarks import (
    append,
    batch,
    bulk,
    expiry,
    export,
    history,
    lookup,
    mixed,
    order11,
    pages,
    rebuild,
    register,
    reply,
    strangers,
    tree,
    verify,
)
from tests.hanging import bounded
from tests.rounds import rounds

NO_LIMIT = 1e9
"""What a page, a letter or a register may take here: nothing is timed."""


def too_small() -> None:
    """Four answers a side are too few to find anything, and `order11` must say so."""
    size = order11.Size(samples=4, rendered=2, posted=1, people=2, others=10, grid_ms=20)
    with pytest.raises(typer.Exit) as ended:
        order11.run(size)
    assert ended.value.exit_code == 1


async def _nothing() -> Response:
    """A page that no server has."""
    return Response()


def too_slow() -> None:
    """No page takes no time, and one cannot be reached; `pages` must say so."""
    routes = [*pages.pages(), PageRoute("/desk/nowhere", _nothing)]
    with pytest.raises(typer.Exit) as ended:
        pages.run(pages.Size(persons=10, samples=1, limit_ms=0), lambda: routes)
    assert ended.value.exit_code == 1


RUNS: dict[str, Callable[[], None]] = {
    "append": lambda: append.run(append.Size(requests=128, inserts=64, rounds=1)),
    "batch": lambda: batch.run(batch.Size(requests=2, items=50, rounds=1)),
    "history": lambda: history.run(history.Size(others=100, reads=3, requests=2, rounds=1)),
    "tree": lambda: tree.run(tree.Size(leaves=2_000, events=50, rounds=1)),
    "bulk": lambda: bulk.run(
        bulk.Size(persons=1_500, index_rows=2_000, aggregates=8, named=20, rounds=1)
    ),
    "lookup": lambda: lookup.run(lookup.Size(rows=(2_000, 3_000), persons=20, reads=40)),
    "mixed": lambda: mixed.run(mixed.Size(singles=40, persons=1_200, rounds=1)),
    "rebuild": lambda: rebuild.run(rebuild.Size(events=200, rounds=1)),
    "export": lambda: export.run(export.Size(records=60, rounds=1)),
    "verify": lambda: verify.run(verify.Size(records=60, rounds=1)),
    "reply": lambda: reply.run(
        reply.Size(small=3, large=20, letters=1, empty=2, rounds=1, limit=NO_LIMIT)
    ),
    "register": lambda: register.run(
        register.Size(rows=60, small=20, rounds=1, growth_limit=NO_LIMIT)
    ),
    "pages": too_slow,
    "order11": too_small,
    "strangers": lambda: strangers.run(strangers.Size(20, 1, 2, 4, seconds=0.2, limit_ms=NO_LIMIT)),
    "expiry": lambda: expiry.run(expiry.Size(records=1_500, idle_seconds=0.2)),
}

# The message and the series' event, and the plan; the thousand lines before them are left alone.
EXACT: dict[str, dict[str, int | str]] = {
    "expiry": {"keys": 1, "destroyed": 1_500, "series_lines": 1_500, "close_sealed": 3},
    "register": {"verdict": "PASS", "rows": 60},
    "export": {"records": 60},
    "verify": {"records": 60},
    "pages": {"verdict": "FAIL", "pages": len(pages.pages()), "not_reached": 1, "samples": 1},
    "reply": {"verdict": "PASS", "small_rows": 3, "large_rows": 20, "small_pages": 2},
    "order11": {
        "verdict": "FAIL",
        "histories_samples": 4,
        "submit_samples": 2,
        "no_grid_samples": 4,
    },
}


@pytest.mark.db
def test_a_benchmark_prints_both_figures_and_their_ratio(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Some of them; all in a thorough run."""
    for name in Random().sample([*RUNS], rounds(len(RUNS))):  # noqa: S311 -- which run
        with bounded():
            RUNS[name]()
        found = orjson.loads(capsys.readouterr().out.splitlines()[-1])
        assert found["bench"] == name
        assert found["ratio"] > 0
        assert {"cores", "flush_ms"} <= found.keys(), name
        exact = EXACT.get(name, {})
        assert {figure: found[figure] for figure in exact} == exact, name
