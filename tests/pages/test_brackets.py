"""Texts that the pages show have the brackets of Japanese, （ ）, where they are the pages' own.

What the law, the published procedure or a record says stands as it is written there.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import api

ROOT = Path(api.__file__).parent
OURS = ("pages/**/*.py", "problems/**/*.py", "registers/problems.py", "registers/errors.py")
PATTERNS = frozenset(("steps/remarks.py",))
"""Where brackets are those of a regular expression."""
TEMPLATES = sorted(ROOT.glob("pages/templates/**/*.html"))
MODULES = [
    one
    for pattern in OURS
    for one in sorted(ROOT.glob(pattern))
    if not one.as_posix().endswith(tuple(PATTERNS))
]
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠々]")
HALF = re.compile(r"[()]")
OF_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
OPEN_STRING = re.compile(r'"([^"]*)"')


def documented(tree: ast.AST) -> Iterator[ast.AST]:
    """The texts that document a module, a class, a function or a constant."""
    for node in ast.walk(tree):
        for inner in getattr(node, "body", ()) if not isinstance(node, ast.Lambda) else ():
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                yield inner.value


def texts_of(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text("utf-8"))
    left_out = {id(one) for one in documented(tree)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in left_out:
            yield str(node.value)


def half_width(texts: Iterator[str]) -> list[str]:
    return [one for one in texts if JAPANESE.search(one) and HALF.search(one)]


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_a_text_of_a_page_has_the_brackets_of_japanese(module: Path) -> None:
    assert half_width(texts_of(module)) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_template_has_the_brackets_of_japanese(template: Path) -> None:
    text = template.read_text("utf-8")
    assert half_width(iter(OF_JINJA.sub("\n", text).splitlines())) == []


def test_there_are_texts_to_look_at() -> None:
    assert len(TEMPLATES) > 40
    assert len(MODULES) > 100
    assert sum(1 for one in MODULES for text in texts_of(one) if JAPANESE.search(text)) > 500
