"""The forms of a page as a browser reads them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final, Generic, TypeVar

from typing_extensions import override

_TICKED: Final = ("checkbox", "radio")


@dataclass(slots=True)
class Form:
    """One form: name → what its fields hold; boxes and radios only when they are ticked.

    Attributes:
        action: the address that it is sent to.
        buttons: (name, value) → whether it can be pressed.
        boxes: (name, value) of every box and radio.
    """

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    buttons: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    boxes: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


AForm = TypeVar("AForm", bound=Form)


class Page(HTMLParser, Generic[AForm]):
    """A page that was read.

    Args:
        page: as HTML.
        form: makes an empty form of an address.

    Attributes:
        forms: in their order.
        words: what is between tags, in its order.
    """

    def __init__(self, page: str, form: Callable[[str], AForm]) -> None:
        super().__init__()
        self.forms: list[AForm] = []
        self.words: list[str] = []
        self._form = form
        self._open: AForm | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._option: str | None = None
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self._form(told.get("action", ""))
            self.forms.append(self._open)
        if self._open is None:
            return
        match tag:
            case "input":
                self._input(self._open, told)
            case "button":
                key = (told.get("name", ""), told.get("value", ""))
                self._open.buttons[key] = "disabled" not in told
            case "textarea":
                self._area = told["name"]
                self._put(self._area, "")
            case "select":
                self._select, self._option = told["name"], None
            case "option" if self._option is None or "selected" in told:
                self._option = told.get("value", "")
            case _:
                pass

    def _input(self, form: Form, told: dict[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        if told.get("type") in _TICKED:
            form.boxes.add((name, value))
            if "checked" not in told:
                return
        self._put(name, value)

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
        self.words.append(data)
        if self._area is not None and self._open is not None:
            self._open.fields[self._area][-1] += data

    def _put(self, name: str, value: str) -> None:
        if self._open is not None:
            self._open.fields.setdefault(name, []).append(value)
