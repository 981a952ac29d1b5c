"""Every form of a page keeps what was typed when the time is up, but for those listed here."""

from tests.pages.test_routes import GUARDED, guard_of

CASE = "/desk/cases/{case}"
NOTHING_TYPED = {
    "/desk/search": "a search: what is sought is typed again",
    f"{CASE}/name": "a button",
    f"{CASE}/mistake-confirmation": "a button",
    f"{CASE}/evidence": "a button",
    f"{CASE}/approval": "a button",
    "/desk/audit": "a search",
    "/desk/audit/acts": "a search",
    "/desk/keys/command": "choices; the command is shown and nothing is done",
    "/desk/keys/{key}/revoke": "a button",
    "/desk/emitters/quarantine/{rejected}/discard": "a button",
    "/desk/retention/plans": "a button",
    "/desk/registers": "a file is chosen",
    "/desk/registers/{register}/check": "a button",
    "/desk/registers/{register}/import": "a button",
    "/desk/registers/{register}/discard": "a button",
    "/desk/{rest:path}": "no page",
}
"""Forms of which nothing is to be kept → why."""
NOT_YET: dict[str, str] = {}
"""Forms whose text is typed anew → what it is; there shall be none."""


def test_every_form_keeps_what_was_typed_or_is_listed_with_why_not() -> None:
    posts = {
        route.path: guard
        for method, route in GUARDED
        if method == "POST" and (guard := guard_of(route)) is not None
    }
    lost = {path for path, guard in posts.items() if guard.rescue is None}
    assert lost == {*NOTHING_TYPED, *NOT_YET}
    assert not NOT_YET
