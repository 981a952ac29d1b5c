"""Art. 27(6): what a new version of a joint-use notice changes, and whether it may."""

from dataclasses import replace
from datetime import date
from typing import Any

from ledger.policies.context import NoticeItem, NoticePurpose
from ledger.policies.notice_changes import (
    ChangeStatement,
    judged_changes,
)
from tests.law.building import V1, version

LATER = date(2024, 9, 1)
BEFORE = date(2024, 8, 1)
USERS = V1.scope
US, X = USERS
ITEM = V1.items[0]
PURPOSE = V1.purposes[0]
CONSENT = ChangeStatement(principals_consented=True)
NOT_ALLOWED, CONSENTED = "JU_CHANGE_NOT_ALLOWED", "WITH_CONSENT"
TOO_LATE, IN_TIME = "JU_CHANGE_NOT_ANNOUNCED_BEFORE", "NOTICE_BEFOREHAND"

Told = list[tuple[str, str, str]]


def told(stated: ChangeStatement | None = None, /, **changes: Any) -> Told:  # noqa: ANN401 -- members of one dataclass
    """What a version changes that takes effect on the day of its publication, unless told else."""
    after = version("v2", LATER, **changes)
    found = judged_changes(V1, after, stated or ChangeStatement())
    return [(one.kind, one.pointer.removeprefix("/version/"), one.code) for one in found]


def successions(*pairs: tuple[str, str]) -> ChangeStatement:
    return ChangeStatement(successions=pairs)


def test_a_version_that_says_the_same_changes_nothing() -> None:
    assert told() == []
    assert told(scope=tuple(reversed(USERS))) == []


ITEMS: list[tuple[str, ChangeStatement | None, tuple[NoticeItem, ...], Told]] = [
    ("a new category", None, (ITEM, NoticeItem("決済")), [("add_item", "items/1", NOT_ALLOWED)]),
    (
        "a new category that was consented to",
        CONSENT,
        (ITEM, NoticeItem("決済")),
        [("add_item", "items/1", CONSENTED)],
    ),
    (
        "a new example",
        None,
        (NoticeItem("基本情報", ("氏名", "住所", "電話番号")),),
        [("add_item", "items/0/listed", NOT_ALLOWED)],
    ),
    ("an example that moves", None, (NoticeItem("基本情報", ("氏名",)), NoticeItem("住所")), []),
    ("fewer examples", None, (NoticeItem("基本情報", ("氏名",)),), []),
    (
        "another definition",
        None,
        (NoticeItem("基本情報", ITEM.listed, "氏名、病歴"),),
        [("change_item", "items/0/definition", NOT_ALLOWED)],
    ),
    (
        "another definition that says the same",
        ChangeStatement(wording_only=True),
        (NoticeItem("基本情報", ITEM.listed, "氏名及び住所"),),
        [],
    ),
    (
        "a new example is never wording",
        ChangeStatement(wording_only=True),
        (NoticeItem("基本情報", ("電話番号",)),),
        [("add_item", "items/0/listed", NOT_ALLOWED)],
    ),
    (
        "a note of its own",
        None,
        (NoticeItem("基本情報", ITEM.listed, note="病歴を含む"),),
        [("change_item", "items/0/note", NOT_ALLOWED)],
    ),
    (
        "a note that was consented to",
        CONSENT,
        (NoticeItem("基本情報", ITEM.listed, note="病歴を含む"),),
        [("change_item", "items/0/note", CONSENTED)],
    ),
]


def test_an_item_is_added_with_consent_only() -> None:
    wrong = {
        name: found
        for name, stated, items, expected in ITEMS
        if (found := told(stated, items=items)) != expected
    }
    assert wrong == {}


LIMITED = NoticeItem("基本情報", ("氏名", "住所"), "氏名及び住所。病歴を除く。", "同意の範囲に限る")
OF_LIMITED: list[tuple[str, tuple[NoticeItem, ...], list[str]]] = [
    ("the same", (LIMITED,), []),
    ("fewer examples", (replace(LIMITED, listed=("氏名",)),), []),
    ("without its definition", (replace(LIMITED, definition=""),), ["items/0/definition"]),
    ("without its note", (replace(LIMITED, note=""),), ["items/0/note"]),
    ("another note", (replace(LIMITED, note="病歴を含む"),), ["items/0/note"]),
    (
        "with neither",
        (NoticeItem("基本情報", LIMITED.listed),),
        ["items/0/definition", "items/0/note"],
    ),
    (
        "an example that moves to where no definition limits it",
        (replace(LIMITED, listed=("氏名",)), NoticeItem("住所")),
        ["items/1/definition", "items/1/note"],
    ),
    ("an example that moves with both", (replace(LIMITED, category="住所", listed=("氏名",)),), []),
]


