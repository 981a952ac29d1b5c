"""監査ログ: what its two lists share: the form of what is asked for, read; and the page of a list.

The question is sent by POST, so that no case and nobody stands in an address.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.responses import Response

from api.resources.accesses.views import ACTOR_PATTERN, CASE_PATTERN
from api.web.cursors import CHARACTERS
from api.web.items import MARKING
from api.web.pages import days
from api.web.pages.form_result import OK, UNPROCESSABLE
from api.web.pages.form_values import CHOOSE, FormValues, filled
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import page
from ledger.clock import JAPAN, day_in_japan
from ledger.errors import MalformedError

# As `GET /v1/accesses`.
Auditor = Annotated[Visit, Depends(signed("audit:read"))]

PAGE: Final = 100
SPAN: Final = timedelta(days=6)
"""The page begins with the last seven days."""
SHORT: Final = 8
"""So many digits of an actor's id are shown."""

_WRONG: Final = "英数字と「-」「_」「.」だけで、64字以内で入力してください。"
_OTHER_QUESTION: Final = "条件が変わったため、続きを表示できません。もう一度絞り込んでください。"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the form asks for; None: whatever it is.

    Attributes:
        fields: the question as hidden fields, for a form that asks it again.
        choice: a code of the list's choices.
        cursor: of the page before; None: the first page.
        defects: field → what is wrong with it.
    """

    form: Form
    fields: list[tuple[str, str]]
    first: date | None
    last: date | None
    case: str | None
    actor: str | None
    choice: str | None
    cursor: str | None
    defects: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AuditList:
    """One of the lists.

    Attributes:
        labels: field of the page → what it is called there; one of them is `choice`.
        choices: code → what it is called.
        found: reads what is asked for; what the template needs of it.
    """

    template: str
    labels: Mapping[str, str]
    choice: str
    choices: Mapping[str, str]
    found: Callable[[Visit, AuditFilter], Awaitable[dict[str, Any]]]

    async def first(self, visit: Visit) -> Response:
        """The last days. Reading them is no look: no person is shown."""
        today = day_in_japan(visit.now())
        form = filled({"first": today - SPAN, "last": today})
        return await self.render(visit, form)

    async def render(self, visit: Visit, form: Form) -> Response:
        """What the form asks for, or what is wrong with it."""
        question = self.read(form)
        defects, context = dict(question.defects), dict[str, Any]()
        if not defects:
            try:
                context = await self.found(visit, question)
            except MalformedError:
                defects["cursor"] = _OTHER_QUESTION
        return page(
            visit.request,
            self.template,
            UNPROCESSABLE if defects else OK,
            form=question.form,
            labels=self.labels,
            defects=defects,
            choice=self.choice,
            choices=self.choices,
            question=question,
            is_listed=not defects,
            sees_all=visit.caller.may(MARKING),
            **context,
        )

    def read(self, form: Form) -> AuditFilter:
        """Read the form. A row's button narrows the question to its case or its person."""
        narrowed, _, to = form.text("narrow").partition("=")
        if narrowed in ("case", "actor"):
            form = Form({**form.fields, narrowed: (to,)})
        typed = FormValues(form)
        since, until = typed.optional_day("first"), typed.optional_day("last")
        defects = typed.defects
        if since is not None and until is not None and until < since:
            defects["last"] = "始まりの日より前です。"
        choice, cursor = form.text(self.choice), form.text("cursor")
        if choice and choice not in self.choices:
            defects[self.choice] = CHOOSE
        for name, pattern in (("case", CASE_PATTERN), ("actor", ACTOR_PATTERN)):
            if (text := form.text(name)) and not re.fullmatch(pattern, text):
                defects[name] = _WRONG
        return AuditFilter(
            form,
            fields=[
                (name, text)
                for name, texts in form.fields.items()
                if name.partition("_")[0] in self.labels and name != "cursor"
                for text in texts[:1]
            ],
            first=since,
            last=until,
            case=form.text("case") or None,
            actor=form.text("actor") or None,
            choice=choice or None,
            cursor=cursor if len(cursor) == CHARACTERS else None,
            defects=defects,
        )


def second(at: datetime) -> str:
    """To the second, in Japan."""
    there = at.astimezone(JAPAN)
    return f"{days.short(there.date())} {there:%H:%M:%S}"
