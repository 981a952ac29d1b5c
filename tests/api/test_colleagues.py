"""What a provider may call somebody, what a page makes of it, and who reads it."""

from api.auth.people import LABELS, Role, called, scopes_of
from api.auth.people.colleagues import NAME_CHARACTERS_MAX, Colleague, may_know, name_of
from ledger.values import Json
from tests.matrix import every

LOGIN = "akiko.sato"
NAMES = {
    "a name": ("佐藤　明子", "佐藤　明子"),
    "blanks around it": ("  佐藤 明子 ", "佐藤 明子"),
    "another form of a character": ("邉\U000e0100", "邉\U000e0100"),
    "Latin letters with marks": ("Zoë Ōno", "Zoë Ōno"),
    "as long as it may be": ("佐" * NAME_CHARACTERS_MAX, "佐" * NAME_CHARACTERS_MAX),
}
NO_NAMES: dict[str, Json] = {
    "nothing": "",
    "blanks": "　 ",
    "too long": "佐" * (NAME_CHARACTERS_MAX + 1),
    "a control": "佐藤\x00明子",
    "an escape": "\x1b[31m佐藤",
    "a new line": "佐藤\n（管理責任者）",
    "a line separator": "佐藤\u2028明子",
    "a turned order": "\u202e子明藤佐",
    "an isolate": "佐藤\u2066明子",
    "half a surrogate pair": "佐藤\ud800",
    "what cannot be seen": "\u200b\u3164",
    "a number": 7,
    "a list": ["佐藤"],
    "null": None,
}


@every("what", NAMES)
def test_a_name_is_kept_as_the_provider_writes_it(what: str) -> None:
    told, expected = NAMES[what]
    assert name_of({"name": told, "preferred_username": LOGIN}) == expected


@every("what", NO_NAMES)
def test_what_cannot_be_shown_is_no_name_and_the_login_stands_in(what: str) -> None:
    told = NO_NAMES[what]
    assert name_of({"name": told, "preferred_username": LOGIN}) == LOGIN
    assert name_of({"name": told, "preferred_username": told}) == ""
    assert name_of({"preferred_username": LOGIN}) == LOGIN


def test_somebody_is_called_by_name_and_roles_or_by_the_first_digits() -> None:
    actor, other, third = "0123456789abcdef" * 2, "f" * 32, "e" * 32
    everybody = {
        actor: Colleague("佐藤", ("officer", "approver")),
        other: Colleague("田中", ("officer",), is_one_of_several=True),
    }
    assert called(everybody, actor) == "佐藤（開示担当・承認者）"
    assert called(everybody, other) == "田中（開示担当・ffffffff）"
    assert called(everybody, third) == "担当者 eeeeeeee"
    assert "佐藤" not in repr(everybody)


@every("role", LABELS)
def test_who_operates_or_keeps_the_emitters_reads_no_names(role: Role) -> None:
    assert may_know(scopes_of([role])) == (role not in {"operator", "emitter_keeper"})
