"""The files of a reply as one encrypted file, for a medium that may be lost on its way.

Source: WinZip, "AES Encryption Information: Encryption Specification AE-1 and AE-2".
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, cast

from api.resources.cases.schemas.files import NO_TIME, READABLE, with_sums

_AES_BITS: Final = 256


def locked(documents: Mapping[str, bytes], number: str, password: str) -> bytes:
    """The files and their sums, each encrypted with AES-256.

    The bytes are other ones each time, as each encryption has a new salt. Names and sizes of the
    files stay readable without the password; the names tell of nobody.

    Args:
        documents: ASCII name → bytes.
        number: of the case.
        password: ASCII.
    """
    # Every start would be slower for it, and the library tells no types of its own.
    import pyzipper.zipfile_aes  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] -- above

    packing = BytesIO()
    with cast("Any", pyzipper.AESZipFile)(packing, "w", encryption=pyzipper.WZ_AES) as into:
        into.setpassword(password.encode("ascii"))
        into.setencryption(pyzipper.WZ_AES, nbits=_AES_BITS)
        for name, content in with_sums(documents, number).items():
            member = pyzipper.zipfile_aes.AESZipInfo(name, NO_TIME)
            member.compress_type = pyzipper.ZIP_DEFLATED
            member.external_attr = READABLE
            into.writestr(member, content)
    return packing.getvalue()
