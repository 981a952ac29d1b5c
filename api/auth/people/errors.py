"""Why a page is not shown to whoever asks. None of these holds a word that somebody typed."""

from typing import Final

SIGN_IN_CODES: Final = (
    "TICKET_LOST",
    "REFUSED_BY_PROVIDER",
    "ANSWER_NOT_VALID",
    "PROVIDER_UNAVAILABLE",
    "NO_ROLE",
    "ROLES_EXCLUDE_ONE_ANOTHER",
)
"""Why a sign-in came to nothing; the pages say each in words."""


class NotSignedInError(Exception):
    """There is no session, or it has ended."""


class NotYoursError(Exception):
    """Somebody is signed in whose roles do not open this page."""


class ForgedRequestError(Exception):
    """A form came from another site, or without the token of the session."""


class CrossOriginError(Exception):
    """A page of another origin sent the browser here: nothing is shown until the person asks."""


class ProofTooOldError(Exception):
    """The person must prove again to the provider who they are, before this step."""


class SignInFailedError(Exception):
    """A sign-in came to nothing.

    Attributes:
        code: one of `SIGN_IN_CODES`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        assert code in SIGN_IN_CODES, code
        self.code = code
