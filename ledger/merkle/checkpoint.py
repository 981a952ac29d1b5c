"""Checkpoints: which tree a log has, as a text that is signed; and receipts that end with one.

Source: C2SP tlog-checkpoint 1.0.0; C2SP tlog-proof.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import CorruptRecordError
from ledger.merkle.hashes import HASH_BYTES

SIZE_DIGITS_MAX: Final = 19
"""Digits of the largest number of leaves that a log can have (2^63 − 1)."""
RECEIPT: Final = "c2sp.org/tlog-proof@v1"
PATH_MAX: Final = 63
_BODY: Final = re.compile(
    r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/=]+)\n((?:[^\n]+\n)*)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of a log.

    Attributes:
        origin: the log's name, e.g. `ledger.example.jp/main`; no scheme, no blank, no plus.
        size: number of leaves.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_origin(self.origin) or self.size < 0 or len(self.root) != HASH_BYTES:
            raise ValueError("a checkpoint has an origin, a size and a root of 32 bytes")

    @property
    def text(self) -> str:
        """What is signed, with its last newline."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """The checkpoint that `text` says; lines after the root are heeded by the signature only.

        Raises:
            CorruptRecordError: it is no checkpoint, or not written as one is written.
        """
        found = _BODY.fullmatch(text)
        if found is None or len(found[2]) > SIZE_DIGITS_MAX or not is_origin(found[1]):
            raise CorruptRecordError("a text is no checkpoint")
        return cls(found[1], int(found[2]), hash_of(found[3]))


@dataclass(frozen=True, slots=True)
class LogReceipt:
    """A leaf of a log, proven offline: a `.tlog-proof` file.

    Attributes:
        index: of the leaf.
        path: audit path, lowest sibling first.
        note: the signed checkpoint.
        extra: what else a reader of this log's receipts needs; empty: nothing.
    """

    index: int
    path: Sequence[bytes]
    note: str
    extra: bytes = b""

    @property
    def text(self) -> str:
        """The file."""
        extra = f"extra {b64encode(self.extra).decode()}\n" if self.extra else ""
        path = "".join(f"{b64encode(one).decode()}\n" for one in self.path)
        return f"{RECEIPT}\n{extra}index {self.index}\n{path}\n{self.note}"

    @classmethod
    def read(cls, text: str) -> "LogReceipt":
        """The receipt that `text` says.

        Raises:
            CorruptRecordError: it is none.
        """
        head, separator, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != RECEIPT or not separator:
            raise CorruptRecordError("a text is no receipt of a log")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = _bytes_of(lines.pop(0).removeprefix("extra "))
        found = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[0], re.ASCII) if lines else None
        if found is None or len(lines) - 1 > PATH_MAX:
            raise CorruptRecordError("a receipt names no leaf")
        return cls(int(found[1]), tuple(hash_of(one) for one in lines[1:]), note, extra)


def is_origin(text: str) -> bool:
    """Whether a log, or a key, may have that name."""
    return bool(text) and "+" not in text and text.isprintable() and not re.search(r"\s", text)


def hash_of(text: str) -> bytes:
    """The hash that `text` says in base64.

    Raises:
        CorruptRecordError: it says none, or is not written as base64 is written.
    """
    found = _bytes_of(text)
    if len(found) != HASH_BYTES:
        raise CorruptRecordError("a hash is not 32 bytes long")
    return found


def _bytes_of(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise CorruptRecordError("a text is not base64") from None
    if b64encode(found).decode() != text:
        raise CorruptRecordError("a text is not base64 as it is written")
    return found
