"""The overview of retention and the reports of its runs, as they are shown."""

from collections.abc import Collection, Mapping, Sequence

from api.resources.holds.schemas import render_active_holds
from api.resources.retention.bodies import NAMELESS_MAX
from api.retention import Overview
from api.settings.settings import Settings
from ledger.clock import day_in_japan
from ledger.format.events import ExpiryPlanned
from ledger.format.header import instant_text
from ledger.retention import expiry
from ledger.retention.certificate import CERTIFIED
from ledger.retention.holds_and_cases import OpenCase
from ledger.retention.run import RunReport
from ledger.values import Json


def render_overview(
    seen: Overview, settings: Settings, *, whole: bool, before: int | None, limit: int
) -> dict[str, Json]:
    """What is kept, what is due and what holds it back, with a page of plans, newest first.

    Args:
        whole: the reasons of holds too.
    """
    preview = seen.preview
    older = [one for one in reversed(seen.plans) if before is None or one.position < before]
    page = older[:limit]
    expired_keys = collect_expired_keys(seen.plans)
    clock: dict[str, Json] = {"ahead": seen.clock_ahead is not None}
    if seen.clock_ahead is not None:
        clock["days"] = seen.clock_ahead.days
    due: dict[str, Json] = {"reasons": [*sorted(seen.why)]}
    next_plan: dict[str, Json] = {"through": preview.through.isoformat()}
    shown: dict[str, Json] = {
        "at": instant_text(seen.at),
        "today": day_in_japan(seen.at).isoformat(),
        "window_days": settings.retention_window_days,
        "expires_by_itself": settings.retention_expires,
        "next_plan": next_plan,
        "due": due,
        "clock": clock,
        "holds_standing": sum(1 for one in seen.holds if one.is_active),
        "holds": render_active_holds(seen.holds, whole=whole),
        "cases_open": len(seen.cases),
        "nameless_cases": render_nameless_cases(seen.nameless),
        "last_run": _last_run(seen.plans),
        "plans": [
            render_plan(one, expired_keys, includes_hidden=seen.includes_hidden) for one in page
        ],
        "cursor": page[-1].position if len(older) > limit else None,
    }
    # Beside an export, numbers of what lives or died tell how much of it is hidden.
    if seen.includes_hidden:
        shown["expired"] = dict(seen.expired)
        due |= {
            "keys": len(seen.due),
            "late_keys": len(seen.late_keys),
            "why": dict(seen.why),
            "events": sum(key.events for key in seen.due),
        }
        counts = {
            "events": sum(key.events for key in seen.next_keys),
            "keys": len(seen.next_keys),
            "lookups": sum(key.lookups for key in seen.next_keys),
        }
        next_plan |= {
            "keys": len(seen.next_keys),
            "counts": render_counts(counts, preview),
        }
        shown["ends"] = [
            {
                "month": one.month.strftime("%Y-%m") if one.month else None,
                "class": one.key_class,
                "keys": one.keys,
                "events": one.events,
            }
            for one in seen.counts
        ]
    return shown


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


def render_plan_report(report: RunReport, *, includes_hidden: bool) -> dict[str, Json]:
    """What a plan says; what holds and cases keep only to who may exclude records."""
    planned = report.planned
    assert planned is not None, "a plan was made"
    shown: dict[str, Json] = {
        "plan": str(report.plan),
        "position": report.position,
        "through": planned.through.isoformat(),
        "nameless_cases": render_nameless_cases(report.nameless),
    }
    if includes_hidden:
        shown |= {
            "keys": len(planned.keys),
            "counts": render_counts(planned.counts, planned),
            "needed": len(report.kept),
            "days_moved": report.days_moved,
        }
    return shown


def render_destruction(report: RunReport) -> dict[str, Json]:
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


def render_counts(
    counts: Mapping[str, int], planned: expiry.State | ExpiryPlanned
) -> dict[str, Json]:
    """What dies, and of `planned` how many holds and cases keep something."""
    shown: dict[str, Json] = {name: counts.get(name, 0) for name in CERTIFIED}
    return {**shown, "cases": len(planned.cases), "holds": len(planned.holds)}


def render_plan(
    plan: expiry.State, expired_keys: Collection[bytes], *, includes_hidden: bool
) -> dict[str, Json]:
    """A plan among others.

    Args:
        includes_hidden: also how many keys it names, and which holds and cases keep something,
            which would tell of hidden records (Order 11).
    """
    destroyed = len(plan.keys & set(expired_keys))
    shown: dict[str, Json] = {
        "plan": str(plan.plan),
        "position": plan.position,
        "planned_at": instant_text(plan.planned_at),
        "through": plan.through.isoformat() if plan.through else None,
        "state": "done" if destroyed == len(plan.keys) else "open",
        "confirmed": plan.confirmed,
    }
    if includes_hidden:
        shown |= {
            "keys": len(plan.keys),
            "destroyed": destroyed,
            "counts": render_counts(plan.counts, plan),
            "holds": len(plan.holds),
            "cases": len(plan.cases),
        }
    return shown


def render_plan_details(
    plan: expiry.State, expired_keys: Collection[bytes], *, includes_hidden: bool
) -> dict[str, Json]:
    """A plan with all it names, as far as `includes_hidden` allows."""
    shown: dict[str, Json] = {
        **render_plan(plan, expired_keys, includes_hidden=includes_hidden),
        "erasures": [
            {"position": position, "at": instant_text(at)} for position, at in plan.expiries
        ],
    }
    if includes_hidden:
        shown["key_ids"] = [key.hex() for key in sorted(plan.keys)]
        shown["hold_ids"] = [str(one) for one in plan.holds]
        shown["case_ids"] = [str(one) for one in plan.cases]
    return shown


def render_nameless_cases(cases: Sequence[OpenCase]) -> list[Json]:
    """Open cases for which nothing is kept."""
    return [{"case": str(one.case), "number": one.number} for one in cases[:NAMELESS_MAX]]


def collect_expired_keys(plans: Sequence[expiry.State]) -> set[bytes]:
    """Every key that was destroyed under some plan."""
    return {key for plan in plans for key in plan.expired}
