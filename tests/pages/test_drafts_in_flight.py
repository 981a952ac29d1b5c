"""What a page keeps by itself while its form is being sent does not come back as a draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool

from api.web.pages.form_drafts import StepDrafts
from api.web.pages.forms import Form
from tests.attacks.made import to_decide as decided_next
from tests.pages.casework import Work
from tests.pages.filling import sheet, words_of
from tests.pages.looked import two
from tests.pages.office import Office, Person
from tests.pages.test_step_drafts import TYPED, WAITED, begun, dispatched

LATER = "後から気付いた内容"
ITSELF = {"HX-Request": "true"}
SENT_ALREADY = "この内容は受け付けてあるため、下書きを保存していません"
SAVED = "下書きを保存しました"


@dataclass(frozen=True, slots=True)
class Made:
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


def to_close(office: Office) -> Made:
    here = f"/desk/cases/{dispatched(office).id}/keeping"
    return Made(here, f"{here}/close", f"{here}/draft?form=keeping/close", {"note": TYPED})


def to_look(office: Office) -> Made:
    here = f"/desk/cases/{begun(office).id}/papers"
    return Made(here, here, f"{here}/draft", {**two(), "note": TYPED})


def to_decide(office: Office) -> Made:
    here = f"/desk/cases/{decided_next(Work(office)).id}/decision"
    return Made(here, here, f"{here}/draft", {"action": "submit"})


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


def test_what_is_on_its_way_does_not_displace_what_was_typed_since(office: Office) -> None:
    made, person = to_look(office), office.person("officer")
    fields, token = made.filled(person)
    assert person.post(made.action, fields, token=token).status_code == 303
    later, _ = made.filled(person)
    by_itself(person, made.draft, {**later, "note": LATER}, token)
    assert SENT_ALREADY in by_itself(person, made.draft, fields, token)
    assert LATER in person.get(made.page).text


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
