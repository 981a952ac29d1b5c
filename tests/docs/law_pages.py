"""Generates the tables of `docs/reference/verdicts.md` from the law data and the policies."""

from collections.abc import Callable
from datetime import date
from typing import cast

from ledger.law.act import LAWS
from ledger.law.bases import BASES, STOPS
from ledger.law.countries import EQUIVALENT_COUNTRIES
from ledger.law.findings import FINDINGS, FORCES_INDIVIDUAL, ON_RECEIPT, FindingClass
from ledger.law.items import ITEM_SETS, STATUTORY_ITEMS
from ledger.law.procedure.questions import QUESTIONS, OpenPoint, ProcedureReadings
from ledger.law.readings import HISTORY, READINGS
from ledger.law.retention import RETENTION
from ledger.policies.retention import deletable_from, from_last_transfer, from_record
from tests.docs.markdown import code, table

_CLASSES = {
    FindingClass.NO_BASIS: "no basis",
    FindingClass.UNLAWFUL: "unlawful",
    FindingClass.RECORD_DEFECT: "record defect",
    FindingClass.WARNING: "warning",
}

# Events whose naive periods are a day short or long: leap days, ends of months and of a year.
_WORKED = (
    ("individual", date(2024, 4, 1), ""),
    (
        "individual",
        date(2024, 2, 28),
        "counted from 29 February; 2027 has none, so the month's end",
    ),
    ("individual", date(2024, 2, 29), ""),
    ("individual", date(2025, 2, 28), "the same day three years later would be one day short"),
    ("individual", date(2024, 12, 31), ""),
    ("collective", date(2024, 4, 1), "one day before the individual record of that day"),
    ("collective", date(2024, 2, 29), "2027 has no 29 February: the month's end"),
    ("collective", date(2025, 3, 1), ""),
    ("contract", date(2024, 2, 29), "27 February would be one day short"),
    ("contract", date(2023, 3, 1), ""),
    ("contract", date(2024, 8, 31), ""),
)

# Where the reading is decided, so that counsel's answer has a place to go.
WHERE = {
    "opt_out_start": "`OPT_OUT_STARTS_AS_PLANNED` in `ledger/law/readings.py`",
    "change_on_the_day": "`ANNOUNCED_ON_THE_DAY_IS_BEFOREHAND` in `ledger/law/readings.py`",
    "responsible_renamed": "`_is_same_party` in `ledger/policies/notice_changes.py`",
    "purpose_left_out": "`_of_purposes` in `ledger/policies/notice_changes.py`",
    "items_left_out": "`judged_changes` in `ledger/policies/notice_changes.py`",
    "definition_changed": "`_is_redefined` in `ledger/policies/notice_changes.py`",
    "user_under_another_id": "`_of_users` in `ledger/policies/notice_changes.py`",
    "successor_beside": "`_of_users` in `ledger/policies/notice_changes.py`",
    "unlawful_version": "`joint_use_of` in `ledger/notices/notice.py`",
    "before_the_first_version": "`version_before` in `ledger/notices/notice.py`",
    "version_between": "`version_before` in `ledger/notices/notice.py`",
    "joint_use_begun_anew": "`version_before` in `ledger/notices/notice.py`",
    "art31_public_body": "`PUBLIC_BODY_FREES_ART31` in `ledger/law/readings.py`",
    "unfounded_receipt": "the row of `ITEM_SETS` in `ledger/law/items.py`",
    "unfounded_contract": "`method_that_counts` in `ledger/policies/record_method.py`",
    "stops_27_5": "a row of `STOPS` in `ledger/law/bases.py`",
    "recipient_only_exemptions": "`route_of` in `ledger/law/bases.py`",
    "before_2022": "a row of `LAWS` in `ledger/law/act.py`",
    "opt_out_before_2022": "`OPT_OUT_PROVISO_SINCE` in `ledger/law/transition.py`",
    "pseudonymous_before_2022": "`PSEUDONYMOUS_SINCE` in `ledger/law/transition.py`",
    "consent_before_2022": "`INFORMED_SINCE` in `ledger/law/transition.py`",
    "referable_before_2022": "`REFERABLE_SINCE` in `ledger/law/transition.py`",
    "informed_before_2022": "`referable_findings` in `ledger/policies/duty.py`",
    "referable_consent_on_receipt": "`referable_findings` in `ledger/policies/duty.py`",
    "counterparty_unconfirmed": "`_conclude` in `ledger/policies/duty.py`",
    "penal_2022": "`_PENAL_2022` in `ledger/law/act.py`",
    "without_delay_35": "a row of `WITHOUT_DELAY` in `ledger/law/requests.py`",
    "papers_35": "`request_of` in `ledger/cases/intake.py`",
    "fee_32_2": "`receipt_letter` in `ledger/cases/letters/assembly.py`",
    "referable_abroad": "the rows of `GROUNDS` in `ledger/law/answers.py`",
    "before_the_first_procedure": "`procedure_on` in `ledger/law/procedure/version.py`",
    "made_beforehand": "`retain_through` in `ledger/policies/retention.py`",
    "open_35_keeps_nothing": "`_opened` in `ledger/retention/holds_and_cases.py`",
    "eea_countries": "the rows in `ledger/law/countries.py`",
}


