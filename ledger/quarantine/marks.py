"""Whether a rejected item may have been sent with a mark under Order 11.

What is wrong with an item may be wrong with its mark: its name, its place, or the text that it
stands in. So the mark is looked for everywhere. What cannot be read may have had one.
"""

import re
from typing import Final

import orjson

from ledger.quarantine.item_text import parsed_for
from ledger.values import Json

LINE: Final = "line"
LINE_BASE64: Final = "line_base64"
DATA_BASE64: Final = "data_base64"
_UNREAD: Final = frozenset((LINE, LINE_BASE64, DATA_BASE64))
"""Members of a rejected item that hold what could not be read as JSON."""
# In any case and however it is joined. A number that goes on is another one: `order-1123`.
_MARK: Final = re.compile(r"order[\W_]*11(?![0-9])", re.IGNORECASE)


def may_be_marked(item: Json) -> bool:
    """Whether a mark stands anywhere in the item, or part of it could not be read."""
    return is_unread(item) or _MARK.search(orjson.dumps(item).decode()) is not None


def text_may_be_marked(text: bytes) -> bool:
    """The same of an item that is given as JSON; parsed where a member is called like those."""
    if _MARK.search(text.decode()) is not None:
        return True
    return text_is_unread(text)


def text_is_unread(text: bytes) -> bool:
    """Whether part of an item that is given as JSON could not be read."""
    is_named = any(f'"{name}":'.encode() in text for name in _UNREAD)
    return is_named and parsed_for(text, is_unread)


def is_unread(item: Json) -> bool:
    """Whether part of the item could not be read, whatever it says of a mark besides."""
    return isinstance(item, dict) and not _UNREAD.isdisjoint(item)
