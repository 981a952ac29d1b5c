"""Reads the QR codes of a PDF as a camera would: two libraries draw its pages and read them."""

from typing import Any, cast

import pypdfium2  # pyright: ignore[reportMissingTypeStubs] -- it has none
import zxingcpp

DPI = 150


def codes_in(pdf: bytes) -> list[tuple[int, str]]:
    """(page from 1, text) of every QR code, in order."""
    found: list[tuple[int, str]] = []
    reader, kind = cast("Any", zxingcpp), cast("Any", zxingcpp.BarcodeFormat.QRCode)
    document = cast("Any", pypdfium2.PdfDocument(pdf))
    try:
        for number, page in enumerate(document, 1):
            bitmap = page.render(scale=DPI / 72, grayscale=True)
            rows = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
            found += [(number, one.text) for one in reader.read_barcodes(rows, formats=kind)]
    finally:
        document.close()
    return found
