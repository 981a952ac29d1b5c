"""The forms of a page, as a browser reads and sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlencode

from typing_extensions import override

from api.pages.forms import TYPE
from benchmarks.demo import Answer, Browser

Typed = Mapping[str, str | Sequence[str]]
"""Name of a field → what is typed into it, or into each of several."""

_TICKED: Final = ("checkbox", "radio")


class NoFormError(Exception):
    """A page has no form that is sent there."""


@dataclass(slots=True)
class Sheet:
    """One form: name → what its fields hold; boxes and radios only when they are ticked."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def sent(self, browser: Browser, typed: Typed) -> Answer:
        """Send it with some fields typed anew."""
        given = {name: [one] if isinstance(one, str) else [*one] for name, one in typed.items()}
        body = urlencode({**self.fields, **given}, doseq=True).encode()
        return browser.send(self.action, body, TYPE)


def sheet(page: bytes, action: str) -> Sheet:
    """The form of a page that is sent to this address.

    Raises:
        NoFormError: there is none.
    """
    reader = _Reader()
    reader.feed(page.decode())
    found = next((one for one in reader.sheets if one.action == action), None)
    if found is None:
        raise NoFormError(action)
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self._open: Sheet | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._option: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Sheet(told.get("action", ""))
            self.sheets.append(self._open)
        if self._open is None:
            return
        match tag:
            case "input" if told.get("type") not in _TICKED or "checked" in told:
                self._put(told.get("name", ""), told.get("value", ""))
            case "textarea":
                self._area = told["name"]
                self._put(self._area, "")
            case "select":
                self._select, self._option = told["name"], None
            case "option" if self._option is None or "selected" in told:
                self._option = told.get("value", "")
            case _:
                pass

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select" and self._select is not None:
            self._put(self._select, self._option or "")
            self._select = None

    @override
    def handle_data(self, data: str) -> None:
        if self._area is not None and self._open is not None:
            self._open.fields[self._area][-1] += data

    def _put(self, name: str, value: str) -> None:
        if self._open is not None:
            self._open.fields.setdefault(name, []).append(value)
