"""The one transfer: a JSON file with source, id and data, without its persons."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, cast

import orjson

from api.contract import defects
from api.imports.errors import FileError
from api.problems.refusals import DuplicateMemberError, MalformedBodyError, NotUtf8Error
from api.web.intake import parse_json
from ledger.errors import Defect
from ledger.transfers.bulk.upload import STAND_IN
from ledger.values import Json

_BYTES_MAX: Final = 5 * 1024 * 1024
_NEEDED: Final = ("source", "id", "data")
_KNOWN: Final = frozenset({*_NEEDED, "order_11"})
_PERSONS: Final = "/principals"
_NAMED_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class TransferHeader:
    """The transfer without its persons.

    Attributes:
        members: as the file states them.
        sha256: of them, in hex, however they are written.
    """

    members: Mapping[str, Json] = field(repr=False)
    sha256: str

    @property
    def data(self) -> Mapping[str, Json]:
        """What is stated of the transfer."""
        return cast("Mapping[str, Json]", self.members["data"])


def header_of(path: Path, on: date) -> TransferHeader:
    """The transfer in the file.

    Args:
        on: the day, in Japan.

    Raises:
        FileError: there is none that can be recorded.
    """
    with path.open("rb") as file:
        content = file.read(_BYTES_MAX + 1)
    if len(content) > _BYTES_MAX:
        raise FileError("TRANSFER_BROKEN", f"more than {_BYTES_MAX:,} bytes")
    try:
        value = parse_json(content)
    except (NotUtf8Error, MalformedBodyError) as error:
        raise FileError("TRANSFER_BROKEN", f"{error.code} at byte {error.byte}") from None
    except DuplicateMemberError as error:
        raise FileError("TRANSFER_BROKEN", error.code) from None
    if not isinstance(value, dict) or not set(value) <= _KNOWN:
        raise FileError("TRANSFER_BROKEN")
    data = value.get("data")
    if not set(_NEEDED) <= set(value) or not isinstance(data, dict) or "principals" in data:
        raise FileError("TRANSFER_BROKEN")
    found = [
        Defect(f"/data{one.pointer}", one.code, one.detail)
        for one in defects({**data, "principals": [STAND_IN]}, on)
    ]
    if found:
        raise refused(found)
    canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return TransferHeader(value, hashlib.sha256(canonical).hexdigest())


def refused(found: Sequence[Defect]) -> FileError:
    """Why the transfer is none, by codes and places."""
    texts = [f"{one.code} at {one.pointer or '/'}" for one in found[:_NAMED_MAX]]
    if len(found) > _NAMED_MAX:
        texts.append(f"and {len(found) - _NAMED_MAX:,} more")
    return FileError("TRANSFER_REFUSED", ", ".join(texts))


def bad_persons(
    data: Mapping[str, Json], persons: Sequence[bytes], on: date
) -> dict[int, tuple[Defect, ...]]:
    """What is wrong with each of these persons, as the contract of an ordinary transfer has it.

    Args:
        persons: JSON, at most as many as an ordinary transfer has.

    Returns:
        By index, of those with whom something is wrong; pointers begin at the person.
    """
    same: dict[bytes, list[int]] = {}  # who is there twice is no defect here
    for index, person in enumerate(persons):
        key = orjson.dumps(orjson.loads(person), option=orjson.OPT_SORT_KEYS)
        same.setdefault(key, []).append(index)
    unique = list(same.values())
    values = [orjson.loads(persons[indices[0]]) for indices in unique]
    found: dict[int, list[Defect]] = {}
    for one in defects({**data, "principals": values}, on) if values else ():
        if not one.pointer.startswith(f"{_PERSONS}/"):
            continue
        number, _, member = one.pointer.removeprefix(f"{_PERSONS}/").partition("/")
        pointer = f"/{member}" if member else ""
        for index in unique[int(number)]:
            found.setdefault(index, []).append(Defect(pointer, one.code, one.detail))
    return {index: tuple(ones) for index, ones in found.items()}
