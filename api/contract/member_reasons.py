"""Why a member is wanted: the article that asks for it, and how to say that it is not known."""

from collections.abc import Mapping

from ledger.errors import Defect
from ledger.law.bases import BASES, Route
from ledger.law.items import ITEM_OF_MEMBER, citation
from ledger.policies.wellformedness import SCHEMA as CODE

# Members that hold a statutory item, and what they are made of; `consent` depends on the basis.
_ITEM_OF = {
    **ITEM_OF_MEMBER,
    **dict.fromkeys(("kind", "name", "address", "representative"), ITEM_OF_MEMBER["counterparty"]),
    **dict.fromkeys(("scheme", "id"), ITEM_OF_MEMBER["principals"]),
}
_ARTICLE_OF = {
    "direction": "Act 29(1), 30(1)",
    "basis": "Act 27 to 31",
    "method": "Rule 19, 23, 27",
    "exemption": "Act 29(1), 30(1): which interpretive exemption",
    "purpose": "Act 27(5)(iii)",
    "data_kind": "Act 31(1), 43(4): which kind of information",
    "anonymous": "Act 43(4), 44",
    "items_published": "Act 43(4), 44",
    "stated_to_recipient": "Act 43(4), 44",
    "contract_reference": "Rule 19(3), 23(3), 27(3)",
    "omitted_items": "Rule 20(2), 24(2), 28(2)",
    "base_record": "Rule 20(2), 24(2), 28(2)",
}
_WHEN_UNKNOWN = {
    "address": "null",
    "representative": "null",
    "acquisition": "null",
    "notice_id": "null",
    "opt_out_published": "false",
    "consent": '{"obtained": false}',
    "obtained": "false",
}

_DATES = (
    "`transferred_on`, or `transferred_from` with `transferred_to`, "
    "or (an old record only) `date_not_recorded` with `backfill`"
)


def why_required(member: str, data: Mapping[str, object]) -> str:
    """What to tell the sender who left out `member` of a transfer."""
    article = _article(member, data)
    advice = f"state `{member}`" + (f" ({article})" if article else "")
    unknown = _WHEN_UNKNOWN.get(member)
    return f"{advice}; {unknown} when it is known to be missing" if unknown else advice


def article(member: str, data: Mapping[str, object]) -> str:
    """Where the law asks for `member` of such a transfer; empty where it does not."""
    is_day = member.startswith("transferred_") or member == "date_not_recorded"
    return _item_article("DATE", data) if is_day else _article(member, data)


def date_defect(data: Mapping[str, object]) -> Defect:
    """The one clear thing to say of the members that give the day."""
    article = _item_article("DATE", data)
    day, first, last = (f"transferred_{end}" in data for end in ("on", "from", "to"))
    unknown = "date_not_recorded" in data
    if unknown and not (day or first or last):
        detail = f"only an old record carried over with `backfill` may lack its day ({article})"
        return Defect("/date_not_recorded", CODE, detail)
    if first and not (last or day or unknown):
        detail = "state `transferred_to` beside `transferred_from`; null while the series is open"
        return Defect("/transferred_to", CODE, detail)
    if last and not (first or day or unknown):
        return Defect("/transferred_from", CODE, "state `transferred_from` beside `transferred_to`")
    return Defect("/transferred_on", CODE, f"state exactly one of {_DATES} ({article})")


def _article(member: str, data: Mapping[str, object]) -> str:
    if member in ("consent", "obtained"):
        return _item_article(_consent_item(data), data)
    if member == "notice_id":
        return "Act 27(5)(iii)" if _route(data) is Route.JOINT_USE else "Act 27(2)"
    if member in _ITEM_OF:
        return _item_article(_ITEM_OF[member], data)
    return _ARTICLE_OF.get(member, "")


def _item_article(code: str, data: Mapping[str, object]) -> str:
    direction = data.get("direction")
    return citation(code, direction if isinstance(direction, str) else "", _route(data))


def _consent_item(data: Mapping[str, object]) -> str:
    if _route(data) is not Route.REFERABLE:
        return "CONSENT"
    return "ART31_CONFIRMED" if data.get("direction") == "provided" else "ART31_CONSENT"


def _route(data: Mapping[str, object]) -> Route | None:
    basis = data.get("basis")
    known = BASES.get(basis) if isinstance(basis, str) else None
    return known.route if known is not None else None
