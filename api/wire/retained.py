"""The overview of retention and the reports of its runs, as they are shown."""

from collections.abc import Sequence

from api.retention import Overview
from api.settings import Settings
from api.wire.holds import standing_shown
from api.wire.retention import dead_keys, nameless_shown, plan_shown
from ledger import expiry
from ledger.application.retaining import Report
from ledger.clock import day_in_japan
from ledger.codec.header import instant_text
from ledger.values import Json


def overview_shown(
    seen: Overview, settings: Settings, *, whole: bool, before: int | None, limit: int
) -> dict[str, Json]:
    """What is kept, what is due and what holds it back, with a page of plans, newest first.

    Args:
        whole: the reasons of holds too.
    """
    preview = seen.preview
    older = [one for one in reversed(seen.plans) if before is None or one.position < before]
    page = older[:limit]
    dead = dead_keys(seen.plans)
    clock: dict[str, Json] = {"ahead": seen.clock_ahead is not None}
    if seen.clock_ahead is not None:
        clock["days"] = seen.clock_ahead.days
    return {
        "at": instant_text(seen.at),
        "today": day_in_japan(seen.at).isoformat(),
        "window_days": settings.retention_window_days,
        "expires_by_itself": settings.retention_expires,
        "ends": [
            {
                "month": one.month.strftime("%Y-%m") if one.month else None,
                "class": one.key_class,
                "keys": one.keys,
                "events": one.events,
            }
            for one in seen.counts
        ],
        "next_plan": {
            "through": preview.through.isoformat(),
            "keys": len(preview.keys),
            "counts": dict(preview.counts),
        },
        "due": {
            "keys": len(seen.due),
            "events": sum(key.events for key in seen.due),
            "late_keys": len(seen.late_keys),
            "why": dict(seen.why),
        },
        "clock": clock,
        "holds_standing": sum(1 for one in seen.holds if one.stands),
        "holds": standing_shown(seen.holds, whole=whole),
        "cases_open": len(seen.cases),
        "nameless_cases": nameless_shown(seen.nameless),
        "last_run": _last_run(seen.plans),
        "plans": [plan_shown(one, dead) for one in page],
        "cursor": page[-1].position if len(older) > limit else None,
        "expired": dict(seen.expired),
    }


def _last_run(plans: Sequence[expiry.State]) -> dict[str, Json] | None:
    if not plans:
        return None
    expiries = [expiry for plan in plans for expiry in plan.expiries]
    destroyed_at = max(expiries)[1] if expiries else None
    return {
        "plan": str(plans[-1].plan),
        "planned_at": instant_text(plans[-1].planned_at),
        "destroyed_at": None if destroyed_at is None else instant_text(destroyed_at),
    }


def planned_shown(report: Report) -> dict[str, Json]:
    """What a plan says."""
    planned = report.planned
    assert planned is not None, "a plan was made"
    return {
        "plan": str(report.plan),
        "position": report.position,
        "through": planned.through.isoformat(),
        "keys": len(planned.keys),
        "counts": dict(planned.counts),
        "days_moved": report.days_moved,
        "needed": len(report.kept),
        "nameless_cases": nameless_shown(report.nameless),
    }


def destroyed_shown(report: Report) -> dict[str, Json]:
    """What a run has destroyed."""
    return {
        "erasures": [
            {
                "position": one.position,
                "keys": len(one.keys),
                "events": one.events,
                "lookups": one.lookups,
            }
            for one in report.expired
        ],
        "carried": report.carried,
        "days_moved": report.days_moved,
        "needed": len(report.kept),
        "unnamed": len(report.unnamed),
    }
