"""The verifier, called as a function: exit code and what it said."""

import io
from contextlib import redirect_stdout
from pathlib import Path

from ledger.exports import verify

VERIFIER = Path(verify.__file__)


def checked(*arguments: str | Path) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said):
        code = verify.main([str(one) for one in arguments])
    return code, said.getvalue()
