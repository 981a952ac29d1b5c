"""A body is read only as far as somebody needs it who may send it.

Attack: whoever is not signed in, or has no role for it, makes a process read and keep bodies.
Held off by: who sends a form, and whether they may, is asked before anything of it is read; what
anybody may send is short; a form is counted while it is read.
"""

import socket
from contextlib import closing
from urllib.parse import urlsplit

from api.web.pages.forms import BYTES_MAX, PUBLIC_BYTES_MAX
from tests.matrix import every
from tests.pages.office import Office
from tests.pages.registering import KEEPER
from tests.pages.registering import PAGE as REGISTERS

FORM = "application/x-www-form-urlencoded"
ENDLESS = 700 * 1024 * 1024


def status(
    office: Office, path: str, sent: bytes, *, who: str | None = None, kind: str = FORM
) -> int:
    """The answer to the beginning of a body that is announced as very long, and does not go on."""
    address = urlsplit(office.url)
    length = ENDLESS if path == REGISTERS else office.settings.body_bytes_max
    fields = [f"content-type: {kind}", f"content-length: {length}", "sec-fetch-site: same-origin"]
    if who is not None:
        cookies = office.person(who).client.cookies.jar
        fields.append("cookie: " + "; ".join(f"{one.name}={one.value}" for one in cookies))
    head = "\r\n".join([f"POST {path} HTTP/1.1", "host: x", *fields, "", ""])
    with closing(socket.create_connection((address.hostname, address.port), timeout=30)) as there:
        there.sendall(head.encode() + sent)
        return int(there.recv(65_536).split()[1])


PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 4_000 + b"\r\n"
MULTIPART = "multipart/form-data; boundary=b"
TOLD: dict[str, tuple[int, str, bytes, str | None, str]] = {
    "what anybody may send, longer than a token": (
        *(400, "/sign-in/ended-by-provider", b"a=" + b"x" * PUBLIC_BYTES_MAX),
        *(None, FORM),
    ),
    "a sign-out": (400, "/sign-out", b"a=" + b"x" * PUBLIC_BYTES_MAX, None, FORM),
    "of who is not signed in": (303, "/desk/search", b"a=", None, FORM),
    "a register of who is not signed in": (303, REGISTERS, b"a=", None, FORM),
    "of who has no role for it": (403, REGISTERS, b"a=", "reception", FORM),
    "an upload of who has no role for it": (403, REGISTERS, b"a=", "reception", MULTIPART),
    "a register that is no upload": (415, REGISTERS, b"a=", KEEPER, FORM),
    "longer than forms are": (400, "/desk/search", b"a=" + b"x" * BYTES_MAX, "officer", FORM),
    "what is before a file, longer than forms are": (
        *(400, REGISTERS, PART * (BYTES_MAX // 4_000 + 1)),
        *(KEEPER, MULTIPART),
    ),
}
"""What is sent → its answer, address, beginning, who sends it, and as what."""


@every("name", TOLD)
def test_a_body_is_read_as_far_as_somebody_needs_it_who_may_send_it(
    office: Office, name: str
) -> None:
    expected, path, sent, who, kind = TOLD[name]
    assert status(office, path, sent, who=who, kind=kind) == expected
