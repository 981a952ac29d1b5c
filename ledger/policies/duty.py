"""Must it be recorded, with which items, is it disclosable? (Arts. 27-31, 33, 41).

The order of decision is numbered as in the vocabulary's section 1; the numbers stand in `_find`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from ledger.clock import day_in_japan
from ledger.fast_init import fast_init
from ledger.law.act import Law, law_on
from ledger.law.bases import NEVER_PERSONAL, PSEUDONYMOUS_BASES, STOPS, Route, route_of
from ledger.law.countries import HOME, is_foreign
from ledger.law.findings import NO_BASIS, NOT_LAWFUL, article_of
from ledger.law.readings import (
    PSEUDONYMOUS_READING,
    PUBLIC_BODY_FREES_ART31,
    READING,
    law_code,
)
from ledger.law.transition import INFORMED_SINCE, PSEUDONYMOUS_SINCE, REFERABLE_SINCE
from ledger.policies.context import (
    ActiveStop,
    Context,
    JointUseNotice,
    Notice,
    NoticeVersion,
    TransferVerdict,
    Verdict,
)
from ledger.policies.opt_out import opt_out_findings
from ledger.policies.record_method import method_that_counts, record_defects
from ledger.policies.retention import retain_through
from ledger.values import Consent, Json, Transfer, transfer_of


@dataclass(frozen=True, slots=True)
class JointUseJudged:
    """What is wrong with a joint-use transfer, and the version it was held against, if any."""

    findings: tuple[str, ...]
    version: str | None


def judge_joint_use(transfer: Transfer, notice: Notice | None, day: date) -> JointUseJudged:
    """Hold the transfer against the notice's version of `day`, its first day."""
    if not isinstance(notice, JointUseNotice) or transfer.data_kind not in notice.data_kinds:
        return JointUseJudged(("JU_NO_NOTICE",), None)
    version = version_on(notice, day)
    if version is None:
        in_force = any(one.in_force_from <= day for one in notice.versions)
        return JointUseJudged(("JU_NO_NOTICE" if in_force else "JU_BEFORE_START",), None)
    found: list[str] = []
    if not _is_user(transfer, version):
        found.append("JU_RECIPIENT_OUT_OF_SCOPE")
    if not version.announced_items.issuperset(transfer.items):
        found.append("JU_ITEM_OUT_OF_SCOPE")
    if transfer.purpose not in version.announced_purposes:
        later = [one for one in notice.versions if _is_later(one, day)]
        announced = any(transfer.purpose in one.announced_purposes for one in later)
        found.append("JU_PURPOSE_NOT_YET_ANNOUNCED" if announced else "JU_PURPOSE_OUT_OF_SCOPE")
    if _is_responsible_stale(notice, version, day):
        found.append("JU_RESPONSIBLE_STALE")
    return JointUseJudged(tuple(found), version.version)


def version_on(notice: JointUseNotice, day: date) -> NoticeVersion | None:
    """The version in force and published on `day`; None before the first."""
    counting = [one for one in notice.versions if not _is_later(one, day)]
    return max(counting, key=lambda one: (one.in_force_from, one.published_on), default=None)


def _is_later(version: NoticeVersion, day: date) -> bool:
    return version.in_force_from > day or version.published_on > day


def _is_user(transfer: Transfer, version: NoticeVersion) -> bool:
    party = transfer.counterparty
    if party.party_id is not None:
        return party.party_id in version.users
    return any(party.name == name for _, name in version.scope)


def _is_responsible_stale(notice: JointUseNotice, version: NoticeVersion, day: date) -> bool:
    """Whether a change of the responsible party up to `day` is missing in `version`."""
    return any(
        changed_on <= day and not _is_reflected(notice, version, changed_on, member)
        for changed_on, member in notice.responsible_changes
    )


def _is_reflected(
    notice: JointUseNotice, version: NoticeVersion, changed_on: date, member: str
) -> bool:
    if version.in_force_from < changed_on:
        return False
    # A version of that day or later reflects the change unless it repeats the old value.
    before = [one for one in notice.versions if one.in_force_from < changed_on]
    if not before:
        return True
    last_before = max(before, key=lambda one: one.in_force_from)
    return _responsible(version, member) != _responsible(last_before, member)


def _responsible(version: NoticeVersion, member: str) -> str:
    match member:
        case "name":
            return version.responsible_name
        case "address":
            return version.responsible_address
        case _:
            return version.responsible_representative


def is_foreign_third_party(transfer: Transfer, day: date) -> bool:
    """Whether Art. 28(1) takes the recipient for a third party in a foreign country on `day`.

    The receiving side has no such question.
    """
    party = transfer.counterparty
    if party.country == HOME or transfer.direction != "provided" or party.equivalent_measures:
        return False
    return is_foreign(party.country, day)


