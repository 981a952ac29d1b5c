"""Every field says in words whether it must be filled in: ※必須 or ※任意.

What a browser shows is looked at in `tests/browser/every_page.py`, for every page in every state;
here are the templates, so that a state that no place reaches is held to it, too.
"""

import re
from pathlib import Path

import pytest

import api.web.pages

TEMPLATES = Path(api.web.pages.__file__).with_name("templates")
LABEL = re.compile(r'<label for="([^"]*(?:\{\{.*?\}\}[^"]*)*)">(.*?)</label>')
MARK = re.compile(r"need\(|marked\(")
UNMARKED = {
    "q": "searched by",
    "only": "filtered by",
    "code": "filtered by",
    "from": "compared, and nothing put down",
    "to": "compared, and nothing put down",
    "scheme-": "marked by the legend of its rows",
    "identifier-": "marked by the legend of its rows",
    "_era": "part of a day, marked by its legend",
    "changed_field_": "part of a change, marked by its legend",
    "_{{ part }}": "part of a day, marked by its legend",
    "members.time_of(name)": "part of an instant, marked by its legend",
}
"""What stands in the name of a field whose label bears no mark → why."""


def unmarked(template: str) -> list[str]:
    """Names of the fields whose labels bear no mark and are not listed."""
    found = LABEL.findall(template)
    return [
        name
        for name, words in found
        if not MARK.search(words) and not any(_is_of(name, one) for one in UNMARKED)
    ]


def _is_of(name: str, listed: str) -> bool:
    return name == listed or (not listed.isalpha() and listed in name)


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: str(one.relative_to(TEMPLATES))
)
def test_each_label_of_a_template_is_marked(path: Path) -> None:
    template = path.read_text("utf-8")
    assert unmarked(template) == []
    assert re.findall(r"\{\{ (?:text|day|choice|area)\([^}]*?, none\b", template) == []


def test_nothing_is_listed_that_is_not_there() -> None:
    every = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    names = [name for name, words in LABEL.findall(every) if not MARK.search(words)]
    assert all(any(_is_of(name, one) for name in names) for one in UNMARKED)
