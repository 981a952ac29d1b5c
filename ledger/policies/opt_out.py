"""Provision by opt-out: filed, started, and of nothing that is excluded (Art. 27(2))."""

from collections.abc import Iterable
from datetime import date

from ledger.law.readings import OPT_OUT_STARTS_AS_PLANNED
from ledger.law.transition import OPT_OUT_PROVISO_SINCE
from ledger.policies.context import EarlierRecord, Notice, OptOutFiling
from ledger.values import Transfer


def opt_out_findings(
    transfer: Transfer, notice: Notice | None, derived: Iterable[EarlierRecord], day: date
) -> tuple[str, ...]:
    """What is wrong with an opt-out transfer on `day`, its first day.

    The filing and the chain are the provider's; what may not be provided by opt-out at all may
    not be received by it either (20(2) for special care-required information), nor what the
    Commission has not published (27(4)). Before 2022-04-01 special care-required data alone was
    excluded.
    """
    found: list[str] = []
    is_excluded = not transfer.is_over_before(OPT_OUT_PROVISO_SINCE, day)
    if transfer.special_care:
        found.append("OPT_OUT_SPECIAL_CARE")
    if transfer.acquired_unlawfully and is_excluded:
        found.append("OPT_OUT_UNLAWFUL_SOURCE")
    if transfer.direction == "provided":
        found += _filing_findings(transfer, notice, day)
        if is_excluded and any(_came_by_opt_out(record.transfer) for record in derived):
            found.append("OPT_OUT_CHAIN")
    elif transfer.opt_out_published is False:
        found.append("OPT_OUT_NOT_FILED")
    return tuple(found)


def _filing_findings(transfer: Transfer, notice: Notice | None, day: date) -> list[str]:
    if not isinstance(notice, OptOutFiling):
        return ["OPT_OUT_NOT_FILED"]
    found: list[str] = []
    if day < _start(notice):
        found.append("OPT_OUT_BEFORE_START")
    if not set(transfer.items) <= set(notice.items):
        found.append("OPT_OUT_ITEM_NOT_FILED")
    return found


def _start(filing: OptOutFiling) -> date:
    """The first day of provision: notified, filed and (a reading) the planned day reached."""
    ready = max(filing.available_from, filing.filed_on)
    return max(ready, filing.start_planned) if OPT_OUT_STARTS_AS_PLANNED else ready


def _came_by_opt_out(earlier: Transfer) -> bool:
    # Destroying the receipt's record does not make its data clean, so retention is not asked.
    return earlier.direction == "received" and earlier.basis == "opt_out_27_2"
