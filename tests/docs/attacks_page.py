"""The page of attacks: read from the docstrings and the names of the tests that try them.

A module of tests says in its docstring what it tries, and what meets it:

    Attack: a form of another site is sent with the session of a signed-in person.
    Held off by: the session's token in each form.
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
    """What one module of tests tries.

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
    """The attack that a module says it tries, if it says one."""
    tree = ast.parse(module.read_text("utf-8"))
    if said := _SAID.search(ast.get_docstring(tree) or ""):
        tests = [
            one.name.removeprefix("test_").replace("_s_", "'s ").replace("_", " ")
            for one in tree.body
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            and one.name.startswith("test_")
        ]
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
