"""Data and a template into a PDF: tagged, PDF/A-3a and PDF/UA-1, the same bytes every time.

The typesetter sees the files of `templates`, `data.json` and what is attached, all in memory: no
disk, no network, no font of the machine. It checks the standards while it sets, and refuses.

Source: ISO 19005-3 (PDF/A-3), ISO 14289-1 (PDF/UA-1).
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import cast

import orjson
import typst

from api.documents import font
from api.documents.errors import RenderingError
from api.documents.glyphs import Substitutes, check_printable, is_plain
from api.documents.substitutes import printed, printed_text
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the document.

    Attributes:
        description: what it is, for the reader's list of attachments.
    """

    name: str
    media_type: str
    description: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is set.

    Attributes:
        title: as it stands in the file's properties.
        author: who issues it.
        at: the document's own date; nothing in the file tells when it was made.
        body: what the template prints.
        attached: files that go with it.
        substitutes: what is printed for characters that cannot be; the body tells which were.
    """

    title: str
    author: str
    at: datetime
    body: Mapping[str, Json]
    attached: Sequence[Attachment] = ()
    substitutes: Substitutes = ()


def render(
    template: str, document: Document, meanwhile: Callable[[], object] | None = None
) -> bytes:
    """The PDF of `document`, set by `templates/<template>.typ`.

    Args:
        meanwhile: is called in another thread while the typesetter works, which lets go of the
            interpreter; what it raises is raised.

    Raises:
        UnprintableError: a text holds what the font cannot print.
        RenderingError: the template is broken.
    """
    sources = sources_of(template, document)
    with _run_meanwhile(meanwhile):
        try:
            compiled, warnings = typst.compile_with_warnings(
                # The binding takes a dict of file name → bytes too, which its stub does not say.
                cast("bytes", cast("object", sources)),
                format="pdf",
                font_paths=_fonts(),
                pdf_standards=["a-3a", "ua-1"],
                timestamp=_dated(document),
            )
        except typst.TypstError as error:
            raise RenderingError(template, error.message) from None
    if warnings:
        raise RenderingError(template, "; ".join(one.message for one in warnings))
    return compiled


def sources_of(template: str, document: Document) -> dict[str, bytes]:
    """File name → bytes of everything the typesetter sees of `document`.

    Raises:
        UnprintableError: as `render`.
    """
    at, instead = _dated(document), document.substitutes
    data: dict[str, Json] = {
        "title": document.title,
        "author": document.author,
        "date": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "body": dict(document.body),
        "attached": [
            {
                "name": one.name,
                "media_type": one.media_type,
                "description": one.description,
                "file": f"attached-{number}",
            }
            for number, one in enumerate(document.attached)
        ],
    }
    check_printable(data, instead)
    if instead or not is_plain(data):
        data |= {
            "title": printed_text(document.title, instead),
            "author": printed_text(document.author, instead),
            "body": printed(document.body, instead),
        }
        check_printable(data)
    sources = dict(_templates())
    sources["main"] = sources[f"{template}.typ"]
    sources["data.json"] = orjson.dumps(data)
    for number, one in enumerate(document.attached):
        sources[f"attached-{number}"] = one.content
    return sources


def _dated(document: Document) -> datetime:
    return document.at.astimezone(UTC).replace(microsecond=0)  # all that PDF dates hold


@contextmanager
def _run_meanwhile(work: Callable[[], object] | None) -> Generator[None]:
    """Have `work` done by another thread meanwhile."""
    done = _other_thread().submit(_nothing if work is None else work)
    try:
        yield
    finally:
        wait([done])
    done.result()


@cache
def _other_thread() -> ThreadPoolExecutor:
    """One for all documents, and started for the first, whatever it is: later it may not be."""
    return ThreadPoolExecutor(1)


def _nothing() -> None:
    pass


@cache
def _templates() -> dict[str, bytes]:
    folder = files("api.documents") / "templates"
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith(".typ")}


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(font.path().parent)],
    )
