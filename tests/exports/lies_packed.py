"""Zips of a bag of which two programs unpack two things, by whoever carries it, without a key.

A zip says of each file twice what it is: in the header before the data, and in its directory.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

TABLE: Final = "records.csv"
LATE, UTF8, ENCRYPTED = 8, 0x800, 1
"""Flags: sizes behind the data; the name is UTF-8; encrypted."""
UNICODE_PATH: Final = 0x7075
Told = tuple[int, int, int]
"""CRC, packed size, size."""


@dataclass(slots=True)
class Entry:
    """A file in a zip, written by hand; what a member does not say is as it should be.

    Attributes:
        data: what lies behind the header; None: the content, deflated.
        own: what the header tells; directory: what the directory tells.
        late: behind the data.
    """

    name: str
    content: bytes
    data: bytes | None = None
    flags: int = 0
    own_flags: int | None = None
    method: int = zipfile.ZIP_DEFLATED
    own_method: int | None = None
    own_name: str | None = None
    own: Told | None = None
    directory: Told | None = None
    extra: bytes = b""
    own_extra: bytes = b""
    late: bytes = b""
    attributes: int = (stat.S_IFREG | 0o600) << 16
    disk: int = 0

    @property
    def packed(self) -> bytes:
        return deflated(self.content) if self.data is None else self.data

    @property
    def true(self) -> Told:
        return zlib.crc32(self.content), len(self.packed), len(self.content)

    @property
    def local(self) -> bytes:
        """Header, data, and what follows them."""
        name = (self.own_name or self.name).encode()
        flags = self.flags if self.own_flags is None else self.own_flags
        method = self.method if self.own_method is None else self.own_method
        told = self.own or self.true
        lengths = len(name), len(self.own_extra)
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 0x21, *told, *lengths)
        return head + name + self.own_extra + self.packed + self.late

    def central(self, at: int) -> bytes:
        """Its line in the directory."""
        name, told = self.name.encode(), self.directory or self.true
        begin = struct.pack("<4s6H", b"PK\1\2", 0x314, 20, self.flags, self.method, 0, 0x21)
        lengths = len(name), len(self.extra), 0, self.disk, 0
        end = struct.pack("<3L5H2L", *told, *lengths, self.attributes, at)
        return begin + end + name + self.extra


def deflated(content: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


def stored_in_deflate(content: bytes) -> bytes:
    """A deflated stream that holds the content as it is, and so begins as a stored one may."""
    parts = [content[at : at + 0xFFFF] for at in range(0, len(content), 0xFFFF)]
    heads = [struct.pack("<2H", len(one), len(one) ^ 0xFFFF) for one in parts]
    last = len(parts) - 1
    return b"".join(
        bytes([n == last]) + head + one
        for n, (head, one) in enumerate(zip(heads, parts, strict=True))
    )


def handmade(whole: bytes, change: Callable[[Entry], object], *, counted: int = 0) -> bytes:
    """The same files, the table changed; `counted` more are counted than there are."""
    data, directory = bytearray(), bytearray()
    with zipfile.ZipFile(io.BytesIO(whole)) as old:
        names = old.namelist()
        for name in names:
            entry = Entry(name, old.read(name))
            if name.endswith(TABLE):
                change(entry)
            directory += entry.central(len(data))
            data += entry.local
    count = len(names) + counted
    end = (b"PK\5\6", 0, 0, count, count, len(directory), len(data), 0)
    return bytes(data + directory) + struct.pack("<4s4H2LH", *end)


def changed(**members: object) -> Callable[[bytes], bytes]:
    """The table's entry with other members."""

    def change(entry: Entry) -> None:
        for name, value in members.items():
            setattr(entry, name, value)

    return lambda whole: handmade(whole, change)


def made_by(change: Callable[[Entry], object]) -> Callable[[bytes], bytes]:
    return lambda whole: handmade(whole, change)


def late_of(told: Told, form: str = "<4s3L") -> bytes:
    return struct.pack(form, b"PK\7\x08", *told)


def _is_stored_for_some(entry: Entry) -> None:
    """Who reads the header takes what is stored, with more behind its end."""
    entry.data = stored_in_deflate(entry.content) + "9,9,提供\r\n".encode()
    entry.own_method = zipfile.ZIP_STORED
    entry.own = zlib.crc32(entry.data), len(entry.data), len(entry.data)


def _followed(name: str) -> Callable[[Entry], None]:
    """Who reads the headers finds another file within what the directory says is packed."""

    def change(entry: Entry) -> None:
        other = Entry(
            name or entry.name, "この袋は検証済みです\n".encode(), flags=LATE, own=(0, 0, 0)
        )
        other.late = late_of(other.true)
        end = late_of(entry.true)
        entry.data = entry.packed + end + other.local
        entry.own_flags, entry.own = LATE, (0, 0, 0)

    return change


def _late(told: Callable[[Told], bytes], own: Told = (0, 0, 0)) -> Callable[[Entry], None]:
    def change(entry: Entry) -> None:
        entry.flags, entry.own, entry.late = LATE, own, told(entry.true)

    return change


def _renamed(entry: Entry) -> None:
    other = entry.name.replace(TABLE, "records-old.csv").encode()
    content = struct.pack("<BL", 1, zlib.crc32(entry.name.encode())) + other
    entry.extra = entry.own_extra = struct.pack("<2H", UNICODE_PATH, len(content)) + content


def _stored_and_late(entry: Entry) -> None:
    entry.data, entry.method = entry.content, zipfile.ZIP_STORED
    _late(late_of)(entry)


