"""Cursors: where the next page begins, bound to the question that the first page answered.

A cursor holds two whole numbers and a keyed hash over them and the question, in base64url. So it
names nobody, goes on with no other question, and nobody but the ledger makes one.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from typing import Final

from ledger.errors import Defect, MalformedError

NOT_OF_THIS_QUESTION: Final = "CURSOR_NOT_OF_THIS_QUESTION"
CHARACTERS: Final = 43
"""Length of a cursor."""

_NUMBER_BYTES: Final = 8
_NUMBERS_BYTES: Final = 2 * _NUMBER_BYTES
# 32 bytes: the last digit holds four bits, so that it is written in one way only.
_WRITTEN: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")

Hash = Callable[..., bytes]


class Cursors:
    """Makes cursors and reads them back. Thread-safe."""

    def __init__(self, keyed_hash: Hash) -> None:
        """Keep the hash: `keyed_hash(kind, *parts)` gives 16 bytes that nobody else can make."""
        self._hash = keyed_hash

    def make(self, numbers: tuple[int, int], list_: str, *question: bytes) -> str:
        """The cursor to two whole numbers below 2**63.

        Args:
            list_: which list is paged.
            question: what selects its entries.
        """
        written = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in numbers)
        whole = written + self._hash("cursor", list_.encode(), written, *question)
        return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()

    def read(self, cursor: str, pointer: str, list_: str, *question: bytes) -> tuple[int, int]:
        """The numbers of a cursor that `make` gave for the same list and question.

        Args:
            pointer: JSON Pointer to the cursor in the request.

        Raises:
            MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
        """
        whole = _bytes_of(cursor)
        written, tag = whole[:_NUMBERS_BYTES], whole[_NUMBERS_BYTES:]
        own_tag = self._hash("cursor", list_.encode(), written, *question)
        if not hmac.compare_digest(tag, own_tag):
            raise not_of_this_question(pointer)
        return (
            int.from_bytes(written[:_NUMBER_BYTES], "big"),
            int.from_bytes(written[_NUMBER_BYTES:], "big"),
        )


def not_of_this_question(pointer: str) -> MalformedError:
    """The refusal of a cursor, or of what contradicts it."""
    detail = "give the cursor of the page before, with the same question as there"
    return MalformedError((Defect(pointer, NOT_OF_THIS_QUESTION, detail),))


def _bytes_of(cursor: str) -> bytes:
    """What the cursor holds; nothing when it is none."""
    if not _WRITTEN.fullmatch(cursor):
        return b""
    try:
        return base64.urlsafe_b64decode(f"{cursor}=")
    except binascii.Error:
        return b""
