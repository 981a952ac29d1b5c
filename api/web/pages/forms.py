"""What a form brings in: names and texts, bounded, in UTF-8, with line ends as everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.problems.refusals import FormUnreadableError
from api.web.intake import TooLongError, media_type, read_body

FIELDS_MAX: Final = 1_000
BYTES_MAX: Final = 1024 * 1024
PUBLIC_BYTES_MAX: Final = 20 * 1024
"""Of a form that anybody may send: it holds a token, of 16 KiB at most."""
TYPE: Final = "application/x-www-form-urlencoded"

TOKEN: Final = "form_token"  # noqa: S105 -- the name of a field
"""The field that holds the session's token."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in its order.

    Attributes:
        fields: name → what stands in the fields of that name.
    """

    fields: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        """What stands in the first field of that name, without blanks around it."""
        return self.fields.get(name, ("",))[0].strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """What stands in all fields of that name, in their order."""
        return tuple(one.strip() for one in self.fields.get(name, ()))

    def has(self, name: str) -> bool:
        """Whether there is a field of that name: a box that was ticked."""
        return name in self.fields


class FormError(Exception):
    """A form that states nothing that could be done: `fields`: field → what is wrong with it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


async def form_of(request: Request, bytes_max: int = BYTES_MAX) -> Form:
    """The form that the request brings; read once.

    Args:
        bytes_max: how long it may be; no more of it is read.

    Raises:
        UnsupportedMediaTypeError: it is no form.
        FormUnreadableError: it is longer or has more fields than ours have, or is not UTF-8.
    """
    known = getattr(request.state, "form", None)
    if known is None:
        media_type(request, TYPE)
        try:
            body = await read_body(request, bytes_max)
        except TooLongError:
            raise FormUnreadableError from None
        known = request.state.form = _parsed(body)
    return cast("Form", known)


def _parsed(body: bytes) -> Form:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise FormUnreadableError from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value.replace("\r\n", "\n"))
    return Form(fields)
