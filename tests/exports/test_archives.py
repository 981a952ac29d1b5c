"""A zip of a bag holds the files of the bag and nothing else.

Attack: an archive of a bag holds what is none of its files, or is another bag for another program:
a comment, a gap, another archive, twins of a name, a link, bytes behind a file's compressed stream,
a header before the data that does not agree with the directory.
Held off by: the entries tile the file, both headers of each say the same, each stream is read to
its last byte, and names come from a list.
"""

import io
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from typing_extensions import override

from ledger.exports.bag import zipped
from ledger.exports.verify import CONSISTENT, HASH, VERSION
from tests.exports import lies_packed
from tests.exports.world import World, checked, resealed


class Unseekable(io.BytesIO):
    """As a pipe: sizes stand behind the data."""

    @override
    def seekable(self) -> bool:
        return False

    @override
    def seek(self, *_: int) -> int:
        raise OSError

    @override
    def tell(self) -> int:
        raise OSError


def repacked(
    whole: bytes,
    target: io.BytesIO,
    change: Callable[[zipfile.ZipInfo], None] = lambda _: None,
    method: int = zipfile.ZIP_DEFLATED,
    *,
    is_wide: bool = False,
) -> bytes:
    """The same files, packed anew; `is_wide`: as those of gigabytes are."""
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.infolist():
            entry = zipfile.ZipInfo(one.filename)
            change(entry)
            entry.compress_type = method
            with new.open(entry, "w", force_zip64=is_wide) as file:
                file.write(old.read(one))
    return target.getvalue()


def appended(whole: bytes, name: str, content: bytes = b"x", *, mode: int = 0o644) -> bytes:
    """With one file more."""
    made = io.BytesIO(whole)
    with zipfile.ZipFile(made, "a") as new:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        new.writestr(entry, content)
    return made.getvalue()


def commented(whole: bytes) -> bytes:
    made = io.BytesIO(whole)
    with zipfile.ZipFile(made, "a") as new:
        new.comment = b"read me"
    return made.getvalue()


def file_commented(whole: bytes) -> bytes:
    def change(entry: zipfile.ZipInfo) -> None:
        entry.comment = b"read me"

    return repacked(whole, io.BytesIO(), change)


def gapped(whole: bytes) -> bytes:
    """Bytes before the directory, whose offset is told anew."""
    with zipfile.ZipFile(io.BytesIO(whole)) as old:
        start = old.start_dir
    end = whole[:-6] + (start + 4).to_bytes(4, "little") + whole[-2:]
    return end[:start] + b"junk" + end[start:]


