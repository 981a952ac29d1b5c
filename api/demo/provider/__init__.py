"""The demo's provider of identities: a real OpenID Connect provider, of authlib's parts.

It knows no passwords: whoever comes chooses one of the invented persons. So it exists in the demo
alone: nothing but `ledger demo` starts it, no setting does, and it listens on loopback only.
`identities` says who there is, `grants` what authlib asks of a provider, `server` the addresses.
"""

from api.demo.provider.identities import CLIENT_ID, IDENTITIES, PERSON_CLAIM, ROLES, DemoIdentity
from api.demo.provider.server import DemoProvider

__all__ = ["CLIENT_ID", "IDENTITIES", "PERSON_CLAIM", "ROLES", "DemoIdentity", "DemoProvider"]
