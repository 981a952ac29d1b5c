"""Bags changed at random: none that says what its ledger has not is accepted."""

from pathlib import Path

from ledger.exports.verify import GOOD
from tests.exports.fuzz import Fuzz, numbers
from tests.exports.fuzz_truth import untrue
from tests.exports.golden_bags import kinds, unpacked
from tests.exports.lies import REFUSED, made
from tests.exports.verifying import checked

FOUND_MIN = 90
"""Lies whose bag the fuzzer would report, were it accepted; others differ in form alone."""


def _files(bag: Path) -> dict[str, bytes]:
    files = (one for one in bag.rglob("*") if one.is_file())
    return {one.relative_to(bag).as_posix(): one.read_bytes() for one in files}


def test_no_case_of_the_first_seed_is_a_finding(tmp_path: Path) -> None:
    fuzz = Fuzz(1)
    assert list(fuzz.run(numbers(0, 400, None), tmp_path)) == []
    accepted = sum(count for how, count in fuzz.ended.items() if how.endswith(f" {GOOD}"))
    assert 0 < accepted < fuzz.ended.total()


def test_a_case_is_the_same_whenever_it_is_run(tmp_path: Path) -> None:
    ended = [Fuzz(7), Fuzz(7)]
    for fuzz in ended:
        assert list(fuzz.run(numbers(40, 40, None), tmp_path)) == []
    assert ended[0].ended == ended[1].ended


def test_what_is_held_against_the_ledger_is_true_of_golden_bags_and_untrue_of_lies(
    tmp_path: Path,
) -> None:
    fuzz = Fuzz(1)
    bags = {kind: unpacked(kind, tmp_path) for kind in kinds()}
    for kind, files in fuzz.bags.items():
        _, told = checked(bags[kind])
        assert untrue(files, fuzz.truth.of_bag[kind], told) is None
    reported: list[str] = []
    for name, lie in REFUSED.items():
        try:
            what = untrue(_files(made(bags[lie.kind], name)), fuzz.truth.of_bag[lie.kind], "")
        except (TypeError, LookupError, ValueError, AttributeError, RecursionError):
            what = "it cannot be read"
        reported += [] if what is None else [name]
    assert len(reported) >= FOUND_MIN, sorted(REFUSED.keys() - set(reported))
