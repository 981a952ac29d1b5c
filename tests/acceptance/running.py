"""Runs one case on the product's own functions, and says where the outcome differs.

What the cases leave open: a record whose `recorded_on` is not stated was made on the (last) day of
the transfer; everything is received when nothing of it lies in the future.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from api.contract import check, defects
from ledger.commands import PublishNotice
from ledger.format.events import NoticePublished
from ledger.law.act import law_on
from ledger.law.bases import BASES, Route
from ledger.law.items import ITEM_SETS
from ledger.notices.notice import fold, joint_use_of, opt_out_of, publish
from ledger.policies.context import (
    ActiveStop,
    Context,
    EarlierRecord,
    Notice,
    NoticeVersion,
    TransferVerdict,
    Verdict,
)
from ledger.policies.duty import judge, version_on
from ledger.policies.notice_changes import (
    NOTHING_STATED,
    JointUseChange,
    joint_use_change,
    statement_of,
)
from ledger.policies.record_method import method_defects, method_that_counts
from ledger.policies.retention import deletable_from, from_last_transfer, from_record
from ledger.values import Transfer, transfer_of
from tests.acceptance.reading import Case, CaseError
from tests.acceptance.requesting import counted, identified
from tests.ledger.given import ACTOR, COMMAND, facts

NOTHING_IS_LATER = date(9999, 12, 31)
_ORDERED = frozenset({"statutory_items", "changes"})


def outcome_of(case: Case) -> dict[str, Any]:
    """What the product says, with the field names of `expect`."""
    match case.kind:
        case "classify":
            return _classified(case)
        case "retention":
            return _retained(case)
        case "joint_use_change":
            return _changed(case)
        case "notice_version":
            return _compared(case)
        case "malformed":
            return _refused(case)
        case "identity":
            return identified(case.given)
        case "deadline":
            return counted(case.given)
        case "citation":
            return _cited(case.given)
        case _:
            raise CaseError(f"{case.id}: the kind {case.kind} is not executed")


def differences(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """One line for each stated field whose value is another; sets are compared as sets."""
    return [
        f"{field}: expected {value!r}, is {outcome.get(field, 'not there')!r}"
        for field, value in expect.items()
        if field not in outcome or _normal(field, value) != _normal(field, outcome[field])
    ]


def _normal(field: str, value: object) -> object:
    if isinstance(value, list) and field not in _ORDERED:
        return sorted(cast("list[str]", value))
    return cast("object", value)


def _classified(case: Case) -> dict[str, Any]:
    given = case.given
    transfer = _accepted(given["transfer"])
    recorded_on = _recorded_on(transfer)
    earlier = {one["key"]: one for one in given.get("earlier", [])}
    notices = _notices(case)
    context = Context(
        notices=notices,
        stops=_stops(transfer, given.get("stops", [])),
        base=_earlier(earlier.get(transfer.base_record or ""), recorded_on, notices),
        derived=tuple(
            record
            for key in transfer.derived_from
            if (record := _earlier(earlier.get(key), recorded_on, notices)) is not None
        ),
    )
    verdict = _of_the_person(judge(transfer, context, recorded_on))
    return {
        "duty": verdict.duty,
        "lawful": verdict.lawful,
        "findings": list(verdict.findings),
        "statutory_items": list(verdict.statutory_items),
        "in_reply": verdict.in_reply,
        "effective_method": verdict.effective_method,
        "notice_version": verdict.notice_version,
        "retain_through": _iso(verdict.retain_through),
        "deletable_from": _free(verdict.retain_through),
    }


def _accepted(data: dict[str, Any]) -> Transfer:
    return transfer_of(check(data, NOTHING_IS_LATER))


def _recorded_on(transfer: Transfer) -> date:
    day = transfer.recorded_on or transfer.last_day or transfer.first_day
    if day is None:
        raise CaseError("a record without a day needs `recorded_on`")
    return day


def _notices(case: Case) -> dict[str, Notice]:
    notices: dict[str, Notice] = {}
    for given in case.given.get("notices", []):
        data: Mapping[str, Any] | None = given
        if isinstance(given, str):
            data = case.notices.get(given)
        if data is None:
            raise CaseError(f"{case.id}: there is no notice {given}")
        is_opt_out = data["kind"] == "opt_out"
        notices[data["notice_id"]] = (
            opt_out_of(data) if is_opt_out else joint_use_of(data, data["versions"])
        )
    return notices


def _stops(transfer: Transfer, given: list[dict[str, Any]]) -> dict[int, tuple[ActiveStop, ...]]:
    stops: dict[int, tuple[ActiveStop, ...]] = {}
    for index, principal in enumerate(transfer.principals):
        own = tuple(
            ActiveStop(
                stop["kind"], date.fromisoformat(stop["from"]), stop.get("counterparty_party_id")
            )
            for stop in given
            if (stop["principal"]["scheme"], stop["principal"]["id"])
            == (principal.scheme, principal.id)
        )
        if own:
            stops[index] = own
    return stops


def _earlier(
    given: dict[str, Any] | None, day: date, notices: Mapping[str, Notice]
) -> EarlierRecord | None:
    if given is None:
        return None
    purged_on = given.get("purged_on")
    retained = purged_on is None or date.fromisoformat(purged_on) > day
    transfer = _accepted(given["transfer"])
    verdict = judge(transfer, Context(notices=notices), _recorded_on(transfer)).whole
    return EarlierRecord(transfer, retained, verdict.duty)


def _of_the_person(verdict: TransferVerdict) -> Verdict:
    """The verdict a case speaks of: the one that its stop changes, if there is a stop."""
    return max(verdict.persons.values(), key=lambda v: len(v.findings), default=verdict.whole)


def _retained(case: Case) -> dict[str, Any]:
    given = case.given
    direction, basis = given.get("direction", "provided"), given.get("basis", "consent_27_1")
    route = BASES[basis].route
    items = ITEM_SETS.get((direction, route), ITEM_SETS[direction, Route.UNFOUNDED])
    found = method_defects(
        given["method"],
        route,
        items,
        missing=given.get("contract_missing_items", []),
        supply_to_principal=given.get("supply_to_principal", True),
    )
    duty = "art29" if direction == "provided" else "art30"
    own = _own_end(given, method_that_counts(given["method"], duty, found))
    dependants = [from_record(_day(one["recorded_on"])) for one in given.get("dependants", [])]
    # A record from which others take omitted items is copied until the last of them has ended.
    retained = None if own is None else max([own, *dependants])
    return {
        "retain_through": _iso(retained),
        "deletable_from": _free(retained),
    }


def _own_end(given: Mapping[str, Any], method: str) -> date | None:
    series = given.get("series")
    if method == "individual":
        return from_record(_day(given.get("recorded_on", given.get("transferred_on"))))
    if series is not None:
        if series["open"]:
            return None
        return from_last_transfer(method, max(_day(one) for one in series["provisions"]))
    return from_last_transfer(
        method, _day(given.get("last_transferred_on", given.get("transferred_on")))
    )


def _changed(case: Case) -> dict[str, Any]:
    given = case.given["change"]
    data = case.notices.get(case.given["notice_id"])
    effective_on = _day(given["effective_on"]) if "effective_on" in given else None
    before: NoticeVersion | None = None
    if data is not None and data["kind"] == "joint_use":
        notice = joint_use_of(data, data["versions"])
        before = version_on(notice, effective_on or NOTHING_IS_LATER)
    change = JointUseChange(
        kind=given["type"],
        party_id=given.get("party_id"),
        published_on=_day(given["published_on"]) if "published_on" in given else None,
        effective_on=effective_on,
        principals_consented=given.get("principals_consented", False),
    )
    allowed, code = joint_use_change(before, change)
    return {"allowed": allowed, "code": code}


def _compared(case: Case) -> dict[str, Any]:
    """What `version` changes after those that were published one after the other."""
    given = case.given
    events: list[NoticePublished] = []
    for version in (*given["published"], given["version"]):
        is_last = len(events) == len(given["published"])
        command = PublishNotice(
            COMMAND,
            ACTOR,
            case.id,
            "joint_use",
            {"notice_id": case.id, "kind": "joint_use", "owner": "operator"},
            version,
            stated=statement_of(given.get("stated", {})) if is_last else NOTHING_STATED,
            records_unlawful=True,
        )
        events.append(publish(command, fold(None, facts(events))))
    changes = events[-1].changes
    return {"changes": [{"kind": o.kind, "pointer": o.pointer, "code": o.code} for o in changes]}


def _cited(given: Mapping[str, Any]) -> dict[str, Any]:
    law = law_on(_day(given["on"]))
    if "penal" in given:
        return {"article": law.penal_articles[given["penal"]]}
    return {"article": law.findings[given["finding"]].article}


def _refused(case: Case) -> dict[str, Any]:
    found = defects(case.given["transfer"], NOTHING_IS_LATER)
    if not found:
        return {"accepted": True, "problem": None, "at": None}
    return {"accepted": False, "problem": found[0].code, "at": found[0].pointer}


def _day(value: object) -> date:
    if not isinstance(value, str):
        raise CaseError("a day that the case needs is not stated")
    return date.fromisoformat(value)


def _free(retained: date | None) -> str | None:
    return None if retained is None else deletable_from(retained).isoformat()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
