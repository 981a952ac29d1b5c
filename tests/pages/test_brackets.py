"""Texts of our own that pages show have the brackets of Japanese, （ ）.

What the law, the published procedure or a record says stands as it is written there.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import api

ROOT = Path(api.__file__).parent
OURS = (
    "web/pages/**/*.py",
    "resources/**/*pages.py",
    "resources/**/pages/**/*.py",
    "resources/**/forms/**/*.py",
    "resources/**/*forms.py",
    "problems/**/*.py",
    "resources/registers/problems.py",
    "resources/registers/errors.py",
)
OF_PATTERNS = (
    ROOT / "resources/cases/forms/remarks.py",
    ROOT / "resources/registers/problems.py",
)
"""Where some brackets are those of a regular expression."""
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠々]")
HALF = re.compile(r"[()]")
OF_PATTERN = re.compile(r"\(\[|\(\?|\(\.|\)\?")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
REMARK = re.compile(r"\{#.*?#\}|<[^>]*>", re.DOTALL)
QUOTED = re.compile(r'"([^"]*)"')


def of_module(module: Path) -> Iterator[str]:
    """Its texts, but those that document something."""
    tree = ast.parse(module.read_text("utf-8"))
    left_out = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if id(node) not in left_out:
                yield text
            case _:
                pass


def of_template(template: Path) -> Iterator[str]:
    """Its texts, and those that its macros are given."""
    text = REMARK.sub("\n", template.read_text("utf-8"))
    yield from JINJA.sub("\n", text).splitlines()
    for code in JINJA.findall(text):
        yield from QUOTED.findall(code)


def test_a_text_of_a_page_has_the_brackets_of_japanese() -> None:
    modules = [one for pattern in OURS for one in sorted(ROOT.glob(pattern))]
    templates = sorted(ROOT.rglob("templates/**/*.html"))
    texts = [(one, text) for one in modules for text in of_module(one)]
    texts += [(one, text) for one in templates for text in of_template(one)]
    texts = [(one, text) for one, text in texts if JAPANESE.search(text)]
    assert len({one for one, _ in texts if one.suffix == ".html"}) > 40
    assert len({one for one, _ in texts if one.suffix == ".py"}) > 40
    assert len(texts) > 1_500
    assert [
        (one.name, text)
        for one, text in texts
        if HALF.search(text) and not (one in OF_PATTERNS and OF_PATTERN.search(text))
    ] == []
