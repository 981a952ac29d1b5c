"""利用者と鍵: keys and sessions for who operates, with no secret and nobody's record."""

import hashlib
import re
from datetime import timedelta

import psycopg
import pytest

from api.auth import SCOPES, ApiKey, KeyTable, make, person_owner, token_owner
from api.auth.keys import split
from api.pages.watched import keys
from api.people import LABELS
from ledger.clock import day_in_japan, now
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office, Person

KEYS = "/desk/keys"
NAMED = "隠岐 真帆"


@pytest.fixture
def operator(office: Office) -> Person:
    return office.person("operator")


@pytest.fixture(scope="module")
def table(office: Office) -> KeyTable:
    return KeyTable(lambda: psycopg.connect(office.urls.owner))


def added(
    table: KeyTable, label: str, days: int = 90, *, ago: int = 0, **how: str
) -> tuple[ApiKey, str]:
    owner = person_owner(how["person"]) if "person" in how else None
    if "subject" in how:
        owner = token_owner("https://login.example.jp", how["subject"])
    scopes = frozenset(("records:read",)) if "source" not in how else frozenset(("events:write",))
    at = now() - timedelta(days=ago)
    key, credential = make(label, scopes, how.get("source"), at=at, days=days, owner=owner)
    table.add(key)
    return key, credential


def shown(operator: Person) -> str:
    answer = operator.get(KEYS)
    assert answer.status_code == 200
    return answer.text


def row(page: str, label: str) -> str:
    found = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)
    [one] = [words for one in found if label in (words := words_of(one))]
    return one


def test_every_scope_has_words() -> None:
    assert set(keys.SCOPES) == set(SCOPES)


def test_a_key_is_shown_with_all_but_its_secret(operator: Person, table: KeyTable) -> None:
    key, credential = added(table, "ads-emitter", source="https://ads.example.jp/export")
    own, _ = added(table, "desk-of-42", person="e-0042")
    page = shown(operator)
    told = row(page, "ads-emitter")
    assert key.id in told
    assert "有効" in told
    assert "提供・受領の送信 events:write" in told
    assert "https://ads.example.jp/export" in told
    assert "なし（システム）" in told
    assert "未使用" in told
    assert f"{day_in_japan(key.expires_at):%Y/%m/%d}" in told
    assert "担当者コード e-0042" in row(page, "desk-of-42")
    held = split(credential)
    assert held is not None
    for secret in (held[1].hex(), hashlib.sha256(held[1]).hexdigest(), own.secret_sha256.hex()):
        assert secret not in page


def test_an_account_is_an_owner_too(operator: Person, table: KeyTable) -> None:
    added(table, "of-an-account", subject='<script>alert("x")</script>')
    page = shown(operator)
    assert "<script>alert" not in page
    told = row(page, "of-an-account")
    assert 'アカウント <script>alert("x")</script>' in told
    assert "https://login.example.jp" in told


def test_what_ends_soon_has_ended_or_was_revoked_says_so(operator: Person, table: KeyTable) -> None:
    added(table, "ends-soon", 20)
    added(table, "has-ended", 10, ago=11)
    gone, _ = added(table, "was-revoked")
    table.revoke(gone.id, now())
    page = shown(operator)
    assert "▲ 残19日" in row(page, "ends-soon")
    assert "期限切れ" in row(page, "has-ended")
    assert "失効" in row(page, "was-revoked")
    assert "▲" not in row(page, "has-ended") + row(page, "was-revoked")
    order = [page.index(one) for one in ("ends-soon", "has-ended", "was-revoked")]
    assert order == sorted(order)


def test_the_last_use_is_told_to_the_day(office: Office, operator: Person, table: KeyTable) -> None:
    _, credential = added(table, "was-used")
    assert office.api("GET", "/v1/accesses", credential).status_code == 403
    assert f"{day_in_japan(now()):%Y/%m/%d}" in row(shown(operator), "was-used")[-12:]


def test_who_is_signed_in_is_told_by_no_name(office: Office, operator: Person) -> None:
    office.person("officer")
    gone = office.signed_in("reception")
    gone.post("/sign-out", token=gone.form_token())
    page = shown(operator)
    going_on = "SELECT actor FROM ledger.sessions WHERE seen_at > now() - interval '1 hour'"
    actors = {one[0][:8] for one in office.rows(going_on)}
    assert set(re.findall(r"<code>([0-9a-f]{8})</code>", page)) == actors
    assert "開示担当" in words_of(page)
    assert "佐藤" not in page
    assert "あなた" in page


def test_sessions_that_have_ended_are_not_listed(office: Office) -> None:
    office.person("officer")
    office.let_sessions_lapse()
    fresh = office.signed_in("operator")
    [own] = re.findall(r"<code>([0-9a-f]{8})</code>", shown(fresh))
    assert own


def test_roles_come_from_the_provider_and_the_page_says_so(
    office: Office, operator: Person
) -> None:
    told = words_of(shown(operator))
    assert office.settings.oidc_role_claim in told
    for value, roles in office.settings.oidc_roles.items():
        assert value in told
        assert LABELS[roles[0]] in told


def test_the_web_server_can_make_and_revoke_no_key(office: Office, table: KeyTable) -> None:
    """The page says so: what it serves with may read keys, and no more."""
    key, _ = added(table, "stays")
    own = office.app.state.services.api_keys
    other, _ = make("made-by-the-server", frozenset(("records:read",)), None, at=now(), days=1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.add(other)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.revoke(key.id, now())


def test_nothing_of_a_case_stands_on_the_page(office: Office, operator: Person) -> None:
    case = Work(office).begun(form={"name": NAMED, "address": "東京都千代田区永田町2-11-1"})
    page = shown(operator)
    assert NAMED not in page
    assert case.number not in page


@pytest.mark.parametrize("who", ["reception", "officer", "approver", "chief", "auditor"])
def test_who_does_not_operate_sees_no_key(office: Office, table: KeyTable, who: str) -> None:
    added(table, f"hidden-from-{who}")
    answer = office.person(who).get(KEYS)
    assert answer.status_code == 403
    assert "hidden-from" not in answer.text
