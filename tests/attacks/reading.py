"""A page as an attacker reads it: its forms with all their fields, and what was planted in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

TICKED: Final = frozenset(("checkbox", "radio"))
_AREA: Final = frozenset(("textarea", "select"))


@dataclass(slots=True)
class Field:
    """One field.

    Attributes:
        kind: type of the input, or `textarea`, `select`, `button`.
        value: what it holds, or would send when it is ticked or pressed.
        is_sent: whether a browser would send it when nothing is changed.
    """

    name: str
    kind: str
    value: str
    is_sent: bool
    is_typed: bool = False


@dataclass(slots=True)
class Paper:
    """One form.

    Attributes:
        actions: every address that it is sent to: its own, those of its buttons and scripts.
    """

    method: str
    actions: list[str]
    fields: list[Field] = field(default_factory=list[Field])

    @property
    def names(self) -> list[str]:
        """The names of its fields, each once."""
        return [*dict.fromkeys(one.name for one in self.fields if one.name)]

    def sent(self) -> dict[str, list[str]]:
        """What a browser would send, without pressing a button that has a name."""
        given: dict[str, list[str]] = {}
        for one in self.fields:
            if one.is_sent and one.name and one.kind != "button":
                given.setdefault(one.name, []).append(one.value)
        return given

    def typed(self) -> list[str]:
        """The names of the fields into which somebody writes."""
        return [*dict.fromkeys(one.name for one in self.fields if one.is_typed and one.name)]


@dataclass(slots=True)
class Page:
    """What stands on a page.

    Attributes:
        tags: (name, attributes) of every element, in order.
        words: the text.
    """

    papers: list[Paper] = field(default_factory=list[Paper])
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])
    words: str = ""

    def posted(self) -> Iterator[tuple[str, Paper]]:
        """Each address that a form is sent to, with the form."""
        for paper in self.papers:
            if paper.method == "post":
                for action in dict.fromkeys(paper.actions):
                    yield action, paper


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: Paper | None = None
        self._by_id: dict[str, Paper] = {}
        self._field: Field | None = None
        self._words: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, told))
        if tag == "form":
            self._open = Paper(told.get("method", "get"), [told.get("action", "")])
            self.page.papers.append(self._open)
            self._by_id[told.get("id", "")] = self._open
        paper = self._by_id.get(told["form"]) if "form" in told else self._open
        if paper is None:
            return
        if "hx-post" in told:
            paper.actions.append(told["hx-post"])
        if "formaction" in told:
            paper.actions.append(told["formaction"].partition("#")[0])
        self._read(paper, tag, told)

    def _read(self, paper: Paper, tag: str, told: dict[str, str]) -> None:
        name, kind, value = told.get("name", ""), told.get("type", "text"), told.get("value", "")
        match tag:
            case "input":
                is_sent = kind not in TICKED or "checked" in told
                is_typed = kind not in {*TICKED, "hidden", "file"}
                paper.fields.append(Field(name, kind, value, is_sent, is_typed))
            case "button":
                paper.fields.append(Field(name, "button", value, is_sent=False))
            case "textarea" | "select":
                self._field = Field(name, tag, "", is_sent=True, is_typed=tag == "textarea")
                paper.fields.append(self._field)
            case "option" if self._field is not None and "selected" in told:
                self._field.value = value
            case _:
                pass

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag in _AREA:
            self._field = None

    @override
    def handle_data(self, data: str) -> None:
        self._words.append(data)
        if self._field is not None and self._field.kind == "textarea":
            self._field.value += data

    def read(self, text: str) -> Page:
        self.feed(text)
        self.close()
        self.page.words = "".join(self._words)
        return self.page


def read(text: str) -> Page:
    """The page."""
    return _Reader().read(text)
