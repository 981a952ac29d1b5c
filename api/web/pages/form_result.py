"""How the page of a form is shown: the first time, from a draft, or again after a refusal."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from starlette.responses import Response

from api.problems.kinds import kind_of
from api.web.pages.conflict import FormConflict
from api.web.pages.forms import Form
from api.web.pages.guard import Visit
from api.web.pages.renderer import page
from ledger.errors import Defect, LedgerError, MalformedError

OK: Final = 200
CONFLICT: Final = 409
UNPROCESSABLE: Final = 422
_REFUSALS: Final = frozenset((403, 404, 409, 410, 422))

ByField = Callable[[Iterable[Defect]], Mapping[str, str]]
"""Field of the page → what is wrong with it; in the order of the page."""


@dataclass(frozen=True, slots=True)
class FormResult:
    """How a page is shown.

    Attributes:
        form: what was typed; None the first time: the page then shows what is stored.
        defects: field → what is wrong with it.
        message: why nothing was done, in words.
        since: the version after which somebody else changed the case; None when nobody did. A page
            that is shown with what was typed finds it out itself (`api.web.pages.conflict`).
        kept_at: when what was typed was kept as a draft; None when it comes from no draft.
        conflict: who came first, where that is told beside the form; None: nobody did.
    """

    status: int = OK
    form: Form | None = None
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    message: str | None = None
    since: int | None = None
    kept_at: datetime | None = None
    conflict: FormConflict | None = None

    @property
    def current_form(self) -> Form:
        """What stands in the form; an empty one the first time."""
        return Form({}) if self.form is None else self.form

    def resumed(self, kept: tuple[Form, datetime] | None) -> Self:
        """The same with what was kept of the form, if something was."""
        return self if kept is None else replace(self, form=kept[0], kept_at=kept[1])

    def invalid(self, form: Form, defects: Mapping[str, str]) -> Self:
        """The same with a form that has defects, at its fields."""
        return replace(self, status=UNPROCESSABLE, form=form, defects=defects)

    def refused(
        self,
        error: LedgerError,
        form: Form,
        by_field: ByField | None = None,
        refusals: Collection[int] = _REFUSALS,
    ) -> Self:
        """The same with a form that the ledger refused.

        Args:
            by_field: tells defects at the fields; None: as any other refusal.

        Raises:
            LedgerError: the error itself, when it is no refusal of this command.
        """
        if by_field is not None and isinstance(error, MalformedError):
            return self.invalid(form, by_field(error.defects))
        status, message = explain_refusal(error, refusals)
        return replace(self, status=status, form=form, message=message)


FIRST: Final = FormResult()


def form_page(
    visit: Visit,
    template: str,
    result: FormResult,
    labels: Mapping[str, str],
    form: Form | None = None,
    **context: Any,  # noqa: ANN401 -- what a template needs is its own matter
) -> Response:
    """The page of a form, as it is shown the first time or again.

    Args:
        labels: field → what the page calls it.
        form: what stands in the form; None: what was typed.
    """
    return page(
        visit.request,
        template,
        result.status,
        form=result.current_form if form is None else form,
        defects=result.defects,
        told_why=result.message,
        kept_at=result.kept_at,
        overtaken=result.conflict,
        labels=labels,
        **context,
    )


def invalid(form: Form, defects: Mapping[str, str]) -> FormResult:
    """A form that has defects, at its fields."""
    return FIRST.invalid(form, defects)


def explain_refusal(error: LedgerError, refusals: Collection[int] = _REFUSALS) -> tuple[int, str]:
    """The status and the words of a refusal.

    Raises:
        LedgerError: the error itself, when it is no refusal of this command.
    """
    kind, _ = kind_of(error)
    if kind.status not in refusals:
        raise error
    return kind.status, kind.detail.ja if "{" not in kind.detail.ja else kind.title.ja
