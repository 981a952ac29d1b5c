"""Which version of a case a form was made of, and since when others have changed the case.

A page that is shown again is made of the newest version, so its form could be sent over what others
did meanwhile, unseen. Therefore the form goes on to say since when it was overtaken (`SINCE`), and
each page that is made of it tells so, until a step is taken or the form is thrown away.
"""

from typing import Final

from api.pages.forms import Form

VERSION: Final = "version"
"""The hidden field of each form of a step that holds the version, beside that of `once`."""
SINCE: Final = "since"
"""The hidden field that holds the version after which others changed the case."""
_DIGITS_MAX: Final = 15


def version_in(form: Form, name: str = VERSION) -> int:
    """The version that a field of the form names; 0, which no case has, without one."""
    text = form.text(name)
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else 0


def overtaken_since(form: Form, newest: int, taken: int = 0) -> int | None:
    """The version after which others changed the case; None of a form that nobody overtook.

    Args:
        newest: of the case.
        taken: the version to which the form itself has just brought the case; 0 when to none.
    """
    told, own = version_in(form, SINCE), max(version_in(form), taken)
    first = told or own
    return first if 0 < first < newest else None
