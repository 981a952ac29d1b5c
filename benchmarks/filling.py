"""The forms of the demo's pages, as a browser sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.web.pages.forms import TYPE
from benchmarks.demo import Answer, Browser
from benchmarks.forms import Form, Page

Typed = Mapping[str, str | Sequence[str]]
"""Name of a field → what is typed into it, or into each of several."""


class NoFormError(Exception):
    """A page has no form that is sent there."""


@dataclass(slots=True)
class Sheet(Form):
    """A form that is sent."""

    def sent(self, browser: Browser, typed: Typed) -> Answer:
        """Send it with some fields typed anew."""
        given = {name: [one] if isinstance(one, str) else [*one] for name, one in typed.items()}
        body = urlencode({**self.fields, **given}, doseq=True).encode()
        return browser.send(self.action, body, TYPE)


def sheet(page: bytes, action: str) -> Sheet:
    """The form of a page that is sent to this address.

    Raises:
        NoFormError: there is none.
    """
    forms = Page(page.decode(), Sheet).forms
    found = next((one for one in forms if one.action == action), None)
    if found is None:
        raise NoFormError(action)
    return found
