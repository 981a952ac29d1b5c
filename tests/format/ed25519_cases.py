"""Signatures that a verifier of Ed25519 must judge rightly, of which most are wrong."""

from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log import check_proof

SECRETS: Final = (  # RFC 8032, 7.1, tests 1 to 3, and what they sign
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", ""),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82"),
)
FIRST: Final = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
)


def signatures() -> Iterator[tuple[bytes, bytes, bytes]]:
    """Keys, messages and signatures: those of RFC 8032, and what a careless verifier takes."""

    def little(n: int) -> bytes:
        return n.to_bytes(32, "little")

    for secret, message in SECRETS:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        key, text = private.public_key().public_bytes_raw(), bytes.fromhex(message)
        made = private.sign(text)
        s = int.from_bytes(made[32:], "little")
        yield from ((key, text, made), (key, text + b"x", made), (key, text, made[:63]))
        yield key, text, made[:32] + little(s + check_proof.ORDER)
        yield from (
            (key, text, made[:n] + bytes([made[n] ^ 1]) + made[n + 1 :]) for n in (0, 31, 32)
        )
        yield key[:31], text, made
    odd = [
        0,
        1,
        1 << 255 | 1,
        check_proof.P - 1,
        check_proof.P,
        check_proof.P + 1,
        2,
        (1 << 256) - 1,
    ]
    for y in odd:  # points of small order, and ways to write them that nobody may
        for r in odd:
            yield little(y), b"x", little(r) + bytes(32)
