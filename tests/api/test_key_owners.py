"""Whose an API key is: all keys of one owner are one actor, so that nobody approves alone."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from api.auth import (
    Caller,
    KeyNotAllowedError,
    Scope,
    identity_of,
    is_prefix,
    is_within,
    make,
    person_owner,
    token_owner,
)
from api.auth.people import LABELS, Role, scopes_of
from api.auth.people.colleagues import NAME_CHARACTERS_MAX, may_know, name_of
from api.cli import app
from ledger.clock import now
from ledger.errors import SourceNotAllowedError
from ledger.values import Json
from tests.api.door import actor_of, probe_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database
from tests.matrix import every
from tests.rows import SECRET

ISSUER, SUBJECT = "https://idp.example.jp", "e-0107 吉田"
OWNERS = [
    (person_owner("e-0107"), "person\ne-0107"),
    (token_owner(ISSUER, SUBJECT), f"token\n{ISSUER}\n{SUBJECT}"),
]


@every("owner_, identity", OWNERS)
def test_all_keys_of_one_owner_are_one_actor_and_so_is_a_token(
    shared_database: Database, owner_: str, identity: str
) -> None:
    client = TestClient(probe_app(writer(shared_database)))
    actors: set[str] = set()
    more: tuple[Scope, ...] = ("records:read", "records:write")
    for scope in more:
        scopes = frozenset[Scope]({"audit:read", scope})
        key, credential = make("desk", scopes, None, at=now(), days=1, owner=owner_)
        owner(shared_database).add(key)
        assert owner(shared_database).find(key.id) == key
        actors.add(client.get("/whoami", headers=bearer(credential)).json()["actor"])
    # As `test_tokens` has it for a token of that issuer and subject.
    assert actors == {actor_of(identity)}


@every("code", ["e-0107", "E-0107", "Ｅ－０１０７", "ｅ-0107"])
def test_a_code_is_one_person_in_any_case_and_width(code: str) -> None:
    who = identity_of(code, "token\nissuer\nsubject")
    assert (who.text, who.is_person) == ("person\ne-0107", True)
    assert "token\nissuer\nsubject" in who.earlier
    assert who.text not in who.earlier
    assert person_owner(code) in {who.text, *who.earlier}


@every("code", [None, "", "two words", "吉田", "e\u200b", 107, True, ["e"], {}])
def test_what_is_no_code_names_nobody(code: object) -> None:
    who = identity_of(code, "token\nissuer\nsubject")
    assert (who.text, who.is_person, who.earlier) == ("token\nissuer\nsubject", False, frozenset())


def test_a_person_and_an_account_of_one_name_are_two_actors() -> None:
    found = {person_owner("e-1"), person_owner("e-2"), token_owner("e-1", "e-2")}
    assert len(found) == 3


@every("code", ["", "two words", "吉田", "a\nb", "a" * 1_025])
def test_an_owner_that_could_be_taken_for_another_is_refused(code: str) -> None:
    with pytest.raises(KeyNotAllowedError):
        person_owner(code)
    with pytest.raises(KeyNotAllowedError):
        token_owner(code, "somebody")


@every("subject", ["", "\u3000", "a\nb", "a" * 1_025])
def test_a_subject_that_no_token_may_have_is_refused(subject: str) -> None:
    with pytest.raises(KeyNotAllowedError):
        token_owner(ISSUER, subject)


SOURCE = "https://platform.example.jp/houjin/9234567890123"
Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LEDGER_DATABASE_URL", database.login)
    monkeypatch.setenv("LEDGER_NAME", database.ledger_name)
    monkeypatch.setenv("LEDGER_SECRET", SECRET.hex())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["keys", *arguments])

    return invoke


def test_a_key_is_made_listed_and_revoked(database: Database, run: Run) -> None:
    made = run(
        "create",
        "--label",
        "platform-a",
        "--scope",
        "events:write",
        "--scope",
        "events:read.own",
        "--source-prefix",
        SOURCE,
        "--days",
        "30",
    )
    assert made.exit_code == 0
    credential = made.stdout.strip()
    assert re.fullmatch(r"plk_[0-9a-f]{16}_[0-9a-f]{64}", credential)
    key_id = credential.split("_")[1]
    listed = run("list")
    assert key_id in listed.stdout
    assert "valid" in listed.stdout
    assert credential.rpartition("_")[2] not in listed.stdout
    assert run("revoke", key_id).exit_code == 0
    assert "revoked" in run("list").stdout
    assert [key.revoked_at is None for key in owner(database).all()] == [False]


def test_a_key_is_made_for_the_holder_of_a_key_pair_alone(database: Database, run: Run) -> None:
    jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    owned = ("create", "--label", "bound", "--scope", "audit:read", "--dpop-jkt")
    assert run(*owned, jkt[1:]).exit_code == 2
    assert run(*owned, jkt).exit_code == 0
    assert [key.jkt for key in owner(database).all()] == [jkt]
    assert jkt in run("list").stdout


def test_a_key_is_given_to_a_person_or_an_account(database: Database, run: Run) -> None:
    person, account = ("--person", "e-0107"), ("--owner", "https://idp.example.jp", "e-0107")
    for scope, owned in (("cases:write", person), ("audit:read", account)):
        assert run("create", "--label", "desk", "--scope", scope, *owned).exit_code == 0
    found = {key.owner for key in owner(database).all()}
    assert found == {"person\ne-0107", "token\nhttps://idp.example.jp\ne-0107"}
    assert "https://idp.example.jp e-0107" in run("list").stdout


# -- What a provider may call somebody, what a page makes of it, and who reads it --


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


@every("role", LABELS)
def test_who_operates_or_keeps_the_emitters_reads_no_names(role: Role) -> None:
    assert may_know(scopes_of([role])) == (role not in {"operator", "emitter_keeper"})


BASE = "https://a.example/houjin/9234567890123"


@every(
    "source, prefix",
    [
        (BASE, BASE),
        (BASE + "/ad-export", BASE),
        (BASE + "?x=1", BASE),
        (BASE + "#part", BASE),
        (BASE + ":7", BASE),
        ("https://a.example/anything", "https://a.example/"),
        ("https://a.example:8443", "https://a.example"),
        ("https://a.example:8443/x", "https://a.example"),
        ("urn:platform:7:x", "urn:platform:7"),
        ("urn:platform:7", "urn:platform:"),
        ("platform-a/export", "platform-a"),
    ],
)
def test_a_source_at_or_below_the_prefix_is_the_callers(source: str, prefix: str) -> None:
    assert is_within(source, prefix)


@every(
    "source, prefix",
    [
        ("", BASE),
        (BASE[:-1], BASE),
        (BASE + "4", BASE),
        (BASE + "-other", BASE),
        (BASE + ".other", BASE),
        (BASE + "%2Fx", BASE),
        (BASE + "\n/x", BASE),
        (BASE.upper(), BASE),
        ("https://a.example.org", "https://a.example"),
        ("https://a.example@b.example", "https://a.example"),
        ("https://a.example:x@b.example", "https://a.example"),
        ("https://a.example:80@b.example", "https://a.example"),
        ("https://a.example:80\n", "https://a.example"),
        ("https://a.example:", "https://a.example"),
        ("http://a.example/x", "https://a.example"),
        ("urn:platform:77", "urn:platform:7"),
        ("platform-ab", "platform-a"),
        ("x" + BASE, BASE),
    ],
)
def test_a_source_that_only_looks_like_the_prefix_is_refused(source: str, prefix: str) -> None:
    assert not is_within(source, prefix)


@given(st.text("ab/:?#.@", max_size=6), st.text("ab/:?#.@", min_size=1, max_size=4))
def test_what_is_within_begins_with_the_prefix_and_goes_on_at_a_boundary(
    source: str, prefix: str
) -> None:
    if is_within(source, prefix):
        rest = source.removeprefix(prefix)
        assert source == prefix + rest
        assert not rest or rest[0] in "/:?#" or prefix[-1] in "/:"


@every("text", ["https://a.example", BASE, "urn:platform:", "platform-a", "a"])
def test_a_prefix_that_names_a_source_can_bind_a_key(text: str) -> None:
    assert is_prefix(text)


@every(
    "text",
    ["", "https:", "https://", "https:///", "urn:", "/", "::", "a b", "a\n", "名前", "a" * 257],
)
def test_a_prefix_that_opens_everything_binds_no_key(text: str) -> None:
    assert not is_prefix(text)


def test_a_caller_without_a_prefix_has_no_source() -> None:
    caller = Caller("0" * 16, "token", frozenset({"events:write"}), None)
    with pytest.raises(SourceNotAllowedError):
        caller.check_source(BASE)
