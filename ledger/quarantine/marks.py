"""Whether a rejected item may have been sent with a mark under Order 11.

What is wrong with an item may be wrong with its mark: its name, its place, the text that it stands
in, or the characters that it is written with. So the mark is looked for everywhere, in texts folded
as they look. What cannot be read may have had one. The member `order_11` with null, false, "" or
"none" alone is none: programs write so what is absent.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import category, decimal

import orjson

from ledger.policies.blanks import visible
from ledger.quarantine.item_text import parsed_for
from ledger.unicode_forms import normalize
from ledger.values import Json

LINE: Final = "line"
LINE_BASE64: Final = "line_base64"
DATA_BASE64: Final = "data_base64"
_UNREAD: Final = frozenset((LINE, LINE_BASE64, DATA_BASE64))
"""Members of a rejected item that hold what could not be read as JSON."""
# However it is joined. A number that goes on is another one: `order-1123`.
_MARK: Final = re.compile(r"o\s*r\s*d\s*e\s*r[\W_]*1\s*1(?![0-9])")
_MARK_CHARACTERS: Final = frozenset("order1")
_BACKSLASHES: Final = re.compile(r"\\+")
_ESCAPED_BLANK: Final = re.compile(r"\\[bfnrt]")
_NO_ESCAPE: Final = re.compile(r"\\(?!u[0-9a-fA-F]{4})")
_ESCAPES: Final = "raw_unicode_escape"
_UNSEEN: Final = frozenset(("Cc", "Cf", "Mn", "Me"))
# A member of JSON as it is kept, never within a text: there its quotes have backslashes.
_NO_MARK: Final = re.compile(r'(?<=[{,])"order_11":(?:null|false|""|"none")(?=[,}])')


def may_be_marked(item: Json) -> bool:
    """Whether a mark stands anywhere in the item, or part of it could not be read."""
    return is_unread(item) or _is_named(orjson.dumps(item).decode())


def text_may_be_marked(text: bytes) -> bool:
    """The same of an item that is given as JSON; parsed where a member is called like those."""
    return _is_named(text.decode()) or text_is_unread(text)


def text_is_unread(text: bytes) -> bool:
    """Whether part of an item that is given as JSON could not be read."""
    is_named = any(f'"{name}":'.encode() in text for name in _UNREAD)
    return is_named and parsed_for(text, is_unread)


def is_unread(item: Json) -> bool:
    """Whether part of the item could not be read, whatever it says of a mark besides."""
    return isinstance(item, dict) and not _UNREAD.isdisjoint(item)


def _is_named(text: str) -> bool:
    """Whether JSON has the name of a mark anywhere, in any width, with what no reader sees."""
    text = _NO_MARK.sub("", text)
    if "\\" in text:
        text = _unescaped(text)
    folded = {ord(one): as_ for one in set(text) if (as_ := _folded(one)) != one}
    return _MARK.search((text.translate(folded) if folded else text).lower()) is not None


def _unescaped(text: str) -> str:
    """With the characters for which JSON has escapes; blanks for those of lines and tabs.

    However deep the JSON lies in texts: each level doubles the backslashes of the one before.
    """
    text = _ESCAPED_BLANK.sub(" ", _BACKSLASHES.sub(r"\\", text))
    if "\\u" not in text:
        return text
    read = _NO_ESCAPE.sub("/", text).encode(_ESCAPES).decode(_ESCAPES)
    return read.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    """What stands for a character where a mark is looked for: itself, if it can be part of none."""
    if " " <= character <= "~":
        return character
    if not character.isspace() and (category(character) in _UNSEEN or not visible(character)):
        return ""
    if character.isdecimal():
        return str(decimal(character))
    plain = "".join(one for one in normalize("NFKD", character) if category(one) not in _UNSEEN)
    return character if _MARK_CHARACTERS.isdisjoint(plain.casefold()) else plain.casefold()
