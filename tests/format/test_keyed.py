"""The keyed hash of the formulas: RFC 2104, as the library has it and as its vectors say."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.encoding import keyed

# RFC 4231, test cases 1, 2, 3, 6 and 7: short keys, and keys longer than a block.
VECTORS = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data."
            b" The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)


@pytest.mark.parametrize(("key", "message", "digest"), VECTORS)
def test_the_vectors_of_the_standard_come_out(key: bytes, message: bytes, digest: str) -> None:
    assert keyed(key, message).hex() == digest


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_it_is_the_hmac_of_the_library_for_any_key_and_message(key: bytes, message: bytes) -> None:
    assert keyed(key, message) == hmac.digest(key, message, "sha256")
