"""Random bytes of the system, fetched in blocks.

Each request to the system lets go of the interpreter, and another thread that waits for it is woken
in vain: that costs many times what the bytes do.
"""

import os
from io import BytesIO
from typing import Final

_BLOCK_BYTES: Final = 4_096


class Pool:
    """Hands out each byte once. Thread-safe: one read of a block is one step of the interpreter."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin with a new block: a forked process has the block of its parent."""
        self._read = BytesIO(os.urandom(_BLOCK_BYTES)).read

    def __call__(self, size: int) -> bytes:
        """`size` bytes that nobody else gets."""
        found = self._read(size)
        if len(found) == size:
            return found
        # The rest of the block is given to nobody: a shorter answer is no random one of that size.
        self.forget()
        return os.urandom(size)


drawn: Final = Pool()
"""The pool of this process."""

os.register_at_fork(after_in_child=drawn.forget)
