"""A form that begins before its session ends, and ends after it.

Attack: whoever holds the cookie of a session sends a form slowly; its person signs out meanwhile,
and what the form asks for is carried out all the same.

Held off by: the session is looked for once more when the form is whole.
"""

import pytest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.web.pages import guard
from api.web.pages.forms import Form
from tests.pages.filling import sheet
from tests.pages.office import Office

PAGE = "/desk/holds"


def test_what_is_sent_in_a_session_that_ended_meanwhile_is_not_carried_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = office.signed_in("chief")
    token = person.form_token()
    fields = {**sheet(person.get(PAGE).text, PAGE).fields, "scheme_1": "member", "id_1": "M-1"}
    read = guard.form_of

    async def read_slowly(request: Request) -> Form:
        form = await read(request)
        if request.url.path == PAGE:
            await run_in_threadpool(person.post, "/sign-out", token=token)
        return form

    count = "SELECT count(*) FROM ledger.events WHERE topic LIKE 'hold-placed%%'"
    before = office.rows(count)
    monkeypatch.setattr(guard, "form_of", read_slowly)
    answer = person.post(PAGE, {**fields, "reason": "訴訟の提起"}, token=token)
    assert (answer.status_code, office.rows(count)) == (303, before)
    assert answer.headers["location"].startswith("/sign-in")
