"""利用者と鍵: keys and sessions for who operates, with no secret and nobody's record."""

import hashlib
import html
import re
import shlex
from datetime import timedelta

import httpx2
import psycopg
import pytest

from api.auth import ApiKey, ApiKeyTable, make, person_owner, token_owner
from api.auth.keys import split
from ledger.clock import day_in_japan, now
from tests.pages.casework import Work
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.rows import key_table

KEYS = "/desk/keys"
NAMED = "隠岐 真帆"


@pytest.fixture
def operator(office: Office) -> Person:
    return office.person("operator")


@pytest.fixture(scope="module")
def table(office: Office) -> ApiKeyTable:
    return key_table(office.urls.owner)


def added(
    table: ApiKeyTable, label: str, days: int = 90, *, ago: int = 0, **how: str
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


def signed_in(page: str) -> list[str]:
    """The numbers of those whose sessions go on."""
    part = page.partition('id="h-signed-in"')[2].partition("</section>")[0]
    return re.findall(r"<code>([0-9a-f]{8})</code>", part)


def test_a_key_is_shown_with_all_but_its_secret(operator: Person, table: ApiKeyTable) -> None:
    key, credential = added(table, "ads-emitter", source="https://ads.example.jp/export")
    own, _ = added(table, "desk-of-42", person="e-0042")
    page = shown(operator)
    told = row(page, "ads-emitter")
    assert key.id in told
    assert f"ledger keys revoke {key.id}" in told
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


def test_who_is_signed_in_is_told_by_no_name(office: Office, operator: Person) -> None:
    office.person("officer")
    gone = office.signed_in("reception")
    gone.post("/sign-out", token=gone.form_token())
    page = shown(operator)
    going_on = "SELECT actor FROM ledger.sessions WHERE seen_at > now() - interval '1 hour'"
    actors = {one[0][:8] for one in office.rows(going_on)}
    assert set(signed_in(page)) == actors
    assert "開示担当" in words_of(page)
    assert "佐藤" not in page
    assert "あなた" in page


def test_the_web_server_can_make_no_key_and_give_none_back(
    office: Office, table: ApiKeyTable
) -> None:
    """The page says so: what it serves with may read and revoke keys, and no more."""
    key, _ = added(table, "stays")
    own = office.app.state.services.api_keys
    other, _ = make("made-by-the-server", frozenset(("records:read",)), None, at=now(), days=1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.add(other)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        changed(office, "scopes = '{admin:config}'", key)
    own.revoke(key.id, now())
    for change in ("revoked_at = NULL, revoked_by = NULL", f"revoked_by = '{'0' * 32}'"):
        with pytest.raises(psycopg.Error) as refused:
            changed(office, change, key)
        assert refused.value.sqlstate == "LG001"


def changed(office: Office, change: str, key: ApiKey) -> None:
    """Change a row as the web server's role would."""
    statement = f"UPDATE ledger.api_keys SET {change} WHERE id = '{key.id}'"  # noqa: S608 -- our own words
    with psycopg.connect(office.urls.writer) as connection:
        connection.execute(statement.encode())


def pressed(operator: Person, key: ApiKey) -> httpx2.Response:
    action = f"{KEYS}/{key.id}/revoke"
    return operator.post(action, token=sheet(shown(operator), action).text("form_token"))


def test_a_key_is_revoked_for_ever_and_opens_nothing_more(
    office: Office, operator: Person, table: ApiKeyTable
) -> None:
    key, credential = added(table, "was-lost")
    answer = pressed(operator, key)
    assert (answer.status_code, answer.headers["location"]) == (303, KEYS)
    told = row(shown(operator), "was-lost")
    assert "失効" in told
    assert "この鍵を失効させる" not in told
    stands = next(one for one in table.all() if one.id == key.id)
    [(actor,)] = office.rows("SELECT actor FROM ledger.sessions WHERE roles = '{operator}' LIMIT 1")
    assert stands.revoked_by == actor
    assert f"利用者 {actor[:8]}" in told
    assert office.api("GET", "/v1/accesses", credential).status_code == 401
    again = operator.post(f"{KEYS}/{key.id}/revoke")
    assert again.status_code == 303
    assert next(one for one in table.all() if one.id == key.id) == stands


def command_of(operator: Person, **typed: object) -> tuple[int, str]:
    form = sheet(shown(operator), f"{KEYS}/command")
    fields = {**form.fields, **typed}
    answer = operator.post(f"{KEYS}/command", fields, token=form.text("form_token"))
    return answer.status_code, answer.text


def test_the_command_says_what_was_asked_for_quoted_for_a_shell_and_nothing_is_made(
    office: Office, operator: Person
) -> None:
    before = office.rows("SELECT count(*) FROM ledger.api_keys")
    status, page = command_of(
        operator,
        label="desk system 2",
        scope=["cases:write", "cases:read"],
        person="e-0042;rm",
        days="30",
    )
    assert status == 200
    found = re.search(r"<p><code>(.*?)</code></p>", page)
    assert found is not None
    words = shlex.split(html.unescape(found[1]))
    assert words == [
        *("ledger", "keys", "create", "--label", "desk system 2"),
        *("--scope", "cases:read", "--scope", "cases:write"),
        *("--person", "e-0042;rm", "--days", "30"),
    ]
    assert "新しい鍵で動いていることを" in page, "what is to be done with it is told beside it"
    assert office.rows("SELECT count(*) FROM ledger.api_keys") == before


def test_nothing_of_a_case_stands_on_the_page(office: Office, operator: Person) -> None:
    case = Work(office).begun(form={"name": NAMED, "address": "東京都千代田区永田町2-11-1"})
    page = shown(operator)
    assert NAMED not in page
    assert case.number not in page


def test_an_account_is_an_owner_too(operator: Person, table: ApiKeyTable) -> None:
    added(table, "of-an-account", subject='<script>alert("x")</script>')
    page = shown(operator)
    assert "<script>alert" not in page
    told = row(page, "of-an-account")
    assert 'アカウント <script>alert("x")</script>' in told
    assert "https://login.example.jp" in told


def test_what_ends_soon_has_ended_or_was_revoked_says_so(
    operator: Person, table: ApiKeyTable
) -> None:
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
