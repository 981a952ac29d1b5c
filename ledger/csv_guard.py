"""Cells of a CSV of which no spreadsheet makes a formula, at whatever separator it splits the file.

A cell is a text, but who opens the file as separated by `;` or tabs has other cells: one may begin
behind each separator within a text. So a formula character that stands first in a cell, or first
behind a comma, semicolon, tab, bar or end of a line, has `'` before it. Blanks, quotes and further
separators between are passed over: some programs drop them.

A run of `'` at such a place gets one more, so that each text has one guarded form, from which it
can be had again. A cell that begins with a tab or the end of a line is guarded, too.

Source: OWASP, CSV Injection. The verifier has the same rule (`ledger.exports.verify`).
"""

import re
from typing import Final

GUARD: Final = "'"
# NUL: where a cell begins. Other white space than blanks separates, too: it ends lines, or may.
_PASSED: Final = '[\0\\s",;|]'
_BLANK: Final = '[ \xa0\u3000"]'
_FORMULA: Final = "[=+\\-@＝＋－＠]"
_BREAK: Final = "[\\t\\r\\n]"
# Begins at the beginning of what is passed over, so that the time is linear in the text.
_PLACE: Final = f"((?<!{_PASSED}){_BLANK}*(?!{_BLANK}){_PASSED}+)"
_AFTER: Final = f"(?='*{_FORMULA})"
_BARE: Final = (re.compile(f"{_PLACE}{_AFTER}"), re.compile(f"(\0)(?='*{_BREAK})"))
# What is in each text that has a guard, or needs one.
_MAYBE: Final = re.compile(f"(?:{_PASSED}|'){_FORMULA}|\0'*{_BREAK}")


def guarded(cell: str) -> str:
    """The cell as it is written."""
    text = f"\0{cell}"
    if _MAYBE.search(text) is None:
        return cell
    for place in _BARE:
        text = place.sub(rf"\1{GUARD}", text)
    return text[1:]
