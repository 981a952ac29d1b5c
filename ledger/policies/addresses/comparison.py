"""Compares written addresses and proposes; the officer decides.

Source: the published procedure, (2) first ground: the addresses on the form and on the identity
papers and the registered one must agree.
"""

import re
from dataclasses import dataclass
from enum import Enum

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
    numbers, remainder = _lot(spelled[start.start() :])
    building, floor, room = _building(remainder.strip(_SEPARATORS))
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


class AddressProposal(Enum):
    """What the comparison proposes."""

    SAME = "same"
    """Written alike, character by character."""
    SPELLING = "spelling"
    """One address in two spellings, or with a building on one side only."""
    UNSURE = "unsure"
    """One address only if a variant of a character, 大字, or a missing prefecture is let pass."""
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class AddressDifference:
    """A part that is not the same on both sides.

    Attributes:
        part: `town`, `lot`, `building`, `floor` or `room`.
        left, right: the part as brought to one spelling; empty where it was not written.
        weighs: False when it alone does not make two addresses of them.
    """

    part: str
    left: str
    right: str
    weighs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The proposal for two addresses, and every difference that was found."""

    proposal: AddressProposal
    differences: tuple[AddressDifference, ...]

    @property
    def proposes_one(self) -> bool:
        """Whether it proposes that both are one address."""
        return self.proposal in (AddressProposal.SAME, AddressProposal.SPELLING)


@dataclass(frozen=True, slots=True)
class ThreeAddresses:
    """The three comparisons of the procedure; None where an address is not there."""

    form_registered: Comparison | None
    identity_form: Comparison | None
    identity_registered: Comparison | None


_PREFECTURE = re.compile(r"東京都|北海道|(?:京都|大阪)府|.{2,3}県")
# Forms of one character that an address and a register often write differently, and 大字, 字.
_VARIANTS = str.maketrans("ヶケガヵ髙﨑澤邊邉濱德", "がががが高崎沢辺辺浜徳")
_AZA = re.compile(r"大?字")
_NUMBER = re.compile(r"[0-9]+")


def compare_addresses(left: str, right: str) -> Comparison:
    """Compare two addresses as they were written; swapping them swaps only the sides."""
    one, other = take_apart(left), take_apart(right)
    differences = tuple(_differences(one, other))
    if not one.town and not other.town:
        # A lot alone names no place.
        return Comparison(AddressProposal.DIFFERS, differences)
    if left == right:
        return Comparison(AddressProposal.SAME, ())
    weighing = {difference.part for difference in differences if difference.weighs}
    if not weighing:
        return Comparison(AddressProposal.SPELLING, differences)
    if weighing == {"town"} and _may_be_one(one.town, other.town):
        return Comparison(AddressProposal.UNSURE, differences)
    return Comparison(AddressProposal.DIFFERS, differences)


def may_share_a_lot(left: str, right: str) -> bool:
    """Whether both may be at one town and lot, and no number of a room keeps them apart.

    Of two that name different buildings at one lot it says so, too: the name of a building is
    written in many ways, and the name of whoever lives there may stand beside it.
    """
    one, other = take_apart(left), take_apart(right)
    if not one.town or one.lot != other.lot or not _may_be_one(one.town, other.town):
        return False
    within, other_numbers = _numbers_within(one), _numbers_within(other)
    return not within or not other_numbers or not within.isdisjoint(other_numbers)


def compare_three(form: str, identity: str | None, registered: str | None) -> ThreeAddresses:
    """The comparisons an officer sees side by side."""
    return ThreeAddresses(
        form_registered=_compared(form, registered),
        identity_form=_compared(identity, form),
        identity_registered=_compared(identity, registered),
    )


def _compared(left: str | None, right: str | None) -> Comparison | None:
    return None if left is None or right is None else compare_addresses(left, right)


def _differences(one: Address, other: Address) -> list[AddressDifference]:
    found: list[AddressDifference] = []
    for part in ("town", "lot", "building", "floor", "room"):
        left, right = getattr(one, part), getattr(other, part)
        if left != right:
            # A building may be left out (and with it, its floor and room); a lot may not.
            weighs = part in ("town", "lot") or (left != "" and right != "")
            found.append(AddressDifference(part, left, right, weighs))
    return found


def _numbers_within(one: Address) -> set[str]:
    return set(_NUMBER.findall(f"{one.building} {one.floor} {one.room}"))


def _may_be_one(one: str, other: str) -> bool:
    one, other = _plain(one), _plain(other)
    return one == other or _without_prefecture(one, other) or _without_prefecture(other, one)


def _plain(town: str) -> str:
    return _AZA.sub("", town).translate(_VARIANTS)


def _without_prefecture(whole: str, short: str) -> bool:
    """Whether `short` is `whole` without its prefecture."""
    found = _PREFECTURE.match(whole)
    return found is not None and whole[found.end() :] == short and short != ""
