"""The form and the papers of an envelope. Invented people only."""

from typing import Any

# As long as each other in every encoding, so that no size differs by them.
_NAMES = ("見本 一郎", "例示 二郎", "仮名 三郎", "見本 四郎", "例示 五郎", "仮名 六郎")


def form_of(number: int) -> dict[str, str]:
    return {
        "name": _NAMES[number % len(_NAMES)],
        "postal_code": "100-6150",
        "address": f"東京都千代田区永田町2-11-{number % 9 + 1}",
    }


def looked(*papers: dict[str, Any]) -> dict[str, Any]:
    agreeing = {"has_registered": True, "form_is_registered": True, "identity_is_form": True}
    return {"papers": papers, "addresses": agreeing, "form_checked": True}


def paper(kind: str, day: str) -> dict[str, Any]:
    """An original on which everything was looked at and nothing is wrong."""
    return {
        "kind": kind,
        "person": "principal",
        "is_original": True,
        "issued_on": day,
        "shows_name": True,
        "shows_birth_date": True,
        "shows_current_address": True,
        "address_mark": "printed",
        "my_number_shown": False,
    }
