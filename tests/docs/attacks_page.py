"""The page of attacks: read from the docstrings and the names of the tests that try them.

The docstring of a module says what its tests try, and what meets it:

    Attack: a form of another site is sent with the session of a signed-in person.
    Held off by: the session's token in each form.

So does that of a test, of the test itself and of those below it, up to the next that says so.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.markdown import ROOT, named

ATTACKS = ROOT / "tests" / "attacks"
_SAID = re.compile(
    r"^Attack: (?P<attack>.+?)\.?\nHeld off by: (?P<defence>.+?)\.?(?:\n\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Attack:
    """What some tests of one module try.

    Attributes:
        tests: the names of its tests as sentences, in order.
    """

    module: Path
    attack: str
    defence: str
    tests: tuple[str, ...]


def modules() -> list[Path]:
    """Every module of tests, those of `tests/attacks` first."""
    found = (ROOT / "tests").rglob("test_*.py")
    return sorted(found, key=lambda one: (one.parent != ATTACKS, one))


def attacks_in(module: Path) -> Iterator[Attack]:
    """The attacks that a module and its tests say they try."""
    tree = ast.parse(module.read_text("utf-8"))
    said, tests = _SAID.search(ast.get_docstring(tree) or ""), list[str]()
    for one in tree.body:
        if not isinstance(one, ast.FunctionDef) or not one.name.startswith("test_"):
            continue
        if another := _SAID.search(ast.get_docstring(one) or ""):
            yield from _attack(module, said, tests)
            said, tests = another, []
        tests.append(one.name.removeprefix("test_").replace("_s_", "'s ").replace("_", " "))
    yield from _attack(module, said, tests)


def _attack(module: Path, said: re.Match[str] | None, tests: list[str]) -> Iterator[Attack]:
    if said is not None:
        yield Attack(module, _flat(said["attack"]), _flat(said["defence"]), tuple(tests))


def tables() -> dict[str, str]:
    """Region → a section for each attack."""
    found = (one for module in modules() for one in attacks_in(module))
    return {"attacks": "\n".join(map(_section, found))}


def _section(one: Attack) -> str:
    tests = "".join(f"- {said}\n" for said in one.tests)
    return f"""## {one.attack[0].upper()}{one.attack[1:]}

Held off by: {one.defence}. Tried by `{named(one.module)}`:

{tests}"""


def _flat(text: str) -> str:
    return " ".join(text.split())
