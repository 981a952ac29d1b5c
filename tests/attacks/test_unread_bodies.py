"""A body is read only as far as somebody needs it who may send it.

Attack: whoever is not signed in, or has no role for it, makes a process read and keep bodies.
Held off by: who sends a form, and whether they may, is asked before anything of it is read; what
anybody may send is short; a form is counted while it is read.
"""

import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from api.web.pages.forms import BYTES_MAX, PUBLIC_BYTES_MAX
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


@pytest.mark.parametrize("path", ["/sign-in/ended-by-provider", "/sign-out"])
def test_what_anybody_may_send_is_read_as_far_as_a_token_is_long(office: Office, path: str) -> None:
    assert status(office, path, b"a=" + b"x" * PUBLIC_BYTES_MAX) == 400


@pytest.mark.parametrize("path", ["/desk/cases/new", "/desk/search", REGISTERS])
def test_nothing_is_read_of_who_is_not_signed_in(office: Office, path: str) -> None:
    assert status(office, path, b"a=") == 303


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b"])
def test_nothing_is_read_of_who_has_no_role_for_it(office: Office, kind: str) -> None:
    assert status(office, REGISTERS, b"a=", who="reception", kind=kind) == 403


def test_a_register_comes_as_an_upload_or_is_not_read(office: Office) -> None:
    assert status(office, REGISTERS, b"a=", who=KEEPER) == 415


def test_a_form_is_read_as_far_as_forms_are_long(office: Office) -> None:
    assert status(office, "/desk/search", b"a=" + b"x" * BYTES_MAX, who="officer") == 400


def test_what_is_before_a_file_is_read_as_far_as_forms_are_long(office: Office) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 4_000 + b"\r\n"
    sent = part * (BYTES_MAX // 4_000 + 1)
    kind = "multipart/form-data; boundary=b"
    assert status(office, REGISTERS, sent, who=KEEPER, kind=kind) == 400
