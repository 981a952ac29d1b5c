"""A form with a file, read as it streams in, is the same whatever the pieces that it comes in."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request

from api.problems.refusals import UploadUnreadableError
from api.web.pages.upload_form import UploadForm

BOUNDARY = "a-boundary"
FILE = b"first\r\n--a-bound\r\n\r\n--a-boundarX" + bytes(range(256))


def body(file: bytes = FILE, name: str = "C:\\\\folder\\\\r.csv", end: str = "--\r\n") -> bytes:
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    head = (
        f'{begin}"form_token"\r\n\r\nabc\r\n{begin}"note"\r\n\r\n神楽坂\r\n'
        f'{begin}"file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    return head.encode() + file + f"\r\n--{BOUNDARY}{end}".encode()


def request_of(pieces: list[bytes], content_type: str) -> Request:
    """A request whose body comes in these pieces."""
    waiting = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def taken(pieces: list[bytes], boundary: str = BOUNDARY) -> tuple[dict[str, Any], str, bytes]:
    """The fields, the name and the content."""

    async def act() -> tuple[dict[str, Any], str, bytes]:
        upload = UploadForm(request_of(pieces, f"multipart/form-data; boundary={boundary}"))
        await upload.begin()
        fields = dict(upload.form.fields)
        content = b"".join([piece async for piece in upload.content()])
        return fields, upload.name, content

    return asyncio.run(act())


EXPECTED = ({"form_token": ("abc",), "note": ("神楽坂",)}, "r.csv", FILE)


@given(st.data())
def test_any_pieces_give_the_same(data: st.DataObject) -> None:
    whole = body()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=12)))
    bounds = [0, *cuts, len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(bounds)]
    assert taken(pieces) == EXPECTED


@pytest.mark.parametrize(
    "pieces",
    [
        [body(end="")],
        [body()[:-40]],
        [body(end=f'\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--{BOUNDARY}--\r\n')],
        [b"no form at all"],
        [body().replace(b"abc", b"x" * 5_000)],
    ],
)
def test_what_is_no_such_form_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(UploadUnreadableError):
        taken(pieces)


def test_a_browser_that_hangs_up_is_noticed() -> None:
    async def act() -> None:
        request = request_of([body()[:200]], f"multipart/form-data; boundary={BOUNDARY}")
        message = await request.receive()
        del message

        async def gone() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        cut = Request({**request.scope}, gone)
        await UploadForm(cut).begin()

    with pytest.raises(ClientDisconnect):
        asyncio.run(act())
