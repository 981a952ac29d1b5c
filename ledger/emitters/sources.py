"""Sources: the names of the systems that send, and what it means to be below one."""

import re

_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]+")
_PORT = re.compile(r":[0-9]+(?=[/?#]|\Z)")


def is_within(source: str, prefix: str) -> bool:
    """Whether `source` equals `prefix` or continues it at a boundary.

    A boundary is a prefix that ends with `/` or `:`, or a next character `/`, `:`, `?` or `#`; so
    `https://a.example` does not open `https://a.example.org`. Sources are compared as they stand:
    no case folding, no percent-decoding, no removal of dot segments, because a source is a name
    and the ledger keys it byte by byte.

    A prefix that ends within the host opens a port (`https://a.example:8443/x`) but not what only
    looks like one: in `https://a.example:x@b.example` the host is `b.example`.
    """
    if source == prefix:
        return True
    if not source.startswith(prefix):
        return False
    if _AUTHORITY.fullmatch(prefix) and source[len(prefix)] == ":":
        return _PORT.match(source, len(prefix)) is not None
    return prefix[-1] in "/:" or source[len(prefix)] in "/:?#"
