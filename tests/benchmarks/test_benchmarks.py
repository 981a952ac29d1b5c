"""Each benchmark runs with tiny sizes and ends with its JSON line; nothing here is timed."""

from collections.abc import Callable

import orjson
import pytest

from benchmarks import append, batch, expiry, history, rebuild

RUNS: dict[str, tuple[Callable[[], None], set[str]]] = {
    "append": (
        lambda: append.run(append.Size(requests=128, inserts=64, rounds=1)),
        {"ratio_to_library", "append_per_s", "echo_per_s", "library_per_s"},
    ),
    "batch": (
        lambda: batch.run(batch.Size(requests=2, items=50, rounds=1)),
        {"batch_per_s", "copy_per_s"},
    ),
    "history": (
        lambda: history.run(history.Size(others=100, reads=3, requests=2, rounds=1)),
        {"history_ms", "bare_ms", "http_ms", "statements"},
    ),
    "rebuild": (
        lambda: rebuild.run(rebuild.Size(events=200, rounds=1)),
        {"rebuild_per_s", "decode_per_s"},
    ),
    "expiry": (
        lambda: expiry.run(expiry.Size(records=1_500, idle_seconds=0.2)),
        {"idle_p99_ms", "busy_p99_ms", "plan_s", "expire_s", "memory_peak_mb", "wal_mb"},
    ),
}

# The message and the series' event, and the plan; the thousand lines before them are left alone.
EXACT: dict[str, dict[str, int]] = {
    "expiry": {"keys": 1, "destroyed": 1_500, "series_lines": 1_500, "close_sealed": 3}
}


@pytest.mark.db
@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_prints_both_figures_and_their_ratio(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run, figures = RUNS[name]
    run()
    found = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["bench"] == name
    assert found["ratio"] > 0
    assert {"cores", "flush_ms"} | figures <= found.keys()
    exact = EXACT.get(name, {})
    assert {figure: found[figure] for figure in exact} == exact
