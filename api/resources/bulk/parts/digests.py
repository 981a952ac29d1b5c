"""The hash that a sender states of a part: `Unencoded-Digest: sha-256=:…:`.

Source: draft-ietf-httpbis-unencoded-digest; RFC 9530, section 2 (a dictionary of byte sequences);
RFC 9651, sections 3.2 and 3.3.5. Of the content as it is before compression.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ledger.errors import Defect, MalformedError

HEADER: Final = "unencoded-digest"
_MEMBER: Final = re.compile(r"[ \t]*([a-z*][a-z0-9_\-.*]*)=:([A-Za-z0-9+/]*={0,2}):[ \t]*")


def parse_digest(values: Sequence[str]) -> bytes | None:
    """The SHA-256 that the header states; None without the header.

    Args:
        values: of the header, as often as it stands there.

    Raises:
        MalformedError: it states none, or cannot be read: nobody takes it for checked.
    """
    if not values:
        return None
    stated: dict[str, bytes] = {}
    for member in ",".join(values).split(","):
        found = _MEMBER.fullmatch(member)
        if found is None:
            raise _malformed()
        try:
            stated[found[1]] = b64decode(found[2], validate=True)
        except binascii.Error:
            raise _malformed() from None
    digest = stated.get("sha-256", b"")
    if len(digest) != sha256().digest_size:
        raise _malformed()
    return digest


def _malformed() -> MalformedError:
    detail = "give sha-256=:…: with the 32 bytes in base64 between the colons"
    return MalformedError((Defect(f"/header/{HEADER}", "SCHEMA", detail),))
