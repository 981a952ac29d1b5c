"""One part of a file, as `Range` and `If-Range` ask for it: a download goes on where it broke off.

Source: RFC 9110, sections 13.1.5, 14.1.2, 14.2.
"""

import re
from typing import Final

from starlette.datastructures import Headers

from api.problems.refusals import RangeNotSatisfiableError

_ONE: Final = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def part_asked(headers: Headers, size: int, etag: str) -> tuple[int, int] | None:
    """Begin and end (beyond the last byte) of the part that is asked for; None: the whole file.

    A server may answer with the whole file whatever is asked: it does so for several parts at once,
    another unit, and a part of another version of the file.

    Args:
        size: of the file, in bytes; etag: a strong one, with its quotes.

    Raises:
        RangeNotSatisfiableError: the part has no byte.
    """
    asked = headers.getlist("range")
    if len(asked) != 1 or headers.get("if-range", etag).strip() != etag:
        return None
    found = _ONE.fullmatch(asked[0].strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        begin, end = max(size - int(found[2]), 0), size
    else:
        begin = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < begin:
            return None
    if begin >= end:
        raise RangeNotSatisfiableError(size)
    return begin, end
