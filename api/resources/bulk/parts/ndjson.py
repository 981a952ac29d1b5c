"""Lines of JSON: one person each, in UTF-8 without a byte order mark.

Source: RFC 8259, RFC 7493; a line ends with LF, and a CR before it is JSON's white space.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from typing_extensions import override

from api.problems.refusals import DuplicateMemberError, MalformedBodyError, NotUtf8Error
from api.resources.bulk.parts.lines import LINE_BYTES_MAX, LineOrDefect, Lines, defect, too_long
from api.web.intake import parse_json
from ledger.values import Json


class NdjsonPart(Lines):
    """Reads a part as lines of JSON."""

    def __init__(self) -> None:
        self._begun = b""
        self._number = 0

    @override
    def lines(self, content: bytes) -> Iterator[LineOrDefect]:
        *ended, self._begun = (self._begun + content).split(b"\n")
        persons = _persons(ended)
        if persons is None:
            yield from self._one_by_one(ended)
        else:
            yield from enumerate(persons, self._number + 1)
            self._number += len(persons)
        if len(self._begun) > LINE_BYTES_MAX:
            raise too_long(self._number + 1)

    def _one_by_one(self, ended: list[bytes]) -> Iterator[LineOrDefect]:
        for text in ended:
            self._number += 1
            if len(text) > LINE_BYTES_MAX:
                raise too_long(self._number)
            yield _line(text, self._number)

    @override
    def flush(self) -> Iterator[LineOrDefect]:
        if self._begun:
            yield _line(self._begun, self._number + 1)


def _persons(lines: list[bytes]) -> Sequence[Json] | None:
    """The objects of lines each of which is one without others in it; None: look at each by itself.

    A line that begins and ends with the only braces it has is an object by itself when all of them
    are the elements of one array: no text goes on over the end of a line.
    """
    count, text = len(lines), b"\n".join(lines)
    is_flat = (
        text.startswith(b"{")
        and text.endswith(b"}")
        and text.count(b"{") == text.count(b"}") == count == text.count(b"}\n{") + 1
        and max(map(len, lines)) <= LINE_BYTES_MAX
    )
    if not is_flat:
        return None
    try:
        found = parse_json(b"[" + text.replace(b"\n", b",\n") + b"]")
    except (NotUtf8Error, MalformedBodyError, DuplicateMemberError):
        return None
    return cast("Sequence[Json]", found)


def _line(text: bytes, number: int) -> LineOrDefect:
    try:
        return number, parse_json(text)
    except NotUtf8Error as error:
        return defect(number, error.code, f"byte {error.byte} of the line is not UTF-8")
    except MalformedBodyError as error:
        return defect(number, error.code, f"byte {error.byte} of the line cannot be read as JSON")
    except DuplicateMemberError as error:
        return defect(number, error.code, "a member stands twice, so its value is not certain")
