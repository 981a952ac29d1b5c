"""Each benchmark runs with tiny sizes and ends with its JSON line; nothing here is timed."""

from collections.abc import Callable

import orjson
import pytest

from benchmarks import append, batch, history, rebuild

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
