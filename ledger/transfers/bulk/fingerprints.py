"""The fingerprint of a transfer whose persons are too many to be held at once.

Byte for byte that of `ledger.format.fingerprint`: the same transfer has one fingerprint, whichever
way it came in.

Source: `docs/reference/event-format.md`, section 2.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from ledger.crypto.encoding import lp, tag
from ledger.errors import TooLargeError
from ledger.format.json import encoded
from ledger.values import Json

_FINGERPRINT: Final = tag("ppl/fingerprint/1")
# In a text the quotes would be escaped, so it stands once.
_PERSONS: Final = b'"principals":[]'
_BYTES_MAX: Final = (1 << 32) - 1


class ManyFingerprint:
    """Takes the persons one after the other.

    Args:
        data: the transfer without its persons.
        count: how many persons will come.
        size: of their JSON in bytes, without the commas between them.

    Raises:
        TooLargeError: the transfer is longer than a length of the format can say.
    """

    def __init__(
        self,
        source: str,
        id: str,  # noqa: A002 -- the word of the contract
        data: Mapping[str, Json],
        *,
        count: int,
        size: int,
    ) -> None:
        head, tail = encoded({**data, "principals": []}).split(_PERSONS)
        head, tail = head + _PERSONS[:-1], _PERSONS[-1:] + tail
        length = len(head) + size + max(count - 1, 0) + len(tail)
        if length > _BYTES_MAX:
            raise TooLargeError
        self._hash = sha256(_FINGERPRINT + lp(source.encode()) + lp(id.encode()))
        self._hash.update(length.to_bytes(4, "big") + head)
        self._tail = tail
        self._left = (count, size)

    def add(self, persons: bytes) -> None:
        """The next persons, one at least, each as JSON, parted by LF; it stands nowhere in them."""
        count, size = self._left
        parted = persons.count(b"\n")
        self._left = (count - parted - 1, size - len(persons) + parted)
        text = persons.replace(b"\n", b",")
        self._hash.update(text + b"," if self._left[0] > 0 else text)

    def digest(self) -> bytes:
        """32 bytes, once all persons were taken."""
        if self._left != (0, 0):
            raise ValueError("other persons came than were announced")
        whole = self._hash.copy()
        whole.update(self._tail)
        return whole.digest()
