"""A form of a page, filled in by the words that stand on it: as somebody reads it."""

import html
import re
from datetime import date
from typing import Final

from api.web.pages.days import ERAS
from tests.pages.filling import Sheet

_LABEL = re.compile(r'<label for="([^"]+)">([^<]+)')
_LEGEND = re.compile(r'<fieldset class="field" id="([^"]+)"[^>]*>\s*<legend>([^<]+)')
_CHOICE = re.compile(
    r'<label class="choice"[^>]*><input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]*)"'
    r"[^>]*>([^<]+)"
)
_SELECT = re.compile(r'<select id="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_OPTION = re.compile(r'<option value="([^"]*)"[^>]*>([^<]+)')
_NAMED = re.compile(r'<(?:input|select|textarea)[^>]*? id="([^"]+)" name="([^"]+)"')
_NAMED_LATER = re.compile(r'<input[^>]*? type="text" id="([^"]+)" name="([^"]+)"')
_BY_ERA = re.compile(r"(\D{2})(\d+)年(\d+)月(\d+)日")
_ERA_CODES: Final = {era.name: era.code for era in ERAS}


class Filled:
    """The fields of one form of a page.

    Args:
        page: its HTML.
    """

    def __init__(self, page: str, sheet: Sheet) -> None:
        self.fields: dict[str, list[str]] = {name: [*given] for name, given in sheet.fields.items()}
        self.sheet = sheet
        names = dict(_NAMED.findall(page)) | dict(_NAMED_LATER.findall(page))
        self._labels = {
            html.unescape(label).strip(): names.get(own, own)
            for own, label in (*_LEGEND.findall(page), *_LABEL.findall(page))
        }
        self._choices = {
            (name, html.unescape(word).strip()): value
            for name, value, word in _CHOICE.findall(page)
        }
        for own, options in _SELECT.findall(page):
            for value, word in _OPTION.findall(options):
                self._choices[names.get(own, own), html.unescape(word).strip()] = value

    def named(self, label: str) -> str:
        """The name of the field with this label.

        Raises:
            KeyError: the page has no such label.
        """
        return self._labels[label]

    def chosen(self, name: str, word: str) -> str:
        """What the field sends for a word that can be chosen; its end, in brackets, may lack."""
        [value] = {
            value
            for (field, told), value in self._choices.items()
            if field == name and word in (told, told.partition("（")[0])
        }
        return value

    def put(self, label: str, value: str) -> None:
        """Type a text or a day, or choose, in the field with this label."""
        name = self.named(label)
        if f"{name}_era" in self.fields:
            found = _BY_ERA.fullmatch(value)
            assert found is not None, value
            era, *numbers = found.groups()
            self._day(name, _ERA_CODES[era], *numbers)
        else:
            is_choice = any(field == name for field, _ in self._choices)
            self.fields[name] = [self.chosen(name, value) if is_choice else value]

    def choose(self, name: str, word: str) -> None:
        """Choose by the name of the field: rows of papers have the same labels again and again."""
        self.fields[name] = [self.chosen(name, word)]

    def put_day(self, name: str, day: date) -> None:
        self._day(name, "ad", str(day.year), str(day.month), str(day.day))

    def _day(self, name: str, era: str, *numbers: str) -> None:
        for part, text in zip(("era", "year", "month", "day"), (era, *numbers), strict=True):
            self.fields[f"{name}_{part}"] = [text]
