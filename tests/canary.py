"""Canaries: invented persons who may appear in answers to whom they belong, and nowhere else.

Tests that go through the doors use them for every person. What is written anywhere (logs, the
database's own log, metrics, problems, URLs) is then searched for them in every usual disguise.
"""

import base64
import json
from typing import Final
from urllib.parse import quote, quote_plus

NAME: Final = "神楽坂 金糸雀"
OTHER_NAME: Final = "鶺鴒 かなりあ"
LATIN_NAME: Final = "Canaria Kagurazaka"
MEMBER: Final = "CNRY-M-0042-7781"
CONTRACT: Final = "CNRY-K-88-0417"
OTHER_MEMBER: Final = "CNRY-M-5150-2112"
MAIL: Final = "canaria.kagurazaka@cnry.example"
EVIDENCE: Final = "金糸雀の住民票と契約情報"
SUSPECT: Final = "CNRY7-typed-into-the-wrong-place"

CANARIES: Final = (
    NAME,
    OTHER_NAME,
    LATIN_NAME,
    MEMBER,
    CONTRACT,
    OTHER_MEMBER,
    MAIL,
    EVIDENCE,
    SUSPECT,
)


_ASCII_END: Final = 0x80


def _disguises(text: str) -> set[str]:
    """The text as it stands, and as JSON escapes, percent-encoding, base64 and hex write it."""
    raw, escaped = text.encode(), json.dumps(text)[1:-1]
    found = {
        text,
        escaped,
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
        raw.hex(),
        text.encode("utf-16-be").hex(),
        repr(raw)[2:-1],
        # As PostgreSQL may write bytes.
        "".join(chr(one) if one < _ASCII_END else f"\\{one:03o}" for one in raw),
    }
    # Base64 looks different at each of three offsets; its ends depend on the neighbours.
    for content in {raw, escaped.encode()}:
        for offset in range(3):
            part = base64.b64encode(b"\0" * offset + content).decode()
            part = part[(0, 2, 3)[offset] : len(part) - 4]
            found |= {part, part.replace("+", "-").replace("/", "_")}
    # A log of JSON escapes what it is given, and that may be JSON already.
    for _ in range(2):
        found |= {json.dumps(one)[1:-1] for one in found}
    return {one.lower() for one in found}


_DISGUISED: Final = {canary: _disguises(canary) for canary in CANARIES}


def traces(text: str | bytes) -> list[str]:
    """The canaries found in `text` in any disguise, case aside."""
    if isinstance(text, bytes):
        text = text.decode(errors="backslashreplace")
    lower = text.lower()
    return [canary for canary, forms in _DISGUISED.items() if any(form in lower for form in forms)]
