"""A file without a name, whose content nobody can read but the process that writes it.

The kernel removes it with the process, however that ends. What lies on the disk meanwhile is
encrypted under a key that is in memory alone (AES-256 in counter mode, so that any place can be
read by itself; nobody but us writes there, so nothing is authenticated).
"""

import os
import secrets
from tempfile import TemporaryFile
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_BUFFER: Final = 1 << 16
_KEY_BYTES: Final = 32
_BLOCK: Final = 16


class Spool:
    """Written once from begin to end, then read anywhere; close it when done."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=_BUFFER)  # noqa: SIM115 -- closed by `close`
        # A key of its own for each, so that the counter may begin at 0.
        self._key = AES(secrets.token_bytes(_KEY_BYTES))
        self._writing = self._cipher(0).encryptor()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def write(self, content: bytes) -> None:
        """Add to the end."""
        self._file.write(self._writing.update(content))

    def flush(self) -> None:
        """Everything that was written can be read."""
        self._file.flush()

    def read(self, begin: int, end: int) -> bytes:
        """The bytes from `begin` to before `end`; both lie within what was written."""
        first, skipped = divmod(begin, _BLOCK)
        sealed = os.pread(self._file.fileno(), end - begin, begin)
        opening = self._cipher(first).decryptor()
        opening.update(bytes(skipped))
        return opening.update(sealed)

    def _cipher(self, block: int) -> Cipher[CTR]:
        return Cipher(self._key, CTR(block.to_bytes(_BLOCK, "big")))