def article_of_finding(code: str, data: Mapping[str, Json], recorded_on: date) -> str:
    """The article under which a recorded transfer has the finding.

    A consent to a provision abroad is one of 27(1) where the recipient is no foreign third party:
    28(1) displaces 27 for those alone.
    """
    transfer = transfer_of(data)
    day = transfer.first_day or recorded_on
    is_home = transfer.direction == "provided" and not is_foreign_third_party(transfer, day)
    basis = "consent_27_1" if is_home and transfer.basis == "consent_28_1" else transfer.basis
    return article_of(code, transfer.direction, basis)


def is_information_complete(consent: Consent) -> bool:
    """Whether everything that Rule 17(2) asks for, or its substitute (17(3)(4)), was given."""
    given = consent.foreign_information
    country = given >= {"country", "regime"} or "country_unspecified_reason" in given
    return country and ("measures" in given or "measures_unavailable_reason" in given)


def consent_findings(transfer: Transfer, day: date, *, foreign: bool) -> tuple[str, ...]:
    """What is wrong with the consent of Art. 27(1) or 28(1) on which the transfer rests.

    The sender of a receipt got the consent itself: the day that it states is not judged.

    Args:
        day: the first day of the transfer, or the day of the record where that is unknown.
        foreign: the recipient is a third party in a foreign country.
    """
    consent = transfer.consent
    if consent is None or not consent.obtained:
        # Art. 28(2) speaks of a consent that is sought; without one there is nothing to inform of.
        return ("CONSENT_NOT_OBTAINED",)
    if consent.at is None and not foreign:
        return ()
    found: list[str] = []
    if transfer.direction == "provided" and _is_late(transfer):
        found.append("CONSENT_AFTER_TRANSFER")
    if foreign and _must_be_informed(consent, day) and not is_information_complete(consent):
        found.append("ART28_INFORMATION_MISSING")
    return tuple(found)


def special_care_findings(transfer: Transfer) -> tuple[str, ...]:
    """What is wrong with a receipt from somebody who is no operator (Art. 20(2))."""
    consent = transfer.consent
    if transfer.special_care and (consent is None or not consent.obtained):
        return ("CONSENT_NOT_OBTAINED",)
    return ()


def is_given_after(consent: Consent | None, day: date) -> bool:
    """Whether a consent was given on a later day than `day`, in Japan."""
    return consent is not None and consent.at is not None and day_in_japan(consent.at) > day


def referable_findings(transfer: Transfer, *, foreign: bool) -> tuple[str, ...]:
    """What Art. 31(1) asks to confirm beforehand and is not confirmed."""
    consent = transfer.consent
    found: list[str] = []
    if consent is None or not consent.obtained or _is_late(transfer):
        found.append("ART31_CONSENT_MISSING")
    if foreign and (consent is None or not is_information_complete(consent)):
        found.append("ART31_FOREIGN_INFORMATION_MISSING")
    return tuple(found)


def _is_late(transfer: Transfer) -> bool:
    """Whether the consent is later than the (first) day of the transfer, in Japan."""
    first_day = transfer.first_day
    return first_day is not None and is_given_after(transfer.consent, first_day)


def _must_be_informed(consent: Consent, day: date) -> bool:
    """Whether 28(2) applies: to a consent that was obtained when it was in force, or later.

    A consent of an unknown day was given by the day of the transfer.
    Source: supplementary provisions of 令和2年法律第44号, Art. 4(1).
    """
    given_on = day if consent.at is None else day_in_japan(consent.at)
    return given_on >= INFORMED_SINCE


_OF_OUR_SIDE = {"provided": "art29", "received": "art30"}
_NOBODY: Mapping[int, Verdict] = MappingProxyType({})
PSEUDONYMOUS = "pseudonymously_processed"


@fast_init
@dataclass(frozen=True, slots=True)
class _Assessment:
    """What holds for every person of the transfer, before records are looked at.

    Attributes:
        duty: before the counterparty is asked for (step 9).
        route: under which the items are looked up and stops are judged.
    """

    duty: str
    route: Route
    findings: tuple[str, ...] = ()
    notice_version: str | None = None


def judge(transfer: Transfer, context: Context, recorded_on: date) -> TransferVerdict:
    """What the transfer is in law on its first day, for all its persons and for each who differs.

    A stop of one person never shows in the verdict of the whole, not even when everybody has one.

    Args:
        recorded_on: the day the record was made, in Japan; also stands in for an unknown day.
    """
    day = transfer.first_day or recorded_on
    law = law_on(day)
    if judged_kind(transfer, READING, day) != transfer.data_kind:
        transfer = replace(transfer, data_kind="personal_data")
    found = _find(transfer, context, law, day)
    whole = _conclude(transfer, context, recorded_on, law, found)
    if not context.stops:
        return TransferVerdict(whole, _NOBODY)
    persons: dict[int, Verdict] = {}
    concluded: dict[tuple[str, ...], Verdict] = {(): whole}
    for index, stops in context.stops.items():
        codes = _stopped(transfer, found, stops, recorded_on)
        own = concluded.get(codes)
        if own is None:
            theirs = _with_stops(found, codes)
            own = concluded[codes] = _conclude(transfer, context, recorded_on, law, theirs)
        if own != whole:
            persons[index] = own
    return TransferVerdict(whole, persons)


