"""Each form of each step is kept as it is typed; whoever comes second is told, and loses nothing.

本人確認 and 回答内容の確認 have tests of their own: `test_papers`, `test_overtaken_decision`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool

from api.resources.cases.pages.step_order import STEPS
from api.web.pages.form_drafts import StepDrafts
from api.web.pages.forms import Form
from ledger.policies.my_number import check_digit
from tests.attacks.made import to_decide as decided_next
from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, look, paper, today
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.looked import two
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT
from tests.pages.recorded import member, verified
from tests.pages.sending import decided, press
from tests.pages.test_post import APART

TYPED = "途中まで書いた内容"
WAITED, EDITED = "下書きから再開しています", "が編集中です"
MY_NUMBER = f"12345678901{check_digit('12345678901')}"
HASH = f"{'a' * 51}{MY_NUMBER}b"


def withdrawal() -> dict[str, object]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


def begun(office: Office) -> Worked:
    return Work(office).begun()


def withdrawn(office: Office) -> Worked:
    return begun(office).do("withdrawal", withdrawal())


def reported(office: Office) -> Worked:
    return begun(office).reported(begun(office))


def corrected(office: Office) -> Worked:
    short = begun(office).do("documents", look(paper("seal_certificate")))
    return short.do("correction-request")


def searched(office: Office) -> Worked:
    return verified(Work(office), member(), name=NAME)


def submitted(office: Office) -> Worked:
    return begun(office).submitted()


def approved(office: Office) -> Worked:
    return submitted(office).do("approve", by="approver")


def dispatched(office: Office) -> Worked:
    return begun(office).dispatched()


def on_medium(office: Office) -> Worked:
    case, _ = decided(office, Work(office), medium="electronic")
    case.do("approve", by="approver")
    return case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})


def delivered(office: Office) -> Worked:
    return dispatched(office).do("delivery", {"delivered_on": today()})


def seen(case: Worked) -> None:
    case.do("documents", look(note="見直した"), by="colleague")


def step(door: str, by: str = "colleague", /, **body: str) -> Callable[[Worked], None]:
    """A step that somebody takes first; a day that is empty is today."""

    def taken(case: Worked) -> None:
        case.do(door, {name: text or today() for name, text in body.items()}, by=by)

    return taken


back = step("return", "approver", reason="宛名の誤り")
posted = step("dispatch", dispatched_on="", item_number=POST_NUMBER)
arrived = step("delivery", delivered_on="")
further = step("resubmission", arrived_on="")
dismissed = step("mistake-dismissal", reason="別の二通")
told = step("end-mistake", reason="別の方の取下書")
again = step("reopen", reason="記録の訂正")
Made = Callable[[Office], Worked]
FORMS: dict[str, tuple[Made, str, str, Callable[[Worked], None]]] = {
    "withdrawal": (begun, "withdrawn_evidence", TYPED, seen),
    "death": (begun, "learned_evidence", TYPED, seen),
    "entry-mistake": (begun, "entry_reason", TYPED, seen),
    "end-mistake": (withdrawn, "end_reason", TYPED, told),
    "mistake-dismissal": (reported, "dismiss_reason", TYPED, dismissed),
    "papers/resubmission": (corrected, "further_note", TYPED, further),
    "records": (searched, "evidence", TYPED, seen),
    "approval/return": (submitted, "reason", TYPED, back),
    "post": (approved, "sheets", "31", posted),
    "keeping/password-letter": (on_medium, "password_number", APART, arrived),
    "keeping/delivery": (dispatched, "delivered_on_year", "2031", arrived),
    "keeping/returned-mail": (dispatched, "returned_on_year", "2031", arrived),
    "keeping/close": (dispatched, "note", TYPED, arrived),
    "keeping/reopen": (delivered, "reason", TYPED, again),
}
"""Form of a step → a case in which it is open, a field, what is typed, and what others do first."""
ONE_CHOICE = {"papers/same-papers"}
"""Forms of one choice: they are kept when they are sent, and not while somebody chooses."""


def page_of(case: Worked, form: str) -> str:
    below = form.rpartition("/")[0] or (form if form in ("post", "records") else "")
    return f"/desk/cases/{case.id}{below and f'/{below}'}"


def test_every_form_of_a_step_is_asked_for_here() -> None:
    assert {form for step in STEPS for form in step.forms} == {*FORMS, *ONE_CHOICE}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_typed_waits_and_others_see_that_somebody_types(office: Office, form: str) -> None:
    make, field, typed, _ = FORMS[form]
    case, person, other = make(office), office.person("colleague"), office.person("officer")
    page, action = page_of(case, form), f"/desk/cases/{case.id}/{form}"
    assert EDITED not in other.get(page).text
    given = {**sheet(person.get(page).text, action).fields, field: typed}
    token = given.pop("form_token")[0]
    kept = person.post(f"{page}/draft?form={form}", given, token=token)
    assert kept.status_code == 200
    assert WAITED in words_of(kept.text)
    theirs = other.get(page).text
    assert EDITED in theirs
    assert office.called("colleague") in words_of(theirs)
    assert WAITED not in theirs
    assert sheet(theirs, action).text(field) != typed
    mine = person.get(page).text
    assert (WAITED in mine, EDITED in mine) == (True, False)
    assert sheet(mine, action).text(field) == typed
    gone = person.post(f"{page}/discard?form={form}", token=token)
    assert (gone.status_code, gone.headers["location"]) == (303, page)
    assert sheet(person.get(page).text, action).text(field) != typed
    assert EDITED not in other.get(page).text


def version(case: Worked) -> int:
    key = case.work.key("officer")
    return case.work.office.api("GET", f"/v1/cases/{case.id}", key).json()["version"]


@pytest.mark.parametrize("form", FORMS)
def test_whoever_comes_second_is_told_who_was_first_and_what_was_typed_waits(
    office: Office, form: str
) -> None:
    make, field, typed, first = FORMS[form]
    case, person = make(office), office.person("officer")
    page, action = page_of(case, form), f"/desk/cases/{case.id}/{form}"
    opened = sheet(person.get(page).text, action)
    office.person("colleague")
    first(case)
    before = version(case)
    status, shown = press(person, opened, **{field: typed, "action": "identify"})
    assert (status in (409, 422), CONFLICT in words_of(shown)) == (True, True)
    assert version(case) == before
    for one in (shown, person.get(page).text):
        assert typed in one
    assert CONFLICT in words_of(person.get(page).text)
    assert person.post(f"{page}/discard").status_code == 303
    assert CONFLICT not in words_of(person.get(page).text)


def test_an_individual_number_is_not_kept_and_a_hash_that_a_page_carries_is_none(
    office: Office,
) -> None:
    case, person = begun(office), office.person("officer")
    page = f"/desk/cases/{case.id}"
    given = sheet(person.get(page).text, f"{page}/withdrawal").fields
    token, address = given.pop("form_token")[0], f"{page}/draft?form=withdrawal"
    answer = person.post(address, {**given, "withdrawn_evidence": MY_NUMBER}, token=token)
    assert answer.status_code == 422
    assert "下書きを保存していません" in words_of(answer.text)
    assert WAITED not in person.get(page).text
    with_hash = {**given, "withdrawn_evidence": TYPED, "seen": MY_NUMBER, "mark": HASH}
    assert person.post(address, with_hash, token=token).status_code == 200
    assert TYPED in person.get(page).text


ITSELF = {"HX-Request": "true"}
SENT_ALREADY = "この内容は受け付けてあるため、下書きを保存していません"
SAVED = "下書きを保存しました"


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that is open.

    Attributes:
        page: where it stands; `action`: where it is sent; `draft`: where it is kept.
        typed: what makes it complete.
    """

    page: str
    action: str
    draft: str
    typed: Mapping[str, object]

    def filled(self, person: Person) -> tuple[dict[str, Any], str]:
        """The fields of the form as the page has it now, filled in; and its token."""
        fields: dict[str, Any] = {**sheet(person.get(self.page).text, self.action).fields}
        token = fields.pop("form_token")[0]
        return {**fields, **self.typed}, token

    def waits(self, person: Person) -> bool:
        """Whether the page says that a draft waits."""
        return WAITED in words_of(person.get(self.page).text)