def test_what_limits_an_item_is_taken_away_with_consent_only() -> None:
    before = version("v1", V1.in_force_from, items=(LIMITED,))
    wrong: dict[str, object] = {}
    for name, items, expected in OF_LIMITED:
        for stated, changes in (
            (
                ChangeStatement(),
                [("change_item", f"/version/{one}", NOT_ALLOWED) for one in expected],
            ),
            (CONSENT, [("change_item", f"/version/{one}", CONSENTED) for one in expected]),
            (ChangeStatement(wording_only=True), []),
        ):
            judged = judged_changes(before, version("v2", LATER, items=items), stated)
            found = [(one.kind, one.pointer, one.code) for one in judged]
            if found != changes:
                wrong[f"{name}, {stated.members()}"] = found
    assert wrong == {}


USER_CHANGES: list[tuple[str, ChangeStatement | None, tuple[tuple[str, str], ...], Told]] = [
    ("a new user", None, (*USERS, ("z", "新顔")), [("add_user", "scope/2", NOT_ALLOWED)]),
    ("one consented to", CONSENT, (*USERS, ("z", "新顔")), [("add_user", "scope/2", CONSENTED)]),
    ("fewer users", None, (US,), []),
    ("another name", None, (US, ("x", "新商号")), [("rename_user", "scope/1", "RENAME_ONLY")]),
    (
        "another id of the same name",
        None,
        (US, ("x-2", X[1])),
        [("add_user", "scope/1", NOT_ALLOWED)],
    ),
    (
        "another id of the same name that is stated to succeed",
        successions(("x", "x-2")),
        (US, ("x-2", X[1])),
        [("succession_of_user", "scope/1", "SUCCESSION_OF_USER")],
    ),
    (
        "a second name of one id",
        None,
        (*USERS, ("x", "無関係")),
        [("add_user", "scope/2", NOT_ALLOWED)],
    ),
    (
        "a successor in the place of a user",
        successions(("x", "z")),
        (US, ("z", "承継")),
        [("succession_of_user", "scope/1", "SUCCESSION_OF_USER")],
    ),
    (
        "a successor that keeps the id",
        successions(("x", "x")),
        (US, ("x", "承継")),
        [("succession_of_user", "scope/1", "SUCCESSION_OF_USER")],
    ),
    (
        "a successor of nobody who was a user",
        successions(("stranger", "z")),
        (US, ("z", "承継")),
        [("succession_of_user", "scope/1", NOT_ALLOWED)],
    ),
    (
        "a successor beside whom it succeeds",
        successions(("x", "z")),
        (*USERS, ("z", "承継")),
        [("add_user", "scope/2", NOT_ALLOWED)],
    ),
    (
        "two successors of one user",
        successions(("x", "y"), ("x", "z")),
        (US, ("y", "承継一"), ("z", "承継二")),
        [("add_user", "scope/1", NOT_ALLOWED), ("add_user", "scope/2", NOT_ALLOWED)],
    ),
    (
        "two successors, one of which keeps the id",
        successions(("x", "x"), ("x", "z")),
        (US, ("x", "承継一"), ("z", "承継二")),
        [("add_user", "scope/1", NOT_ALLOWED), ("add_user", "scope/2", NOT_ALLOWED)],
    ),
    (
        "two successors that were consented to",
        ChangeStatement(principals_consented=True, successions=(("x", "y"), ("x", "z"))),
        (US, ("y", "承継一"), ("z", "承継二")),
        [("add_user", "scope/1", CONSENTED), ("add_user", "scope/2", CONSENTED)],
    ),
    (
        "a succession that is stated twice",
        successions(("x", "z"), ("x", "z")),
        (US, ("z", "承継")),
        [("succession_of_user", "scope/1", "SUCCESSION_OF_USER")],
    ),
    (
        "one successor of two users, of which one stays",
        successions(("x", "z"), ("qonoq", "z")),
        (US, ("z", "承継")),
        [("succession_of_user", "scope/1", "SUCCESSION_OF_USER")],
    ),
]


