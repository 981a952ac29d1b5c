"""What the settings of sign-in allow, which cookies come of them, and that the how-to is true."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.responses import Response

from api.auth.people import LABELS, scopes_of
from api.settings.settings import Settings, SettingsError
from api.web.pages.cookies import forget_session, keep_session, keep_ticket

HOW_TO = Path(__file__).parents[2] / "docs/how-to/sign-in.md"
GIVEN = {
    "LEDGER_PAGES_URL": "https://ledger.example.jp",
    "LEDGER_OIDC_ISSUER": "https://login.example.jp",
    "LEDGER_OIDC_CLIENT_ID": "ledger-pages",
    "LEDGER_OIDC_ROLES": '{"desk": ["officer", "reception"]}',
    "LEDGER_OIDC_PERSON_CLAIM": "staff_code",
}


def test_the_settings_of_a_sign_in_are_read() -> None:
    settings = Settings.from_environment(GIVEN)
    assert settings.pages_url == "https://ledger.example.jp"
    assert settings.oidc_roles == {"desk": ("officer", "reception")}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"LEDGER_PAGES_URL": "http://ledger.example.jp"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_PAGES_URL": "https://ledger.example.jp/desk"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_PAGES_URL": "https://user@ledger.example.jp"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_OIDC_ISSUER": "http://login.example.jp"}, "LEDGER_OIDC_ISSUER"),
        ({"LEDGER_OIDC_ISSUER": ""}, "LEDGER_OIDC_ISSUER"),
        ({"LEDGER_OIDC_CLIENT_ID": ""}, "LEDGER_OIDC_CLIENT_ID"),
        ({"LEDGER_OIDC_ROLES": ""}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": "officer"}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": '{"desk": ["king"]}'}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": '{"desk": []}'}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": "{}"}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_PERSON_CLAIM": ""}, "LEDGER_OIDC_PERSON_CLAIM"),
    ],
    ids=str,
)
def test_a_setting_that_would_let_anybody_in_is_refused(
    changes: Mapping[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({**GIVEN, **changes})
    assert any(line.startswith(f"{named}:") for line in refused.value.wrong)


def test_over_https_a_cookie_is_for_this_very_host_and_never_sent_in_clear() -> None:
    response = Response()
    keep_session(response, "value", "https://ledger.example.jp")
    keep_ticket(response, "value", "https://ledger.example.jp")
    forget_session(response, "https://ledger.example.jp")
    cookies = response.headers.getlist("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [
        "__Host-sid",
        "__Host-sign-in",
        "__Host-sid",
    ]
    for cookie in cookies:
        told = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= told
        assert not any(part.startswith("domain") for part in told)


def test_the_how_to_tells_every_role_with_its_scopes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.*) \|$", HOW_TO.read_text("utf-8"), re.MULTILINE)
    told = {role: (label, set(re.findall("`([a-z:]+)`", scopes))) for role, label, scopes in rows}
    assert told == {role: (LABELS[role], set(scopes_of((role,)))) for role in LABELS}
