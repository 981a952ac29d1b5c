"""What would be published: decided as the append decides it, and what differs from what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from api.pages.forms import Form
from api.pages.oversight.notices import form_values
from api.pages.oversight.notices.about import About
from api.pages.oversight.notices.changes import ShownChange, shown_changes, statements
from api.pages.oversight.notices.fields import RECORD_UNLAWFUL
from api.pages.step_submission import stated
from api.pages.views.oversight.differences import (
    ChangedSection,
    NoticeSection,
    announced,
    differences,
)
from api.wire.notices import JointUse, OptOut, publishing
from ledger.commands import PublishNotice
from ledger.errors import AlreadyStandsError, MalformedError
from ledger.format.events import NoticePublished
from ledger.notices import notice
from ledger.notices.notice import PublishedNotice
from ledger.service import Ledger

SEEN: Final = "seen"
"""The hidden field with the version of the notice that was compared with."""
_DIGITS_MAX: Final = 15
_NOT_YET: Final = 0


class PublicationFormError(Exception):
    """The form cannot be carried out: field → what is wrong with it."""

    def __init__(self, defects: Mapping[str, str]) -> None:
        super().__init__(*defects)
        self.defects = defects


@dataclass(frozen=True, slots=True)
class PublicationPreview:
    """What would be published.

    Attributes:
        sections: what it announces.
        before: what it is compared with; `changed`: what differs; both None of a first publication.
        judged: what it changes, each with its verdict (Art. 27(6)); `stated`: what was stated.
        is_compared: whether a version stands that its changes are judged against.
        is_past: whether transfers of past days come to rely on it.
        version: of the notice as it was looked at.
    """

    event: NoticePublished
    sections: tuple[NoticeSection, ...]
    before: PublishedNotice | None
    changed: tuple[ChangedSection, ...] | None
    judged: tuple[ShownChange, ...]
    stated: Sequence[str]
    is_compared: bool
    is_past: bool
    version: int

    @property
    def is_unlawful(self) -> bool:
        """Whether a change is not allowed."""
        return bool(self.event.findings)


def commanded(form: Form, about: About, command: UUID, actor: str) -> PublishNotice:
    """The command that the form states.

    Raises:
        FormError: it states none.
    """
    read = form_values.read(form, about)
    model = OptOut if about.kind == "opt_out" else JointUse
    try:
        made = publishing(stated(model, read.body), command, actor, seen_of(form))
    except MalformedError as error:
        told = form_values.by_field(error.defects, form, about)
        raise PublicationFormError(form_values.in_order({**told, **read.defects})) from None
    if read.defects:
        raise PublicationFormError(form_values.in_order(read.defects))
    return replace(made, records_unlawful=form.has(RECORD_UNLAWFUL))


def seen_of(form: Form) -> int | None:
    """The version that was looked at; None: none was, as on the form itself."""
    text = form.text(SEEN)
    if not text:
        return None
    # What is no number is no version that there ever is.
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else -1


def seen(form: Form, about: About, command: PublishNotice, today: date) -> PublicationPreview:
    """What the command would append, and how it differs from what stands.

    Raises:
        FormError: it would be refused; at its field.
    """
    try:
        # What is not allowed is shown with its article; the append refuses it, or not.
        event = notice.publish(replace(command, records_unlawful=True), about.state)
    except AlreadyStandsError:
        if command.version is not None:
            raise PublicationFormError({"version": form_values.SAME_VERSION}) from None
        field = "filed_items" if about.kind == "opt_out" else "what"
        raise PublicationFormError({field: form_values.NOTHING_NEW}) from None
    except MalformedError as error:
        raise PublicationFormError(form_values.by_field(error.defects, form, about)) from None
    published = PublishedNotice(_NOT_YET, event)
    sections, before = announced(published), _before(about, event)
    changed = None if before is None else differences(announced(before), sections)
    first = max(event.in_force_from, event.published_on)
    is_past = first <= today and (event.version is not None or event.kind == "opt_out")
    judged = shown_changes(event)
    told = statements(event)
    first_day = event.in_force_from
    is_compared = (
        about.state is not None and notice.version_before(about.state, first_day) is not None
    )
    version = about.version
    return PublicationPreview(
        event, sections, before, changed, judged, told, is_compared, is_past, version
    )


def _before(about: About, event: NoticePublished) -> PublishedNotice | None:
    """What is compared with: the version or filing before, with what is said beside it last."""
    if about.state is None:
        return None
    published = about.state.published
    newest = published[-1]
    if event.kind == "opt_out":
        return newest
    if event.version is None:
        return replace(newest, event=replace(newest.event, version=None))
    versions = [one for one in published if one.event.version is not None]
    if not versions:
        return newest
    # The one that its changes are judged against; of what begins anew, the last one.
    before = notice.version_before(about.state, event.in_force_from) or versions[-1]
    return replace(before, event=replace(before.event, notice=newest.event.notice))


def check_new(ledger: Ledger, about: About, notice_id: str) -> None:
    """A form of a new notice publishes nothing about one that stands.

    Raises:
        FormError: the name is that of one.
    """
    if about.state is None and any(one.notice_id == notice_id for one in ledger.notices()):
        raise PublicationFormError({"notice_id": form_values.KNOWN})
