"""What an officer of a test says to what has to be answered: of namesakes, and of points."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.cases.points import KINDS

SOMEBODY_ELSE = "生年月日が異なる(申請書と会員登録を照合)"
NONE_OF_THE_OTHERS = "住所で絞り込み、同じ住所の方がいないことを確認した"
POINTS = {kind: {"influence": False, "because": "内容を確認し、回答に影響しない"} for kind in KINDS}
"""Answers to every point; one to a point that is not there is not kept."""


def undecided(errors: Mapping[str, str]) -> bool:
    """Whether a search was refused for nothing but persons of the same name."""
    namesakes = {
        "/left_out": "CANDIDATE_NOT_DECIDED",
        "/others_left_out": "CANDIDATES_NOT_NARROWED",
    }
    return bool(errors) and errors.items() <= namesakes.items()


def asked_for(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body that asks for the candidates of a search."""
    who = [*body.get("identifiers", ()), *body.get("tried", ())]
    former = body.get("former_names", [])
    return {"identifiers": who, "of_form": True, "former_names": former}


def left_out(candidates: Sequence[Mapping[str, Any]], *, more: bool) -> dict[str, Any]:
    """Everybody whom the name alone found is somebody else."""
    strangers = [one["asked"] for one in candidates if one["matched"] == "name"]
    said: dict[str, Any] = {
        "left_out": [{"identifier": one, "because": SOMEBODY_ELSE} for one in strangers]
    }
    return {**said, "others_left_out": NONE_OF_THE_OTHERS} if more else said
