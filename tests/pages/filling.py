"""Forms of a page as a browser reads and sends them: all fields, but what is typed anew."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import cast

from typing_extensions import override

from tests.pages.office import Person

VOID = frozenset(("input", "br", "img", "meta", "link", "hr"))


@dataclass(slots=True)
class Sheet:
    """One form: name → what its fields hold; boxes and radios only when they are ticked.

    Attributes:
        buttons: (name, value) → whether it can be pressed.
        boxes: (name, value) of every box and radio.
    """

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    buttons: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    boxes: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def text(self, name: str) -> str:
        return self.fields[name][0]

    def sent(self, person: Person, press: str, **typed: object) -> tuple[int, str]:
        """Press a button by its value, with some fields typed anew; (status, page or address).

        A field that is given a list is sent once for each of its members.
        """
        [(name, is_ready)] = [
            (one[0], ready) for one, ready in self.buttons.items() if one[1] == press and one[0]
        ]
        assert is_ready, f"{press} cannot be pressed"
        given = {**self.fields, name: [press]}
        for one, value in typed.items():
            given[one] = [*cast("list[str]", value)] if isinstance(value, list) else [str(value)]
        answer = person.post(self.action, given, token=given["form_token"][0])
        return answer.status_code, answer.headers.get("location") or answer.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self.words: list[str] = []
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
            case "input":
                self._input(self._open, told)
            case "button":
                key = (told.get("name", ""), told.get("value", ""))
                self._open.buttons[key] = "disabled" not in told
            case "textarea":
                self._area = told["name"]
                self._open.fields.setdefault(self._area, []).append("")
            case "select":
                self._select, self._option = told["name"], None
            case "option" if self._option is None or "selected" in told:
                self._option = told.get("value", "")
            case _:
                pass

    def _input(self, sheet: Sheet, told: dict[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        if told.get("type") in ("checkbox", "radio"):
            sheet.boxes.add((name, value))
            if "checked" not in told:
                return
        sheet.fields.setdefault(name, []).append(value)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "textarea":
            self._area = None
        if tag == "select" and self._open is not None and self._select is not None:
            self._open.fields.setdefault(self._select, []).append(self._option or "")
            self._select = None

    @override
    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area is not None and self._open is not None:
            self._open.fields[self._area][-1] += data


def sheet(page: str, action: str) -> Sheet:
    """The form of a page that is sent to this address."""
    reader = _Reader()
    reader.feed(page)
    [found] = [one for one in reader.sheets if one.action == action]
    return found


def words_of(page: str) -> str:
    """What is read on a page, with one blank where there are several."""
    reader = _Reader()
    reader.feed(page)
    return " ".join("".join(reader.words).split())
