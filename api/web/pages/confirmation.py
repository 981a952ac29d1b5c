"""A confirmation is given for what a page shows at that moment, and for nothing else.

So a form that is kept (0064) bears none when it comes back, nor does one of a record or a case that
others have changed since: whoever sends it ticks the box anew. What was seen on a paper is no
confirmation but what is put down, and stays: the paper is the same one.
"""

from typing import Final

from api.web.pages.forms import Form

CONFIRMED: Final = "confirmed"
"""That something is done which cannot be undone."""
CONFIRMATIONS: Final = frozenset(
    (CONFIRMED, "already_posted", "same_form_checked", "record_unlawful")
)
"""Boxes of all forms that confirm something; each other box is something that is put down."""


def unconfirmed(form: Form) -> Form:
    """The form with everything that was typed, and nothing that was confirmed."""
    fields = form.fields.items()
    return Form({name: texts for name, texts in fields if name not in CONFIRMATIONS})
