"""Who signs in to the pages: through the operator's own identity provider (OpenID Connect).

`roles` says what the desk's roles may do, `provider` speaks to the provider, `tickets` keeps what
a sign-in under way must remember, `sessions` and `session_table` are what comes of it,
`colleagues` says what people call one another, and `sign_in` puts them together.
"""

from api.auth.people.colleagues import Called, Colleagues, called
from api.auth.people.errors import (
    CrossOriginError,
    ForgedRequestError,
    NotSignedInError,
    NotYoursError,
    ProofTooOldError,
    SignInFailedError,
)
from api.auth.people.identity import ProviderClient
from api.auth.people.provider import Provider
from api.auth.people.roles import LABELS, Role, scopes_of
from api.auth.people.session_table import SessionTable
from api.auth.people.sessions import Session, SessionLimits, SignedInUser
from api.auth.people.sign_in import PendingSignIn, People, PersonPseudonyms

__all__ = [
    "LABELS",
    "Called",
    "Colleagues",
    "CrossOriginError",
    "ForgedRequestError",
    "NotSignedInError",
    "NotYoursError",
    "PendingSignIn",
    "People",
    "PersonPseudonyms",
    "ProofTooOldError",
    "Provider",
    "ProviderClient",
    "Role",
    "Session",
    "SessionLimits",
    "SessionTable",
    "SignInFailedError",
    "SignedInUser",
    "called",
    "scopes_of",
]
