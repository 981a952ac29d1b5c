"""What modules and classes of the product must not be called: `python -m tests.names` (0111).

What remains from before stands in the allowances below. They only shrink: an allowance that is no
longer needed is refused, too.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("ledger", "projections", "api", "emitter/src")

PARTICIPLE: Final = re.compile(r"[a-z]+(?:ing|ed)")
IRREGULAR: Final = frozenset(
    [
        "begun",
        "found",
        "given",
        "gone",
        "heard",
        "held",
        "kept",
        "known",
        "made",
        "proven",
        "read",
        "said",
        "seen",
        "sent",
        "shown",
        "taken",
        "told",
        "tried",
        "withheld",
        "written",
    ]
)
NOUNS: Final = frozenset(
    ("encoding", "finding", "keyring", "mapping", "need", "shortcoming", "spelling")
)
"""Words that end like a participle and are nouns of the field."""
GLOSSARY: Final = frozenset(
    [
        "again",
        "alone",
        "belated",
        "beside",
        "casework",
        "cycles",
        "diary",
        "direct",
        "disturbance",
        "door",
        "doors",
        "dying",
        "even",
        "firsts",
        "flagged",
        "grid",
        "halves",
        "hands",
        "happened",
        "house",
        "lasting",
        "line",
        "listed",
        "living",
        "look",
        "looks",
        "one_write",
        "order",
        "pace",
        "place",
        "places",
        "plain",
        "quick",
        "ring",
        "room",
        "signs",
        "standing",
        "stated",
        "turns",
        "typed",
        "wanted",
        "whole",
    ]
)
"""The left column of the glossary, as far as it may be the whole name of a module or class."""

MODULES_LEFT: Final[frozenset[str]] = frozenset()
"""Modules that are still called by such a word."""
CLASSES_LEFT: Final = frozenset(
    (
        "ledger.exports.verify.Refused",  # each bag has a copy of the module
        "ledger_emitter.records.Placed",  # the client's users import these two
        "ledger_emitter.records.Replayed",
    )
)
"""Classes that are still called by such a word."""
SHARED: Final = frozenset(("State",))
"""Names that several public classes have: the state of each stream."""


def is_unfit(word: str) -> bool:
    """Whether a name says in what state something is, or is a word of the glossary."""
    is_participle = PARTICIPLE.fullmatch(word) and word not in NOUNS
    return bool(is_participle) or word in IRREGULAR or word in GLOSSARY


def unfit_modules() -> set[str]:
    """Modules and packages of the product that are called by an unfit word."""
    return {name for name, _ in _modules() if is_unfit(name.rpartition(".")[2])}


def unfit_classes() -> set[str]:
    """Public classes of the product that are called by an unfit word."""
    one_word = ((module, name) for module, name in _classes() if name[1:].islower())
    return {f"{module}.{name}" for module, name in one_word if is_unfit(name.lower())}


def shared_classes() -> set[str]:
    """Names that more than one public class of the product has."""
    places: dict[str, set[str]] = defaultdict(set)
    for module, name in _classes():
        places[name].add(module)
    return {name for name, modules in places.items() if len(modules) > 1}


def _modules() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        top = ROOT / folder
        for path in sorted(top.rglob("*.py")):
            inner = path.relative_to(top if folder.endswith("src") else ROOT).with_suffix("")
            parts = inner.parts[:-1] if inner.name == "__init__" else inner.parts
            yield ".".join(parts), path


def _classes() -> Iterator[tuple[str, str]]:
    for module, path in _modules():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield module, node.name


def faults() -> list[str]:
    """A line for each name that is not allowed, and for each allowance that nothing needs."""
    checks = (
        ("module", unfit_modules(), MODULES_LEFT),
        ("class", unfit_classes(), CLASSES_LEFT),
        ("class name that is used twice", shared_classes(), SHARED),
    )
    return [
        f"{what} {name}: {says}"
        for what, names, allowed in checks
        for says, some in (
            ("a noun, and one of its own (0111)", names - allowed),
            ("no longer there: take the allowance out of tests/names.py", allowed - names),
        )
        for name in sorted(some)
    ]


if __name__ == "__main__":
    for fault in faults():
        sys.stderr.write(f"{fault}\n")
    sys.exit(bool(faults()))
