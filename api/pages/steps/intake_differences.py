"""What differs between a request that was taken in and the one that another tab then sent (S1)."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from api.pages.days import short
from api.pages.intake import LABELS
from api.pages.steps.differences import FieldDifference, differing
from api.pages.words import CHANNELS, KINDS, MEDIA, REPLY_ADDRESSES, REQUESTERS
from ledger.cases.events.intake import Application
from ledger.law.procedure.codes import REPRESENTATIONS

_SIDES: Final = {"provided": "提供した記録", "received": "提供を受けた記録"}


def differences(
    stands: Application, typed: Application, called: Mapping[str, str]
) -> tuple[FieldDifference, ...]:
    """The fields in which two requests differ, in the order of the paper.

    Args:
        called: scheme → what such an identifier is called.
    """
    return differing(LABELS, _said(stands, called), _said(typed, called))


def _said(asked: Application, called: Mapping[str, str]) -> dict[str, str]:
    """Field of the page → what the request says there, in words."""
    refs = (f"{called.get(one.scheme, one.scheme)}　{one.id}" for one in asked.identifiers)
    sides = (words for side, words in _SIDES.items() if getattr(asked, side))
    return {
        **asked.form,
        "kind": KINDS.get(asked.kind, asked.kind),
        "arrived_on": _day(asked.arrived_on),
        "late_entry_reason": asked.late_entry_reason or "",
        "postmarked_on": _day(asked.postmarked_on),
        "channel": CHANNELS.get(asked.channel, asked.channel),
        "requester": REQUESTERS.get(asked.requester, asked.requester),
        "representation": REPRESENTATIONS.get(asked.representation or "", ""),
        "birth_date": _day(asked.birth_date),
        "identifiers": "\n".join(refs),
        "provided": "・".join(sides),
        "first_day": _day(asked.first_day),
        "last_day": _day(asked.last_day),
        "medium": MEDIA.get(asked.medium or "", ""),
        "reply_address": REPLY_ADDRESSES.get(asked.reply_address or "", ""),
    }


def _day(day: date | None) -> str:
    return "" if day is None else short(day)
