"""What is typed into the form of a step is kept as a draft, and others see that somebody types.

A draft is of one person, case and step (0064). That somebody has one is known by the case and step
alone, as a second draft which nobody's name is on: who looks at the page is told a number.
"""

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import orjson
from starlette.concurrency import run_in_threadpool

from api.web.pages.confirmation import unconfirmed
from api.web.pages.conflict import SINCE, VERSION
from api.web.pages.forms import TOKEN, Form
from api.web.services import Services
from ledger.errors import Defect
from ledger.policies.my_number import my_number_defects

_log: Final = logging.getLogger(__name__)

EDITING: Final = timedelta(minutes=10)
"""Somebody who has typed nothing for so long is not said to be typing."""
_NOBODY: Final = ""
_COMMAND: Final = "command"
"""The hidden field by which one form is told from another (`api.web.pages.once`)."""
_COMMAND_MAX: Final = 64
_HIDDEN: Final = frozenset((TOKEN, _COMMAND))
_WRITTEN: Final = frozenset((*_HIDDEN, VERSION, SINCE, "seen"))
"""Hidden fields that a page itself writes; what stands in them nobody has typed."""
# A hash that a page carries: digits in it are nobody's number.
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StepDrafts:
    """The drafts of one step of a case, or of one form about something else.

    Attributes:
        case: the id of the case, or of what the form is about; `kind` says what that is.
        step: the code of the step.
        names: fields that hold names of things: twelve digits may mean something else there.
        page: where the form stands among others: who looks at it sees that somebody types into one
            of them; None where it stands alone.
        is_hushed: nothing is logged of it, for a line of the log would be a moment (Order 11).
    """

    inside: Services
    case: UUID
    step: str
    names: Collection[str] = ()
    kind: str = "case"
    page: str | None = None
    is_hushed: bool = False

    @property
    def form(self) -> str:
        """What the form is called among the drafts."""
        return f"{self.kind}-{self.case}-{self.step}"

    async def keep(self, actor: str, form: Form, at: datetime) -> bool:
        """Keep what was typed, unless an individual number stands in it: that is stored nowhere.

        What was confirmed is not kept: whoever sends the form later confirms it anew.
        """
        if found := await self.my_numbers(form):
            if not self.is_hushed:
                _log.warning("an individual number was refused", extra={"count": len(found)})
            return False
        typed = unconfirmed(form).fields
        fields = {name: texts for name, texts in typed.items() if name not in _HIDDEN}
        drafts, content = self.inside.form_drafts, orjson.dumps(fields)
        await run_in_threadpool(drafts.keep, actor, self.form, content, at)
        await run_in_threadpool(self._mark, actor, at, at)
        return True

    async def autosave(self, actor: str, form: Form, at: datetime) -> bool:
        """Keep what a page sends by itself while somebody types, as `keep` does.

        Not of a form that was sent: what was on its way then would come back as if it waited still.
        Whether it was is asked after the keeping, too, for it may be sent in between.
        """
        if await self._was_sent(actor, form, at) or not await self.keep(actor, form, at):
            return False
        if await self._was_sent(actor, form, at):
            await self.forget(actor, at)
            return False
        return True

    async def sent(self, actor: str, form: Form, at: datetime) -> None:
        """Forget what was kept of a form that is on record, or given up; also what is on its way.

        That it was sent is put down first: whatever comes in from here on finds it.
        """
        if command := _command(form):
            await run_in_threadpool(self.inside.form_drafts.keep, actor, self._sent, command, at)
        await self.forget(actor, at)

    async def find(self, actor: str, at: datetime) -> tuple[Form, datetime] | None:
        """What was kept, and when; None when nothing is."""
        kept = await run_in_threadpool(self.inside.form_drafts.find, actor, self.form, at)
        if kept is None:
            return None
        fields = cast("dict[str, list[str]]", orjson.loads(kept.content))
        return Form({name: tuple(texts) for name, texts in fields.items()}), kept.kept_at

    async def forget(self, actor: str, at: datetime) -> None:
        """Forget what was kept, and that somebody typed."""
        await run_in_threadpool(self.inside.form_drafts.forget, actor, self.form)
        await run_in_threadpool(self._mark, actor, None, at)

    async def my_numbers(self, form: Form) -> Sequence[Defect]:
        """Where individual numbers stand: `/<field>`.

        A form has a mebibyte, and a draft what no field takes, too: others are served meanwhile.
        """
        typed = {
            name: " ".join(one for one in texts if not _HASH.fullmatch(one))
            for name, texts in form.fields.items()
            if name not in self.names and name not in _WRITTEN
        }
        return await run_in_threadpool(my_number_defects, typed)

    def editors(self, actor: str, at: datetime) -> tuple[str, ...]:
        """Who else types into the form, the first to begin first; runs in a worker thread."""
        return tuple(one for one in self._marks(at) if one != actor)

    @property
    def _sent(self) -> str:
        return f"{self.form}-sent"

    async def _was_sent(self, actor: str, form: Form, at: datetime) -> bool:
        drafts, command = self.inside.form_drafts, _command(form)
        kept = await run_in_threadpool(drafts.find, actor, self._sent, at) if command else None
        return kept is not None and kept.content == command

    @property
    def _editing(self) -> str:
        page = self.step if self.page is None else self.page
        return f"{self.kind}-{self.case}-{page}-editing"

    def _mark(self, actor: str, typed_at: datetime | None, at: datetime) -> None:
        """Put down that somebody types, or does not any more; of two at once one may be lost."""
        marks = {**self._marks(at)}
        if typed_at is None and marks.pop(actor, None) is None:
            return
        if typed_at is not None:
            marks[actor] = typed_at.isoformat()
        drafts, name = self.inside.form_drafts, self._editing
        if marks:
            drafts.keep(_NOBODY, name, orjson.dumps(marks), at)
        else:
            drafts.forget(_NOBODY, name)

    def _marks(self, at: datetime) -> Mapping[str, str]:
        kept = self.inside.form_drafts.find(_NOBODY, self._editing, at)
        if kept is None:
            return {}
        marks = cast("dict[str, str]", orjson.loads(kept.content))
        return {
            actor: since
            for actor, since in marks.items()
            if at - datetime.fromisoformat(since) < EDITING
        }


def _command(form: Form) -> bytes:
    return form.text(_COMMAND)[:_COMMAND_MAX].encode()
