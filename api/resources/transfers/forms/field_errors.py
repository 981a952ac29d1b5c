"""What is said of what is wrong with the form of a transfer, at the field where it is."""

from collections.abc import Iterable, Mapping
from typing import Final

from api.contract.member_reasons import article
from api.resources.registers.problems import in_japanese, message_for
from api.resources.transfers.forms.members import CHANGES, FIELD_LABELS, NO_DATE
from ledger.errors import Defect
from ledger.values import Json

MALFORMED: Final = "入力の形式が正しくありません。ほかの項目との組合せも確かめてください。"
PERSONS: Final = (
    "改めた内容が、記録されている本人に合いません（本人がいないか、1,000人を超えています）。"
)
ONE_OF_DAYS: Final = "年月日か、期間の初日と末日か、どちらか一方を入力してください。"
_INSIDE: Final = "/changes"
_DAYS: Final = frozenset(("/transferred_on", "/transferred_from", "/transferred_to"))


def by_field(defects: Iterable[Defect], data: Mapping[str, Json]) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page.

    Args:
        defects: of a body of the endpoint, whose changes stand below `/changes`.
        data: the transfer as it would be.
    """
    found: dict[str, str] = {}
    for one in defects:
        place = one.pointer.removeprefix(_INSIDE)
        if place == "/reason":
            continue
        found.setdefault(_field(place), _words(one, place, data))
    return {name: found[name] for name in FIELD_LABELS if name in found}


def _field(place: str) -> str:
    """The field for a place of the transfer; one that has none belongs to the whole."""
    tokens = [one for one in place.split("/")[1:] if not one.isdigit()]
    if tokens == [NO_DATE]:
        return "transferred_on"
    for n in range(len(tokens), 0, -1):
        name = "_".join(tokens[:n])
        if name in FIELD_LABELS:
            return name
        for known in FIELD_LABELS:
            if known.startswith(f"{name}_"):
                return known
    return CHANGES


def _words(one: Defect, place: str, data: Mapping[str, Json]) -> str:
    if place.startswith("/principals"):
        return PERSONS
    if one.code != "SCHEMA":
        return message_for(one.code)
    if place in _DAYS:
        return ONE_OF_DAYS
    if not _is_absent(place, data):
        return MALFORMED
    cited = in_japanese(article(place.rpartition("/")[2], data))
    return f"この内容の記録には必要です（{cited}）。" if cited else "この内容の記録には必要です。"


def _is_absent(place: str, data: Mapping[str, Json]) -> bool:
    inner: Json = {**data}
    for token in place.split("/")[1:]:
        if not isinstance(inner, dict) or token not in inner:
            return not isinstance(inner, list)
        inner = inner[token]
    return False
