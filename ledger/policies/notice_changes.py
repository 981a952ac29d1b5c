"""What a new version of a joint-use notice changes, and whether it may (Art. 27(6)).

A version is compared with the one in force just before it; one that precedes all, with the first of
them. What the two do not show (that the
principals consented, that a new party is a joint user's successor) is stated by who publishes.
What is narrower than before (an item or a user is left out) needs no verdict.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.law.readings import ANNOUNCED_ON_THE_DAY_IS_BEFOREHAND
from ledger.policies.context import NoticeItem, NoticePurpose, NoticeVersion
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class JointUseChange:
    """A change that somebody wants to make to an announced joint use.

    Attributes:
        kind: `responsible_name`, `responsible_address`, `responsible_representative`,
            `responsible_party`, `purpose`, `add_item`, `change_item`, `add_user`, `rename_user` or
            `succession_of_user`.
        party_id: the joint user that is renamed or succeeded.
    """

    kind: str
    party_id: str | None = None
    published_on: date | None = None
    effective_on: date | None = None
    principals_consented: bool = False


def joint_use_change(before: NoticeVersion | None, change: JointUseChange) -> tuple[bool, str]:
    """Whether the change is allowed, and the code that says how or why not (Art. 27(6)).

    Args:
        before: the version that stands; None: nothing does.
    """
    code = _code(before, change)
    return CHANGE_VERDICTS[code].is_lawful, code


def _code(before: NoticeVersion | None, change: JointUseChange) -> str:
    match change.kind:
        case "responsible_name" | "responsible_address" | "responsible_representative":
            return "NOTICE_WITHOUT_DELAY"
        case "responsible_party" | "purpose":
            is_before = _is_announced_before(change)
            return "NOTICE_BEFOREHAND" if is_before else "JU_CHANGE_NOT_ANNOUNCED_BEFORE"
        case "rename_user" | "succession_of_user":
            if before is None or change.party_id not in before.users:
                return "JU_CHANGE_NOT_ALLOWED"
            return "RENAME_ONLY" if change.kind == "rename_user" else "SUCCESSION_OF_USER"
        case _:
            return "WITH_CONSENT" if change.principals_consented else "JU_CHANGE_NOT_ALLOWED"


def _is_announced_before(change: JointUseChange) -> bool:
    published, effective = change.published_on, change.effective_on
    if published is None or effective is None:
        return published is not None
    if ANNOUNCED_ON_THE_DAY_IS_BEFOREHAND:
        return published <= effective
    return published < effective


@dataclass(frozen=True, slots=True)
class ChangeStatement:
    """What who publishes a version states of its changes.

    Attributes:
        principals_consented: the principals consented to every item and user that is added.
        responsible_is_same_party: the responsible party is the same one under another name.
        wording_only: a definition or note of an item, or a label of a purpose, says the same in
            other words.
        successions: (party id of a joint user, party id of who succeeded to its business).
    """

    principals_consented: bool = False
    responsible_is_same_party: bool = False
    wording_only: bool = False
    successions: tuple[tuple[str, str], ...] = ()

    def members(self) -> dict[str, Json]:
        """The same as JSON; empty: nothing is stated."""
        members: dict[str, Json] = {name: True for name in _FLAGS if getattr(self, name)}
        if self.successions:
            members["successions"] = [{"from": a, "to": b} for a, b in self.successions]
        return members


def statement_of(members: Mapping[str, Json]) -> ChangeStatement:
    """What `members` state: the inverse of `ChangeStatement.members`."""
    successions = cast("list[dict[str, str]]", members.get("successions") or [])
    return ChangeStatement(
        principals_consented=members.get("principals_consented") is True,
        responsible_is_same_party=members.get("responsible_is_same_party") is True,
        wording_only=members.get("wording_only") is True,
        successions=tuple((one["from"], one["to"]) for one in successions),
    )


_FLAGS: Final = ("principals_consented", "responsible_is_same_party", "wording_only")
NOTHING_STATED: Final = ChangeStatement()


@dataclass(frozen=True, slots=True)
class JudgedChange:
    """A change that a version makes, with its verdict.

    Attributes:
        kind: as in `JointUseChange`.
        pointer: JSON Pointer (RFC 6901) to what is changed, into a body with `version`.
        code: of `ledger.law.notice_changes`.
    """

    kind: str
    pointer: str
    code: str

    @property
    def is_lawful(self) -> bool:
        """Whether the change may be made."""
        return CHANGE_VERDICTS[self.code].is_lawful


def judged_changes(
    before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement
) -> tuple[JudgedChange, ...]:
    """Every change that `after` makes to `before`, in the order of the Act's matters.

    Args:
        stated: what the versions do not show.
    """
    found = (
        *_of_items(before, after, stated),
        *_of_users(before, after, stated),
        *_of_purposes(before, after, stated),
        *_of_responsible(before, after, stated),
    )
    judged: list[JudgedChange] = []
    for kind, pointer, party_id in found:
        change = JointUseChange(
            kind, party_id, after.published_on, after.in_force_from, stated.principals_consented
        )
        _, code = joint_use_change(before, change)
        judged.append(JudgedChange(kind, f"/version/{pointer}", code))
    return tuple(judged)


_Found = Iterator[tuple[str, str, str | None]]
"""(kind, pointer below the version, party id) of each change."""


def _of_items(before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement) -> _Found:
    for n, item in enumerate(after.items):
        if item.category not in before.announced_items:
            yield "add_item", f"items/{n}", None
            continue
        if not before.announced_items.issuperset(item.listed):
            yield "add_item", f"items/{n}/listed", None
        if stated.wording_only:
            continue
        if _is_redefined(item, before.items, lambda one: one.definition):
            yield "change_item", f"items/{n}/definition", None
        if _is_redefined(item, before.items, lambda one: one.note):
            yield "change_item", f"items/{n}/note", None


def _is_redefined(
    item: NoticeItem, before: Iterable[NoticeItem], words_of: Callable[[NoticeItem], str]
) -> bool:
    """Whether a name of the item was announced under other words only, none counted as words.

    Words that are gone may have limited the item: whether it widened is a person's assessment.
    """
    known: dict[str, set[str]] = {}
    for one in before:
        for name in (one.category, *one.listed):
            known.setdefault(name, set()).add(words_of(one))
    names = (name for name in (item.category, *item.listed) if name in known)
    return any(words_of(item) not in known[name] for name in names)


def _of_users(before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement) -> _Found:
    known = frozenset(before.scope)
    # An id tells who a party is, a name does not; so one id has one name.
    names = Counter(party_id for party_id, _ in frozenset(after.scope))
    pairs = frozenset(stated.successions)
    successors = Counter(predecessor for predecessor, _ in pairs)
    for n, (party_id, name) in enumerate(after.scope):
        if (party_id, name) in known:
            continue
        # Whose place it takes: two would use what one did, so one that several succeed is none.
        succeeded = sorted(
            one
            for one, successor in pairs
            if successor == party_id
            and successors[one] == 1
            and (one not in after.users or (one == party_id and one in before.users))
        )
        if party_id in before.users and names[party_id] == 1 and successors[party_id] <= 1:
            kind = "succession_of_user" if party_id in succeeded else "rename_user"
            yield kind, f"scope/{n}", party_id
        elif party_id not in before.users and succeeded:
            was_user = [one for one in succeeded if one in before.users]
            yield "succession_of_user", f"scope/{n}", (was_user or succeeded)[0]
        else:
            yield "add_user", f"scope/{n}", party_id


def _of_purposes(before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement) -> _Found:
    known = {one.code: one for one in before.purposes}
    # What is announced in the same words is the same purpose, whatever its code is now.
    texts_before, texts_now = (
        {_purpose_text(one) for one in them.purposes} for them in (before, after)
    )
    replaced = {one.code for one in after.purposes if _purpose_text(one) not in texts_before}
    for n, purpose in enumerate(after.purposes):
        same = known.get(purpose.code)
        if purpose.code not in replaced or (same is not None and _is_same(same, purpose, stated)):
            continue
        yield "purpose", f"purposes/{n}", None
    if any(
        one.code not in replaced and _purpose_text(one) not in texts_now for one in before.purposes
    ):
        yield "purpose", "purposes", None


def _is_same(before: NoticePurpose, after: NoticePurpose, stated: ChangeStatement) -> bool:
    is_same_label = before.label == after.label or stated.wording_only
    return is_same_label and set(before.examples) == set(after.examples)


def _purpose_text(purpose: NoticePurpose) -> tuple[str, frozenset[str]]:
    return purpose.label, frozenset(purpose.examples)


def _of_responsible(before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement) -> _Found:
    if before.responsible_name != after.responsible_name:
        if not _is_same_party(before, after, stated):
            # Another party has another address and representative.
            yield "responsible_party", "responsible", None
            return
        yield "responsible_name", "responsible/name", None
    if before.responsible_address != after.responsible_address:
        yield "responsible_address", "responsible/address", None
    if before.responsible_representative != after.responsible_representative:
        yield "responsible_representative", "responsible/representative", None


def _is_same_party(before: NoticeVersion, after: NoticeVersion, stated: ChangeStatement) -> bool:
    """Whether another name is the same party's: as the scopes show, else as it is stated."""
    was = {party_id for party_id, name in before.scope if name == before.responsible_name}
    is_now = {party_id for party_id, name in after.scope if name == after.responsible_name}
    if was and is_now:
        return bool(was & is_now)
    return stated.responsible_is_same_party