def to_close(office: Office) -> OpenForm:
    here = f"/desk/cases/{dispatched(office).id}/keeping"
    return OpenForm(here, f"{here}/close", f"{here}/draft?form=keeping/close", {"note": TYPED})


def to_look(office: Office) -> OpenForm:
    here = f"/desk/cases/{begun(office).id}/papers"
    return OpenForm(here, here, f"{here}/draft", {**two(), "note": TYPED})


def to_decide(office: Office) -> OpenForm:
    here = f"/desk/cases/{decided_next(Work(office)).id}/decision"
    return OpenForm(here, here, f"{here}/draft", {"action": "submit"})


MADE = {"a form of a step": to_close, "the look": to_look, "the decision": to_decide}


def by_itself(person: Person, address: str, fields: dict[str, Any], token: str) -> str:
    """What the page is told when it keeps what was typed."""
    answer = person.post(address, fields, token=token, headers=ITSELF)
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)


@pytest.mark.parametrize("name", MADE)
def test_a_draft_that_comes_in_after_its_form_was_sent_is_dropped(
    office: Office, name: str
) -> None:
    made, person = MADE[name](office), office.person("officer")
    fields, token = made.filled(person)
    assert SAVED in by_itself(person, made.draft, fields, token)
    assert person.post(made.action, fields, token=token).status_code == 303
    assert SENT_ALREADY in by_itself(person, made.draft, fields, token)
    assert not made.waits(person)
    assert not made.waits(office.person("colleague"))


def test_what_was_on_its_way_when_it_was_thrown_away_stays_away(office: Office) -> None:
    made, person = to_close(office), office.person("officer")
    fields, token = made.filled(person)
    gone = person.post(made.draft.replace("/draft", "/discard"), fields, token=token)
    assert gone.status_code == 303
    assert SAVED not in by_itself(person, made.draft, fields, token)
    assert not made.waits(person)


def test_a_form_that_is_sent_while_its_draft_is_being_kept_leaves_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment: after it was asked whether the form was sent, before it is kept."""
    made, person = to_close(office), office.person("officer")
    fields, token = made.filled(person)
    keep, between = StepDrafts.keep, [made.action]

    async def late(drafting: StepDrafts, actor: str, form: Form, at: datetime) -> bool:
        for address in (between.pop() for _ in [*between]):
            told = await run_in_threadpool(person.post, address, fields, token=token)
            assert told.status_code == 303
        return await keep(drafting, actor, form, at)

    monkeypatch.setattr(StepDrafts, "keep", late)
    assert SENT_ALREADY in by_itself(person, made.draft, fields, token)
    assert between == [], "it was sent in between"
    assert not made.waits(person)