def _wide(own: Callable[[Told], tuple[int, ...]]) -> Callable[[Entry], None]:
    """The header's numbers are in an extra field."""

    def change(entry: Entry) -> None:
        crc, _, _ = entry.true
        numbers = own(entry.true)
        entry.own = crc, 0xFFFFFFFF, 0xFFFFFFFF
        entry.own_extra = struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)

    return change


def moved(top: str) -> Callable[[bytes], bytes]:
    """All files in another folder."""

    def make(whole: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                new.writestr(re.sub("^[^/]*/", lambda _: top, name), old.read(name))
        return made.getvalue()

    return make


def _of_kind(kind: int, of_dos: int = 0) -> Callable[[bytes], bytes]:
    return changed(attributes=(kind | 0o644) << 16 | of_dos)


LIES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "a header that says stored, and bytes behind the end": made_by(_is_stored_for_some),
    "a second table within what is said to be packed": made_by(_followed("")),
    "a file more within what is said to be packed": made_by(_followed("bag/READ-ME-FIRST.txt")),
    "a header that says encrypted": changed(own_flags=ENCRYPTED),
    "a header and a directory that say encrypted": changed(flags=ENCRYPTED),
    "a header with another method": changed(own_method=zipfile.ZIP_STORED),
    "a header with another name": changed(own_name="bag/data/records-old.csv"),
    "a header with another hash": made_by(lambda one: setattr(one, "own", (1, *one.true[1:]))),
    "a header with another packed size": made_by(
        lambda one: setattr(one, "own", (one.true[0], 3, one.true[2]))
    ),
    "a header with another size": made_by(lambda one: setattr(one, "own", (*one.true[:2], 7))),
    "a header whose sizes follow, though the directory does not say so": changed(
        own_flags=LATE, own=(0, 0, 0)
    ),
    "sizes that follow, and are others": made_by(_late(lambda told: late_of((*told[:2], 7)))),
    "sizes that follow, and are not there": made_by(_late(lambda _: b"")),
    "sizes that follow without a mark": made_by(_late(lambda told: struct.pack("<3L", *told))),
    "sizes that follow, wide though the header's are not": made_by(
        _late(lambda told: late_of(told, "<4sL2Q"))
    ),
    "sizes that follow, and others in the header": made_by(_late(late_of, own=(0, 3, 7))),
    "sizes that follow what is stored": made_by(_stored_and_late),
    "wide sizes in another order": made_by(_wide(lambda told: told[1:])),
    "wide sizes that are others": made_by(_wide(lambda told: (told[2] + 1, told[1]))),
    "one wide size of two": made_by(_wide(lambda told: (told[2],))),
    "a wide place in the directory that is another": changed(
        extra=struct.pack("<2HQ", 1, 8, 1 << 20)
    ),
    "a name in an extra field": made_by(_renamed),
    "an extra field that ends too late": changed(extra=b"UT\x09\0\0", own_extra=b"UT\x09\0\0"),
    "an end that counts no file": lambda whole: handmade(
        whole, lambda _: None, counted=-len(zipfile.ZipFile(io.BytesIO(whole)).namelist())
    ),
    "an end that counts a file more": lambda whole: handmade(whole, lambda _: None, counted=1),
    "a file on another disk": changed(disk=1),
    "the rights of another user": _of_kind(stat.S_IFREG | stat.S_ISUID),
    "the rights of another group": _of_kind(stat.S_IFREG | stat.S_ISGID),
    "a pipe": _of_kind(stat.S_IFIFO),
    "a device": _of_kind(stat.S_IFBLK),
    "a terminal": _of_kind(stat.S_IFCHR),
    "a socket": _of_kind(stat.S_IFSOCK),
    "a folder with the name of a file": _of_kind(stat.S_IFDIR),
    "a folder of DOS with the name of a file": _of_kind(stat.S_IFREG, 0x10),
    "a label of a disk": _of_kind(stat.S_IFREG, 0x08),
    "a link of Windows": _of_kind(stat.S_IFREG, 0x400),
    "a folder above": moved("../"),
    "a folder that is the one it lies in": moved("./"),
    "a folder at the root": moved("/"),
    "a folder of another drive": moved("C:/"),
    "a folder that leads out where folders are parted otherwise": moved("a\\..\\..\\b/"),
}
"""Refused with 10."""


def _by_info_zip(entry: Entry) -> None:
    """Times and owner, in two lengths."""
    owner = b"ux\x0b\0\1\4" + bytes(4) + b"\4" + bytes(4)
    entry.extra = b"UT\x05\0\3" + bytes(4) + owner
    entry.own_extra = b"UT\x09\0\3" + bytes(8) + owner
    entry.flags = 2


def _by_info_zip_into_a_pipe(entry: Entry) -> None:
    """The size is known before, what it is packed to is not."""
    _by_info_zip(entry)
    _late(late_of, own=(0, 0, entry.true[2]))(entry)


def _by_java(entry: Entry) -> None:
    entry.extra = entry.own_extra = b"\xfe\xca\0\0"
    _late(late_of)(entry)
    entry.flags, entry.attributes = LATE | UTF8, 0


def _by_windows(entry: Entry) -> None:
    """Times in the directory alone."""
    entry.extra = b"\x0a\0\x20\0" + bytes(32)
    entry.attributes = 0x20


PACKED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "by Info-ZIP": made_by(_by_info_zip),
    "by Info-ZIP into a pipe": made_by(_by_info_zip_into_a_pipe),
    "by Java": made_by(_by_java),
    "by a program of Windows": made_by(_by_windows),
}
"""As programs do that people have."""