def streamed(whole: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The compressed stream of the last file changed, its size told anew; not its content's."""
    with zipfile.ZipFile(io.BytesIO(whole)) as old:
        last, end = max(old.infolist(), key=lambda one: one.header_offset), old.start_dir
    begin = last.header_offset + 30
    begin += sum(struct.unpack_from("<HH", whole, begin - 4))
    stream, head, directory = (
        change(whole[begin:end]),
        bytearray(whole[:begin]),
        bytearray(whole[end:]),
    )
    struct.pack_into("<L", head, last.header_offset + 18, len(stream))
    struct.pack_into("<L", directory, directory.rindex(b"PK\1\2") + 20, len(stream))
    struct.pack_into("<L", directory, len(directory) - 6, begin + len(stream))
    return bytes(head + stream + directory)


def lengthened(stream: bytes) -> bytes:
    """Of more than the file."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = zlib.decompress(stream, -zlib.MAX_WBITS)
    return packing.compress(content + b"# all good\n") + packing.flush()


TOP: Final = "bag"
ON_SCREEN: Final = 160
"""Characters of a line of a refusal, with the longest words that the verifier says itself."""
LIES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "a comment": commented,
    "a comment of a file": file_commented,
    "bytes before it": lambda whole: b"junk" + whole,
    "bytes behind it": lambda whole: whole + b"junk",
    "bytes in between": gapped,
    "bytes behind the end of a file's stream": lambda whole: streamed(
        whole, lambda stream: stream + b"junk"
    ),
    "a stream behind the end of a file's stream": lambda whole: streamed(
        whole, lambda stream: stream + stream
    ),
    "a stream that goes on where the file is said to end": lambda whole: streamed(
        whole, lengthened
    ),
    "a stream without its end": lambda whole: streamed(whole, lambda stream: stream[:-1]),
    "another zip before it": lambda whole: whole + whole,
    "a name that leads out": lambda whole: appended(whole, f"{TOP}/data/../../x"),
    "a name with a backslash": lambda whole: appended(whole, f"{TOP}/data\\x"),
    "a name that reads backwards": lambda whole: appended(whole, f"{TOP}/data/\u202etxt.exe"),
    "a name with a space of no width": lambda whole: appended(whole, f"{TOP}/data/x\u200b"),
    "a twin by case": lambda whole: appended(whole, f"{TOP}/data/Records.csv"),
    "a link": lambda whole: appended(
        whole, f"{TOP}/data/x", b"records.csv", mode=stat.S_IFLNK | 0o777
    ),
    **lies_packed.LIES,
}
PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "as it was made": lambda whole: whole,
    "by another program": lambda whole: repacked(whole, io.BytesIO()),
    "not compressed": lambda whole: repacked(whole, io.BytesIO(), method=zipfile.ZIP_STORED),
    "into a pipe": lambda whole: repacked(whole, Unseekable()),
    "with wide numbers": lambda whole: repacked(whole, io.BytesIO(), is_wide=True),
    "with wide numbers into a pipe": lambda whole: repacked(whole, Unseekable(), is_wide=True),
    **lies_packed.PACKED,
}


@pytest.fixture(scope="module")
def bag(shared: World) -> Path:
    return shared.bag()


@pytest.fixture(scope="module")
def whole(bag: Path) -> bytes:
    """The bag as a zip."""
    place = bag.with_name(f"{TOP}.zip")
    zipped(bag, place)
    return place.read_bytes()


@pytest.mark.parametrize("name", PACKED)
def test_a_zip_is_read_whoever_packed_it(whole: bytes, tmp_path: Path, name: str) -> None:
    (tmp_path / "it.zip").write_bytes(PACKED[name](whole))
    code, said = checked(tmp_path / "it.zip")
    assert code == CONSISTENT, said


@pytest.mark.parametrize("name", LIES)
def test_a_zip_with_more_than_the_files_of_the_bag_is_refused(
    whole: bytes, tmp_path: Path, name: str
) -> None:
    (tmp_path / "it.zip").write_bytes(LIES[name](whole))
    code, said = checked(tmp_path / "it.zip")
    assert code == HASH, said


def test_a_name_in_a_zip_does_not_fill_the_screen(whole: bytes, tmp_path: Path) -> None:
    """Each name is the last of its kind that is told."""
    filled = " " * 30_000 + "all good"
    for name in (f"{TOP}/data/{filled}", f"{TOP}/{filled}/x", filled):
        (tmp_path / "it.zip").write_bytes(appended(whole, name))
        code, said = checked(tmp_path / "it.zip")
        lines = said.splitlines()
        assert (code, lines[-1]) == (HASH, "not good: exit code 10")
        assert max(map(len, lines)) < ON_SCREEN, said


@pytest.mark.parametrize("count", [100, 60_000])
def test_a_zip_of_many_files_is_not_read(whole: bytes, tmp_path: Path, count: int) -> None:
    made = io.BytesIO(whole)
    with zipfile.ZipFile(made, "a") as new:
        for n in range(count):
            new.writestr(f"{TOP}/data/{n}", b"")
    (tmp_path / "it.zip").write_bytes(made.getvalue())
    code, said = checked(tmp_path / "it.zip")
    assert (code, "it is too large: it.zip\n" in said) == (HASH, True), said


def test_a_link_in_a_folder_is_refused(bag: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(bag, tmp_path / "bag")
    (changed / "data/records.csv").rename(tmp_path / "records.csv")
    (changed / "data/records.csv").symlink_to(tmp_path / "records.csv")
    assert checked(changed)[0] == HASH


@pytest.mark.parametrize("name", ["x\u202etxt.exe", "x\u200b", "a\\b", "x\u00e4"], ids=ascii)
def test_a_listed_name_that_may_be_read_as_another_is_refused(
    bag: Path, tmp_path: Path, name: str
) -> None:
    changed = shutil.copytree(bag, tmp_path / "bag")
    (changed / "data" / name).write_bytes(b"x")
    resealed(changed)
    code, said = checked(changed)
    assert code == HASH
    assert name not in said


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_a_zip_of_another_compression_is_of_an_unknown_version(
    whole: bytes, tmp_path: Path, method: int
) -> None:
    (tmp_path / "it.zip").write_bytes(repacked(whole, io.BytesIO(), method=method))
    code, said = checked(tmp_path / "it.zip")
    assert (code, f"compression {method}" in said) == (VERSION, True), said
