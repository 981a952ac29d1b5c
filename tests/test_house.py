"""What the house must have complete, and what it must be free of."""

import ast
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from ledger.errors import BrokenWorldError, LedgerError
from ledger.format import events
from ledger.format.event_reader import RECORDED
from ledger.format.types import TYPES
from ledger.law.findings import FINDINGS
from tests import names
from tests.ledger.test_drafts import STRATEGIES

ROOT = Path(__file__).parents[1]
ROOMS = ("ledger", "projections", "api", "emitter", "benchmarks")
LINES_MAX = 500
# Whoever must trust a verifier reads it in one go: that of exports is copied into every bag, that
# of a reply's proof goes to the person.
IN_ONE = {"ledger/exports/verify.py": 1350, "ledger/log/check_proof.py": 890}
FUNCTION_LINES_MAX = 70

# Types of the format whose features come later: nothing of ours appends them yet.
NOT_YET = set[str]()
# A path of somebody's machine, and what no reader may be left alone with.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.}])/(?:home|root|Users|mnt|work)/\w"),
    "a control or bidi character": re.compile(
        r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    ),
    "a skipped test": re.compile(r"pytest\.(?:mark\.(?:skip|xfail)|skip|xfail|importorskip)\b"),
}
SILENCED = re.compile(r"#\s*(?:noqa|type: ignore|pyright: ignore|pragma)\b")
REASONED = re.compile(r"(?:noqa|ignore|pragma)[^#]* -- \w")


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


MODULES = list(modules(*ROOMS, "tests"))


def test_there_is_a_house() -> None:
    assert {named(path).partition("/")[0] for path in MODULES} == {*ROOMS, "tests"}


# -- complete ----------------------------------------------------------------------------------


def _event_types() -> dict[str, str]:
    """Type → class of every member of the event union, unions of unions flattened."""

    def flat(union: object) -> Iterator[type]:
        if isinstance(union, types.UnionType):
            for member in get_args(union):
                yield from flat(member)
        elif isinstance(union, type):
            yield union

    return {str(vars(event)["TYPE"]): event.__name__ for event in flat(events.Event)}


def test_every_event_of_the_union_is_a_type_of_the_format_or_comes_later() -> None:
    assert set(_event_types()) | NOT_YET == set(TYPES)
    assert not set(_event_types()) & NOT_YET


def test_every_event_of_the_union_comes_back_from_its_bytes_in_a_test() -> None:
    assert set(_event_types()) == set(STRATEGIES)


def test_an_event_is_called_like_its_type() -> None:
    for event_type, name in _event_types().items():
        assert "-".join(re.findall("[A-Z][a-z]+", name)).lower() == event_type


def test_every_recorded_type_is_read_and_listed() -> None:
    assert set(RECORDED) == set(events.RECORDED_TYPES)
    assert set(events.RECORDED_TYPES) == {name for name, spec in TYPES.items() if spec.is_recorded}


def test_every_refusal_has_a_code_of_its_own() -> None:
    def below(error: type[LedgerError]) -> Iterator[type[LedgerError]]:
        for child in error.__subclasses__():
            yield child
            yield from below(child)

    ours = [error for error in below(LedgerError) if error.__module__.startswith("ledger.")]
    codes = [error.code for error in ours]
    assert len(codes) == len(set(codes))
    assert LedgerError.code not in codes
    assert not issubclass(BrokenWorldError, LedgerError)


def test_every_finding_has_a_label_and_an_article() -> None:
    assert all(finding.label and finding.article for finding in FINDINGS.values())


# -- in shape ----------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [*ROOMS, "tests"])
def test_no_file_is_longer_than_its_budget(folder: str) -> None:
    long = {
        named(path): lines
        for path in modules(folder)
        if (lines := path.read_text("utf-8").count("\n")) > IN_ONE.get(named(path), LINES_MAX)
    }
    assert long == {}


@pytest.mark.parametrize("folder", ROOMS)
def test_no_function_is_longer_than_its_budget(folder: str) -> None:
    long = {
        f"{named(path)}:{node.lineno}"
        for path in modules(folder)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES_MAX
    }
    assert long == set()


@pytest.mark.parametrize("folder", ROOMS)
def test_every_module_says_what_it_is(folder: str) -> None:
    silent = [
        named(path)
        for path in modules(folder)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_modules_and_classes_are_called_by_nouns_and_each_class_by_its_own() -> None:
    assert names.faults() == []


@pytest.mark.parametrize("word", ["told", "kept", "casework", "judging", "stamped", "house"])
def test_a_participle_or_a_word_of_the_glossary_is_no_name(word: str) -> None:
    assert names.is_unfit(word)


@pytest.mark.parametrize(
    "word", ["keyring", "mapping", "record_decisions", "holds", "string_table"]
)
def test_a_noun_is_a_name(word: str) -> None:
    assert not names.is_unfit(word)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pages = [ROOT / "pyproject.toml", ROOT / "dev", *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    sql = [path for folder in ROOMS for path in (ROOT / folder).rglob("*.sql")]
    own = Path(__file__)
    found = [
        f"{named(path)}:{number}"
        for path in [*MODULES, *pages, *sql]
        if path != own
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_whatever_is_silenced_says_why() -> None:
    found = [
        f"{named(path)}:{number}"
        for path in MODULES
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if SILENCED.search(line) and not REASONED.search(line)
    ]
    assert found == []


def test_the_import_contracts_are_kept() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
