"""The planted faults fit the code of today; `python -m tests.planted` runs what catches them."""

from tests.planted.faults import FAULTS, ROOT, applied


def test_every_planted_fault_applies_and_names_a_test_that_is_there() -> None:
    outdated: list[str] = []
    for one in FAULTS:
        file, _, name = one.test.partition("::")
        path = ROOT / file
        is_there = path.is_file() and f"def {name.partition('[')[0]}(" in path.read_text("utf-8")
        if not (is_there and applied(one, ROOT, "--check")):
            outdated.append(one.name)
    assert outdated == []
    assert FAULTS
