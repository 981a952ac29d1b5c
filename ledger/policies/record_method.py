"""How the record was made and what it lacks: defects of a record that is due (Rules 19-24, 28)."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from ledger.law.bases import Route
from ledger.law.findings import FORCES_INDIVIDUAL, NO_BASIS
from ledger.policies.context import EarlierRecord
from ledger.values import Transfer


def record_defects(
    transfer: Transfer,
    duty: str,
    route: Route,
    items: Sequence[str],
    base: EarlierRecord | None,
) -> list[str]:
    """The defects of the record. Requires that a duty to make it exists.

    Args:
        duty: that duty.
        route: how the law treats the transfer, after its findings.
        items: its statutory items.
    """
    found: list[str] = []
    if transfer.method != "individual":
        found += method_defects(
            transfer.method,
            route,
            items,
            missing=transfer.contract_missing_items,
            supply_to_principal=transfer.supply_to_principal,
        )
    if transfer.base_record is not None:
        found += _omission_defects(transfer, duty, base)
    if transfer.counterparty.unknown and _is_counterparty_incomplete(transfer):
        found.append("COUNTERPARTY_INCOMPLETE")
    if transfer.date_not_recorded and "DATE" in items:
        found.append("DATE_MISSING")
    return found


def method_defects(
    method: str,
    route: Route,
    items: Sequence[str],
    *,
    missing: Collection[str],
    supply_to_principal: bool,
) -> list[str]:
    """Why the record may not be a collective one, or not a contract document.

    Args:
        missing: statutory items that the document does not carry.
        supply_to_principal: the document belongs to goods or services for that principal.
    """
    if route is Route.OPT_OUT:
        if method == "collective":
            return ["OPT_OUT_COLLECTIVE_NOT_ALLOWED"]
        return ["OPT_OUT_CONTRACT_NOT_ALLOWED"] if method == "contract" else []
    if method != "contract":
        return []
    found: list[str] = []
    if any(item in items for item in missing):
        found.append("CONTRACT_ITEMS_INCOMPLETE")
    if not supply_to_principal:
        found.append("CONTRACT_CONDITIONS_NOT_MET")
    return found


def method_that_counts(method: str, duty: str, findings: Collection[str]) -> str:
    """The method that counts for retention.

    A document stands for the provider's record of a consented provision only (R19(3)), so the
    record of a provision without a basis is an individual one (reading `unfounded_contract`).
    """
    if method == "individual" or not findings:
        return method
    if not FORCES_INDIVIDUAL.isdisjoint(findings):
        return "individual"
    if method == "contract" and duty == "art29" and not NO_BASIS.isdisjoint(findings):
        return "individual"
    return method


def _is_counterparty_incomplete(transfer: Transfer) -> bool:
    party = transfer.counterparty
    match party.kind:
        case "corporation" | "association" | "public_body":
            return True
        case "individual":
            return "address" in party.unknown  # an individual has no representative
        case _:
            return False


def _omission_defects(transfer: Transfer, duty: str, base: EarlierRecord | None) -> list[str]:
    # A log without a duty, or a record of another duty, is none of those that R20(2) names.
    if base is None or not base.retained or base.duty != duty:
        return ["OMISSION_BASE_NOT_RETAINED"]
    if all(_agrees(item, transfer, base) for item in transfer.omitted_items):
        return []
    return ["OMISSION_BASE_DIFFERENT"]


def _agrees(item: str, transfer: Transfer, base: EarlierRecord) -> bool:
    if base.own is None or item in base.own:
        return _is_same(item, transfer, base.transfer)
    seen = [one for one in transfer.principals if one not in base.unseen]
    transfer = replace(transfer, principals=tuple(seen))
    return base.shown is None or _is_same(item, transfer, base.shown)


def _is_same(item: str, transfer: Transfer, base: Transfer) -> bool:
    match item:
        case "COUNTERPARTY":
            ours, theirs = transfer.counterparty, base.counterparty
            return (ours.kind, ours.name, ours.address, ours.representative) == (
                theirs.kind,
                theirs.name,
                theirs.address,
                theirs.representative,
            )
        case "PRINCIPAL":
            return set(transfer.principals) <= set(base.principals)
        case "ITEMS":
            return set(transfer.items) == set(base.items)
        case "ACQUISITION":
            return transfer.acquisition == base.acquisition
        case _:
            return True
