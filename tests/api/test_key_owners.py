"""Whose an API key is: all keys of one owner are one actor, so that nobody approves alone."""

import pytest
from fastapi.testclient import TestClient

from api.auth import KeyNotAllowedError, Scope, identity_of, make, person_owner, token_owner
from ledger.clock import now
from tests.api.door import actor_of, probe_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database
from tests.matrix import every

ISSUER, SUBJECT = "https://idp.example.jp", "e-0107 吉田"
OWNERS = [
    (person_owner("e-0107"), "person\ne-0107"),
    (token_owner(ISSUER, SUBJECT), f"token\n{ISSUER}\n{SUBJECT}"),
]


@pytest.mark.parametrize(("owner_", "identity"), OWNERS)
def test_all_keys_of_one_owner_are_one_actor_and_so_is_a_token(
    database: Database, owner_: str, identity: str
) -> None:
    client = TestClient(probe_app(writer(database)))
    actors: set[str] = set()
    more: tuple[Scope, ...] = ("records:read", "records:write")
    for scope in more:
        scopes = frozenset[Scope]({"audit:read", scope})
        key, credential = make("desk", scopes, None, at=now(), days=1, owner=owner_)
        owner(database).add(key)
        assert owner(database).find(key.id) == key
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
