"""Joint use: is the transfer inside what was announced (Art. 27(5)(iii)).

A version of a notice counts on a day when it is in force and published by then; a later version
never changes what an earlier transfer was.
"""

from dataclasses import dataclass
from datetime import date

from ledger.policies.context import JointUseNotice, Notice, NoticeVersion
from ledger.values import Transfer


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