def judged_kind(transfer: Transfer, reading: int, recorded_on: date) -> str:
    """The kind of data by which a verdict under this reading of the law goes.

    Before 2022-04-01 there was no pseudonymously processed information: it was personal data, and
    has the record and the reply of such.

    Args:
        recorded_on: stands in for an unknown day.
    """
    is_old = transfer.is_over_before(PSEUDONYMOUS_SINCE, recorded_on)
    if transfer.data_kind == PSEUDONYMOUS and is_old and reading >= PSEUDONYMOUS_READING:
        return "personal_data"
    return transfer.data_kind


def _find(transfer: Transfer, context: Context, law: Law, day: date) -> _Assessment:
    route = route_of(law.bases[transfer.basis], transfer.exemption, transfer.direction)
    record = _OF_OUR_SIDE[transfer.direction]
    # 1. No personal data.
    if transfer.data_kind in NEVER_PERSONAL:
        return _Assessment("none", Route.EXEMPT, _anonymous_findings(transfer))
    # 2. Pseudonymously processed information has four routes only, at home as abroad.
    is_pseudonymous = transfer.data_kind == PSEUDONYMOUS
    if is_pseudonymous and transfer.basis not in PSEUDONYMOUS_BASES:
        return _Assessment(record, Route.UNFOUNDED, ("PSEUDONYMOUS_NO_VALID_ROUTE",))
    # 3. Personally referable information.
    if route is Route.REFERABLE:
        is_old = transfer.is_over_before(REFERABLE_SINCE, day)
        if is_old or not transfer.acquired_as_personal_data:
            return _Assessment("none", Route.EXEMPT)
        duty = "art31_provider" if transfer.direction == "provided" else record
        foreign = is_foreign_third_party(transfer, day)
        return _Assessment(duty, Route.REFERABLE, referable_findings(transfer, foreign=foreign))
    # 4. Items of 27(1) and interpretive exemptions, also abroad; not where only the recipient is
    # exempt and we are the provider (`route_of`).
    if route is Route.EXEMPT:
        return _Assessment("none", Route.EXEMPT)
    # 5. A foreign third party without consent to exactly that: Article 27 is not examined.
    foreign = is_foreign_third_party(transfer, day)
    if foreign and not is_pseudonymous and transfer.basis not in ("consent_28_1", "none"):
        return _Assessment(record, Route.UNFOUNDED, ("ART28_CONSENT_MISSING",))
    match route:
        # 6. Nothing at all.
        case Route.UNFOUNDED:
            return _Assessment(record, Route.UNFOUNDED, ("NO_VALID_BASIS",))
        # 7. Consent, opt-out, a source that is no operator.
        case Route.CONSENT:
            return _Assessment(
                record, Route.CONSENT, consent_findings(transfer, day, foreign=foreign)
            )
        case Route.OPT_OUT:
            notice = context.notices.get(transfer.notice_id or "")
            findings = opt_out_findings(transfer, notice, context.derived, day)
            return _Assessment(record, Route.OPT_OUT, findings)
        case Route.NON_OPERATOR:
            return _Assessment(record, Route.NON_OPERATOR, special_care_findings(transfer))
        # 8. No third party, unless a condition fails.
        case _:
            return _not_a_third_party(transfer, context, route, day)


def _not_a_third_party(
    transfer: Transfer, context: Context, route: Route, day: date
) -> _Assessment:
    """Joint use, entrustment, succession (27(5)): a duty arises when a condition fails."""
    findings: tuple[str, ...] = ()
    version = None
    if route is Route.JOINT_USE:
        judged = judge_joint_use(transfer, context.notices.get(transfer.notice_id or ""), day)
        findings, version = judged.findings, judged.version
    elif route is Route.ENTRUSTMENT and transfer.use_beyond_entrustment:
        findings = ("ENTRUSTMENT_SCOPE_EXCEEDED",)
    if NO_BASIS.isdisjoint(findings):
        return _Assessment("none", route, findings, version)
    return _Assessment(_OF_OUR_SIDE[transfer.direction], Route.UNFOUNDED, findings, version)


