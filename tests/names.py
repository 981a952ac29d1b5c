"""What nothing in the product must be called: `python -m tests.names` (0111).

Modules and classes are looked at as wholes; of functions, parameters, members, variables and
constants each word counts. The allowances below only shrink: one that is no longer needed is
refused, too.
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

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
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

_WORDS: Final = """
asked asking belated beside coarsen dead die doors door dying firsts flagged floor grid halves hands
happened heard hiding house lasting living look looked looking looks overtaken pieces quick rest
room rooms said sees signs standing stands stood tell telling tells told turns visitor wanted
"""
_FUNCTION_WORDS: Final = """
again alone begun deciding differing found given gone held judging keeping kept listed made place
places seen showing shown stated taken typed whole
"""
WORDS: Final = frozenset(_WORDS.split())
"""Words of the left column that no name has, whatever it names."""
FUNCTION_WORDS: Final = WORDS | frozenset(_FUNCTION_WORDS.split())
"""Besides, in names of functions and classes."""
NAMES_LEFT: Final = frozenset(
    (
        "_look_up", "_look_up_once", "LOOK_ALIKES", "_LOOK_ALIKES",  # words of the field
        "connection_made", "tell",  # of asyncio and of files
        "PlaceHold", "place", "held_day", "_held_day", "_held_records",  # a legal hold
        "NotFoundError", "BulkNotFoundError", "DayNotKeptError",  # of HTTP; of the client
        "count_whole_records", "render_whole_case", "_is_bad_alone", "is_given_after",
        "_FLOOR", "_ROOM", "floor", "room",  # of an address
        "PIECES_MAX", "_pieces", "check_pieces", "pieces",  # what a stored file is cut into
        "asked", "looked", "tells_days_for_reference",  # stored members
        "rest", "standing",  # of a path and a query
    )
)  # fmt: skip
"""Names that have such a word for what it is."""
UNNAMED: Final = frozenset(("ledger.exports.verify",))
"""Modules whose inner names are left: each bag has a copy of the file."""

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


def unfit_names() -> set[str]:
    """Names of functions, parameters, members, variables and constants that have such a word."""
    found: set[str] = set()
    for module, path in _modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))) if module not in UNNAMED else ():
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    unfit, name = FUNCTION_WORDS, node.name
                case ast.arg():
                    unfit, name = WORDS, node.arg
                case ast.Name(ctx=ast.Store()):
                    unfit, name = WORDS, node.id
                case ast.Attribute(ctx=ast.Store()):
                    unfit, name = WORDS, node.attr
                case _:
                    continue
            if not unfit.isdisjoint(one.lower() for one in _WORD.findall(name)):
                found.add(name)
    return found


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
        ("name", unfit_names(), NAMES_LEFT),
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