def test_a_user_is_added_renamed_or_succeeded() -> None:
    wrong = {
        name: found
        for name, stated, scope, expected in USER_CHANGES
        if (found := told(stated, scope=scope)) != expected
    }
    assert wrong == {}


def test_a_stranger_does_not_come_in_by_a_name_and_then_a_new_id() -> None:
    named = version("v2", LATER, scope=(US, ("x", "無関係")))
    [one] = judged_changes(V1, named, ChangeStatement())
    assert one.code == "RENAME_ONLY"
    under_another = version("v3", LATER, scope=(US, ("stranger", "無関係")))
    [one] = judged_changes(named, under_another, ChangeStatement())
    assert (one.kind, one.code) == ("add_user", NOT_ALLOWED)


OTHER = NoticePurpose("②", "提案のため")
PURPOSES: list[tuple[str, ChangeStatement | None, tuple[NoticePurpose, ...], list[str]]] = [
    ("one more", None, (PURPOSE, OTHER), ["purposes/1"]),
    ("another instead", None, (OTHER,), ["purposes/0", "purposes"]),
    ("in other words", None, (NoticePurpose("①", "発送", PURPOSE.examples),), ["purposes/0"]),
    (
        "in other words that say the same",
        ChangeStatement(wording_only=True),
        (NoticePurpose("①", "ご提供のため", PURPOSE.examples),),
        [],
    ),
    (
        "with another example",
        ChangeStatement(wording_only=True),
        (NoticePurpose("①", PURPOSE.label, ("発送のため", "広告のため")),),
        ["purposes/0"],
    ),
    ("under another code", None, (NoticePurpose("A", PURPOSE.label, PURPOSE.examples),), []),
    (
        "one that takes the code of one that goes elsewhere",
        None,
        (NoticePurpose("①", "広告"), NoticePurpose("②", PURPOSE.label, PURPOSE.examples)),
        ["purposes/0"],
    ),
]


def test_a_purpose_is_changed_beforehand_only() -> None:
    wrong: dict[str, object] = {}
    for name, stated, purposes, expected in PURPOSES:
        for published_on, code in ((BEFORE, IN_TIME), (LATER, TOO_LATE)):
            found = told(stated, purposes=purposes, published_on=published_on)
            if found != [("purpose", one, code) for one in expected]:
                wrong[f"{name}, {code}"] = found
    assert wrong == {}


def test_a_purpose_that_is_left_out_is_a_change_too() -> None:
    two = version("v1", V1.in_force_from, purposes=(PURPOSE, OTHER))
    [one] = judged_changes(two, version("v2", LATER, purposes=(OTHER,)), ChangeStatement())
    assert (one.pointer, one.code) == ("/version/purposes", TOO_LATE)
    renumbered = version("v2", LATER, purposes=(NoticePurpose("①", OTHER.label),))
    [one] = judged_changes(two, renumbered, ChangeStatement())
    assert one.pointer == "/version/purposes"


DELAY = "NOTICE_WITHOUT_DELAY"


def test_the_responsible_partys_name_address_and_representative_follow_without_delay() -> None:
    assert told(responsible_address="大阪府", responsible_representative="代表取締役 新任") == [
        ("responsible_address", "responsible/address", DELAY),
        ("responsible_representative", "responsible/representative", DELAY),
    ]
    same = ChangeStatement(responsible_is_same_party=True)
    assert told(same, responsible_name="新商号", responsible_address="大阪府") == [
        ("responsible_name", "responsible/name", DELAY),
        ("responsible_address", "responsible/address", DELAY),
    ]


def test_another_name_is_another_party_unless_it_is_said_or_shown_to_be_the_same() -> None:
    other = {"responsible_name": "別の者", "responsible_address": "大阪府"}
    assert told(**other) == [("responsible_party", "responsible", TOO_LATE)]
    assert told(**other, published_on=BEFORE) == [("responsible_party", "responsible", IN_TIME)]
    renamed = {"scope": (("qonoq", "新商号"), X), "responsible_name": "新商号"}
    assert told(**renamed) == [
        ("rename_user", "scope/0", "RENAME_ONLY"),
        ("responsible_name", "responsible/name", DELAY),
    ]


def test_what_the_users_ids_show_outweighs_what_is_stated() -> None:
    same = ChangeStatement(responsible_is_same_party=True)
    assert told(same, responsible_name=X[1]) == [("responsible_party", "responsible", TOO_LATE)]
