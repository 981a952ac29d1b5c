"""A reply as one file: the letter, its records, and the sums by which they are checked."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PDF: Final = "reply.pdf"
CSV: Final = "records.csv"
JSON: Final = "records.json"
VERIFY: Final = "verify.txt"
# The file format holds no instant before it; the files are of the letter, and the letter is dated.
NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
READABLE: Final = 0o644 << 16


def packed(documents: Mapping[str, bytes], number: str) -> bytes:
    """The files of a reply with their sums, the same bytes for the same files.

    Args:
        documents: ASCII name → bytes.
        number: of the case.
    """
    return zipped(with_sums(documents, number))


def with_sums(documents: Mapping[str, bytes], number: str) -> dict[str, bytes]:
    """The files, and behind them the one with which they are checked."""
    return {**documents, VERIFY: _sums(documents, number)}


def zipped(whole: Mapping[str, bytes]) -> bytes:
    """Files as one, in their order: the same bytes for the same files."""
    packing = BytesIO()
    with ZipFile(packing, "w") as into:
        for name, content in whole.items():
            member = ZipInfo(name, NO_TIME)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = READABLE
            into.writestr(member, content)
    return packing.getvalue()


def _sums(documents: Mapping[str, bytes], number: str) -> bytes:
    """Lines as `sha256sum` writes them, so that it can check them."""
    lines = [f"# case {number}", "# sha256sum --check --ignore-missing verify.txt"]
    lines += [f"{sha256(content).hexdigest()}  {name}" for name, content in documents.items()]
    return "\n".join([*lines, ""]).encode("ascii")
