"""A form with one file (multipart/form-data), read as it streams in: nothing of it is kept here.

The fields come first, then the file, which is the last part: so the token of the session is known
before a byte of the file is read. Source: RFC 7578.
"""

from collections.abc import AsyncIterator
from typing import Final, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from api.problems.refusals import UploadUnreadableError
from api.web.pages.forms import BYTES_MAX, FIELDS_MAX, Form

TYPE: Final = "multipart/form-data"
_FIELD_BYTES_MAX: Final = 4_096
_NAME_MAX: Final = 255
_DISPOSITION: Final = b"content-disposition"


class UploadForm:
    """The form of a request.

    Attributes:
        form: the fields before the file, once `begin` was awaited.
        name: what the file is called where it comes from, without folders; empty: there is none.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._ended = False
        self._read = 0
        self._headers: dict[bytes, bytes] = {}
        self._header = (b"", b"")
        self._field: str | None = None
        self._text = bytearray()
        self._content: list[bytes] = []
        self._fields: dict[str, tuple[str, ...]] = {}
        self._is_file = self._is_whole = False
        self.name = ""
        _, options = parse_options_header(request.headers.get("content-type"))
        boundary = options.get(b"boundary")
        if not boundary:
            raise UploadUnreadableError
        callbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)  # pyright: ignore[reportArgumentType] -- a dict of its own kind
        except FormParserError:
            raise UploadUnreadableError from None

    @property
    def form(self) -> Form:
        """See there."""
        return Form(self._fields)

    async def begin(self) -> None:
        """Read on until the file begins, or to the end when there is none.

        Raises:
            UploadUnreadableError: it is no such form, or what is before the file is longer than
                a form may be.
        """
        while not (self._is_file or self._ended):
            if self._read > BYTES_MAX:
                raise UploadUnreadableError
            await self._more()

    async def content(self) -> AsyncIterator[bytes]:
        """The bytes of the file, as they come.

        Raises:
            UploadUnreadableError: the form ends in the middle.
            ClientDisconnect: the browser hung up.
        """
        while True:
            for piece in self._take_content():
                yield piece
            if self._ended:
                return
            await self._more()

    def _take_content(self) -> list[bytes]:
        taken, self._content = self._content, []
        return taken

    async def _more(self) -> None:
        message = await self._request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body = cast("bytes", message.get("body", b""))
        self._read += len(body)
        try:
            self._parser.write(body)
            if not message.get("more_body", False):
                self._ended = True
                self._parser.finalize()
        except FormParserError:
            raise UploadUnreadableError from None
        if self._ended and not self._is_whole:
            # Half a file must not count as a whole one.
            raise UploadUnreadableError

    def _end(self) -> None:
        self._is_whole = True

    def _begin_part(self) -> None:
        if self._is_file:
            raise FormParserError("a part after the file")
        self._headers = {}

    def _header_field(self, data: bytes, begin: int, end: int) -> None:
        self._header = (self._header[0] + data[begin:end], self._header[1])

    def _header_value(self, data: bytes, begin: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[begin:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = (b"", b"")

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(_DISPOSITION))
        self._text.clear()
        if b"filename" in options:
            self._is_file, self._field = True, None
            file_name = options[b"filename"].decode("utf-8", "replace")
            self.name = file_name.replace("\\", "/").rpartition("/")[2][:_NAME_MAX]
            return
        self._field = options.get(b"name", b"").decode("utf-8", "replace")

    def _data(self, data: bytes, begin: int, end: int) -> None:
        if self._field is None:
            self._content.append(bytes(data[begin:end]))
            return
        self._text += data[begin:end]
        if len(self._text) > _FIELD_BYTES_MAX:
            raise FormParserError("a field is too long")

    def _end_part(self) -> None:
        if self._field is None:
            return
        if len(self._fields) == FIELDS_MAX:
            raise FormParserError("too many fields")
        text = self._text.decode("utf-8", "replace")
        self._fields[self._field] = (*self._fields.get(self._field, ()), text)