def tables() -> dict[str, str]:
    """The generated regions of both pages, by name."""
    return {
        "bases": _bases(),
        "items": _items(),
        "item-sets": _item_sets(),
        "findings": _findings(),
        "on-receipt": _on_receipt(),
        "stops": _stops(),
        "retention": _retention(),
        "worked-dates": _worked_dates(),
        "laws": _laws(),
        "countries": code(sorted(EQUIVALENT_COUNTRIES)) + "\n",
        "readings": _readings(),
        "editions": _editions(),
        "questions": _questions(),
    }


def _bases() -> str:
    return table(
        ("code", "Japanese", "article", "treated as"),
        ((f"`{b.code}`", b.label, b.article, b.route.value) for b in BASES.values()),
    )


def _items() -> str:
    return table(
        ("code", "Japanese", "provided", "received", "provided under 31(1)"),
        (
            (f"`{i.code}`", i.label, i.provided or "–", i.received or "–", i.referable or "–")
            for i in STATUTORY_ITEMS.values()
        ),
    )


def _item_sets() -> str:
    return table(
        ("direction", "treated as", "items, in order"),
        ((direction, route.value, code(s)) for (direction, route), s in ITEM_SETS.items()),
    )


def _findings() -> str:
    return table(
        ("code", "class", "Japanese", "article", "the method that counts"),
        (
            (
                f"`{f.code}`",
                _CLASSES[f.kind],
                f.label,
                f.article,
                "individual" if f.code in FORCES_INDIVIDUAL else "as stated",
            )
            for f in FINDINGS.values()
        ),
    )


def _on_receipt() -> str:
    return table(
        ("code", "treated as", "article on receipt"),
        (
            (f"`{finding}`", route.value, article)
            for (finding, route), article in ON_RECEIPT.items()
        ),
    )


def _stops() -> str:
    return table(
        ("direction", "treated as", "stop", "finding"),
        (
            (direction, route.value, f"`{kind}`", f"`{finding}`")
            for (direction, route), found in STOPS.items()
            for kind, finding in found.items()
        ),
    )


def _retention() -> str:
    return table(
        ("method", "kept", "counted from", "article"),
        (
            (
                f"`{method}`",
                f"{rule.months // 12} years" if rule.months > 12 else "1 year",
                "the day the record was made, that day not counted"
                if rule.from_record
                else "the last transfer, that day counted (起算して)",
                rule.article,
            )
            for method, rule in RETENTION.items()
        ),
    )


def _worked_dates() -> str:
    rows: list[tuple[str, ...]] = []
    for method, event, note in _WORKED:
        ends = _end_of(method)(event)
        rows.append((f"`{method}`", str(event), str(ends), str(deletable_from(ends)), note))
    heads = ("method", "made, or last transfer", "kept through", "may go from", "why not naively")
    return table(heads, rows)


def _end_of(method: str) -> Callable[[date], date]:
    if RETENTION[method].from_record:
        return from_record
    return lambda event: from_last_transfer(method, event)


def _laws() -> str:
    return table(
        ("version", "in force from", "amending act", "penal articles"),
        (
            (
                f"`{law.version}`",
                law.in_force_from,
                law.name,
                " · ".join(law.penal_articles.values()),
            )
            for law in LAWS
        ),
    )


def _readings() -> str:
    return table(
        ("point", "taken", "why", "change it at"),
        ((one.point, f"{one.taken}", one.reason, WHERE[name]) for name, one in READINGS.items()),
    )


def _editions() -> str:
    return table(
        ("reading", "since", "what verdicts may be since"),
        (
            (str(one.number), str(one.since), "; ".join(one.changed) or "the first one")
            for one in HISTORY
        ),
    )


def _questions() -> str:
    taken = ProcedureReadings()
    return table(
        ("setting", "point", "default", "choices", "why the default"),
        (
            (f"`{name}`", one.point, _default(getattr(taken, name)), _choices(one), one.reason)
            for name, one in QUESTIONS.items()
        ),
    )


def _default(value: object) -> str:
    if isinstance(value, tuple):
        return code(cast("tuple[str, ...]", value))
    return code([str(value).lower() if isinstance(value, bool) else str(value)])


def _choices(question: OpenPoint) -> str:
    return "; ".join(f"`{choice}`: {told}" for choice, told in question.choices.items())
