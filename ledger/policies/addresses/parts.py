"""The parts of an address: town, lot, building, floor, room."""

import re
from dataclasses import dataclass

from ledger.policies.addresses.spelling import one_spelling

# 丁目, 番, 号; a fourth number is a room, as any number behind the lot.
_LOT_NUMBERS_MAX = 3

# Digits that belong to the name of a town (北24条, 1番町) do not begin the lot.
_OF_TOWN = r"条|丁(?!目)|番(?:町|丁|街)|町|線|区|軒|本木|日市|の(?![0-9])|ノ"
_START = re.compile(rf"[0-9]+(?![0-9]|{_OF_TOWN})")
# A number that names a floor, a room or a part of a building is no number of the lot.
_STEP = re.compile(
    r"(?P<number>[0-9]+)(?![0-9]|F|階|号?室|号?棟|号?館)"
    r"(?P<unit>丁目|番地?(?!館)|号|-)?(?:[の-](?=[0-9]))?"
)
_FLOOR = re.compile(r"(?P<under>地下|B)?(?P<floor>[0-9]+)(?:階|F)(?:部分)?")
_ROOM = re.compile(r"(?P<room>(?:[A-Z]-?)?[0-9]+(?:-?[A-Z])?)(?:号室?|室)?$")
_SEPARATORS = "-、,。."


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart, every part in one spelling; an empty part was not written.

    Attributes:
        town: everything before the lot: prefecture, city, town.
        lot: 丁目, 番(地), 号 as numbers without leading zeros, joined by `-`.
        building: its name.
        floor: `7`, or `B1` below the ground.
        room: `101`, `A101`.
    """

    town: str
    lot: str
    building: str
    floor: str
    room: str


def take_apart(text: str) -> Address:
    """The parts of `text`; a text without any number is all town."""
    spelled = one_spelling(text)
    start = _START.search(spelled)
    if start is None:
        return Address(spelled.rstrip(_SEPARATORS), "", "", "", "")
    numbers, rest = _lot(spelled[start.start() :])
    building, floor, room = _building(rest.strip(_SEPARATORS))
    return Address(
        town=spelled[: start.start()].rstrip(_SEPARATORS),
        lot="-".join(numbers),
        building=building,
        floor=floor,
        room=room,
    )


def _lot(text: str) -> tuple[list[str], str]:
    """The leading numbers of `text`, and what follows them."""
    numbers: list[str] = []
    at = 0
    while len(numbers) < _LOT_NUMBERS_MAX:
        step = _STEP.match(text, at)
        if step is None:
            break
        numbers.append(str(int(step["number"])))
        at = step.end()
        if step["unit"] in (None, "号") and text[at - 1] not in "の-":
            break
    return numbers, text[at:]


def _building(text: str) -> tuple[str, str, str]:
    """Name, floor and room of what follows the lot."""
    floor = _FLOOR.search(text)
    if floor is not None:
        level = f"{'B' if floor['under'] else ''}{int(floor['floor'])}"
        name, after = text[: floor.start()], text[floor.end() :].strip(_SEPARATORS)
        room = _ROOM.match(after)
        if after and room is None:
            # Something stands behind the floor that is no room: it belongs to the name.
            return _clean(name + after), level, ""
        return _clean(name), level, room["room"].replace("-", "") if room else ""
    room = _ROOM.search(text)
    if room is None:
        return _clean(text), "", ""
    return _clean(text[: room.start()]), "", room["room"].replace("-", "")


def _clean(name: str) -> str:
    return name.strip(_SEPARATORS).replace("・", "")
