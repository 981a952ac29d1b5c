"""Lines of JSON: one person each, in UTF-8 without a byte order mark.

Source: RFC 8259, RFC 7493; a line ends with LF, and a CR before it is JSON's white space.
"""

from collections.abc import Iterator

from typing_extensions import override

from api.bulk.lines import LINE_BYTES_MAX, Found, Lines, defect, too_long
from api.http.intake import parse_json
from api.problems import DuplicateMemberError, MalformedBodyError, NotUtf8Error


class JsonLines(Lines):
    """Reads a part as lines of JSON."""

    def __init__(self) -> None:
        self._begun = b""
        self._number = 0

    @override
    def lines(self, content: bytes) -> Iterator[Found]:
        *ended, self._begun = (self._begun + content).split(b"\n")
        for text in ended:
            self._number += 1
            if len(text) > LINE_BYTES_MAX:
                raise too_long(self._number)
            yield _line(text, self._number)
        if len(self._begun) > LINE_BYTES_MAX:
            raise too_long(self._number + 1)

    @override
    def rest(self) -> Iterator[Found]:
        if self._begun:
            yield _line(self._begun, self._number + 1)


def _line(text: bytes, number: int) -> Found:
    try:
        return number, parse_json(text)
    except NotUtf8Error as error:
        return defect(number, error.code, f"byte {error.byte} of the line is not UTF-8")
    except MalformedBodyError as error:
        return defect(number, error.code, f"byte {error.byte} of the line cannot be read as JSON")
    except DuplicateMemberError as error:
        return defect(number, error.code, "a member stands twice, so its value is not certain")
