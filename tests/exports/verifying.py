"""The verifier, called as a function: exit code and what it said."""

import io
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO

from typing_extensions import override

from ledger.exports import verify

VERIFIER = Path(verify.__file__)


class BagInMemory(verify.Bag):
    """A bag whose files are in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files, self.names, self.path = files, set(files), Path("held")
        self.zip = None

    @override
    def open(self, name: str) -> BinaryIO:
        if name not in self.files:
            verify.missing(name)
        return io.BytesIO(self.files[name])


def checked(*arguments: str | Path) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said):
        code = verify.main([str(one) for one in arguments])
    return code, said.getvalue()
