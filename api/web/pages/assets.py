"""Style sheets and scripts under names that hold their hash, so that browsers keep them for good.

Source: RFC 8246 (immutable).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).with_name("static")

_FILES: Final = (
    "vendor/tokens.css",
    "vendor/htmx.min.js",
    "vendor/hx-csp.min.js",
    "pages.css",
    "keys.js",
    "sending.js",
    "as-of.js",
    "icon.svg",
)
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HASH_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    content: bytes
    media_type: str


def _read() -> tuple[dict[str, str], dict[str, Asset]]:
    names: dict[str, str] = {}
    served: dict[str, Asset] = {}
    for file in _FILES:
        path = STATIC / file
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:_HASH_CHARACTERS]
        name = f"{path.stem}.{digest}{path.suffix}"
        names[path.name] = name
        served[name] = Asset(content, _TYPES[path.suffix])
    return names, served


_NAMES, _SERVED = _read()


def address(name: str) -> str:
    """Where the file is served.

    Raises:
        KeyError: there is no such file.
    """
    return f"/static/{_NAMES[name]}"


def asset(name: str) -> Asset | None:
    """The file that is served under that name; None when there is none."""
    return _SERVED.get(name)