def _anonymous_findings(transfer: Transfer) -> tuple[str, ...]:
    """What the provider of anonymously processed information left out (43(4), 44)."""
    anonymous = transfer.anonymous
    if transfer.direction != "provided" or anonymous is None:
        return ()
    if transfer.data_kind != "anonymously_processed":
        return ()
    found: list[str] = []
    if not anonymous.items_published:
        found.append("ANONYMOUS_NOT_PUBLISHED")
    if not anonymous.stated_to_recipient:
        found.append("ANONYMOUS_NOT_STATED")
    return tuple(found)


def _stopped(
    transfer: Transfer, found: _Assessment, stops: tuple[ActiveStop, ...], recorded_on: date
) -> tuple[str, ...]:
    """The findings that one person's stops make, sorted."""
    reached = STOPS.get((transfer.direction, found.route))
    if reached is None or transfer.data_kind == PSEUDONYMOUS or transfer.first_day is None:
        return ()
    # A period is tested on its last day; an open one on the last day that has surely happened.
    day = transfer.last_day or max(transfer.first_day, recorded_on)
    party = transfer.counterparty.party_id
    codes = {
        reached[stop.kind]
        for stop in stops
        if stop.kind in reached
        and stop.day <= day
        and stop.counterparty_party_id in (None, party)
        # What was agreed to after the withdrawal is a new consent.
        and not (stop.kind == "consent_withdrawn" and is_given_after(transfer.consent, stop.day))
    }
    return tuple(sorted(codes))


def _with_stops(found: _Assessment, codes: tuple[str, ...]) -> _Assessment:
    return _Assessment(found.duty, found.route, found.findings + codes, found.notice_version)


def _conclude(
    transfer: Transfer, context: Context, recorded_on: date, law: Law, found: _Assessment
) -> Verdict:
    """Duty, items, record defects and retention for what was found."""
    duty, route, findings = found.duty, found.route, found.findings
    # 9. A body of Art. 16(2) is no third party in 29 and 30; none is in another country.
    party = transfer.counterparty
    is_public = party.kind == "public_body" and party.country == HOME
    if is_public and (duty != "art31_provider" or PUBLIC_BODY_FREES_ART31):
        duty = "none"
    items: tuple[str, ...] = ()
    retained: date | None = None
    method = transfer.method
    if duty != "none":
        if findings and duty == "art29" and not NO_BASIS.isdisjoint(findings):
            route = Route.UNFOUNDED
        items = law.item_sets[transfer.direction, route]
        if "ACQUISITION" in items and transfer.acquisition_stated and not transfer.acquisition:
            findings = (*findings, "CONFIRMATION_INCOMPLETE")
        defects = record_defects(transfer, duty, route, items, context.base)
        if defects:
            findings = (*findings, *defects)
            # What the record lacks of the sender could not be confirmed either (30(1)(i)).
            if duty == "art30" and "COUNTERPARTY_INCOMPLETE" in defects:
                findings = (*findings, "CONFIRMATION_INCOMPLETE")
        method = method_that_counts(method, duty, findings)
        retained = retain_through(method, transfer, recorded_on)
    return complete(
        duty=duty,
        findings=tuple(sorted(set(findings))) if len(findings) > 1 else findings,
        statutory_items=items,
        data_kind=transfer.data_kind,
        effective_method=method,
        retain_through=retained,
        law=law_code(law.version, READING),
        notice_version=found.notice_version,
    )


def of_person(own: Verdict, whole: Verdict) -> Verdict:
    """The person's verdict with what every person's takes from that of the whole transfer.

    Args:
        own: its duty, findings, items and day are the person's; the rest counts for nothing.
    """
    is_pseudonymous = whole.duty in ("art29", "art30") and not whole.in_reply
    return complete(
        duty=own.duty,
        findings=own.findings,
        statutory_items=own.statutory_items,
        data_kind=PSEUDONYMOUS if is_pseudonymous else "personal_data",
        effective_method=whole.effective_method,
        retain_through=own.retain_through,
        law=whole.law,
        notice_version=whole.notice_version,
    )


def complete(  # noqa: PLR0913 -- the eight facts of a verdict that cannot be derived
    *,
    duty: str,
    findings: tuple[str, ...],
    statutory_items: tuple[str, ...],
    data_kind: str,
    effective_method: str,
    retain_through: date | None,
    law: str,
    notice_version: str | None,
) -> Verdict:
    """The verdict with what follows from its facts: lawful, in a reply, effective method.

    Args:
        effective_method: as stated; for one person the effective one of the whole transfer.

    Pseudonymously processed information is never in a reply (41(9)); nor is the provider's
    record of personally referable information, which is none of 29(1) or 30(3).
    """
    return Verdict(
        duty,
        findings,
        statutory_items,
        duty in ("art29", "art30") and data_kind != PSEUDONYMOUS,
        NOT_LAWFUL.isdisjoint(findings),
        method_that_counts(effective_method, duty, findings),
        retain_through,
        law,
        notice_version,
    )
