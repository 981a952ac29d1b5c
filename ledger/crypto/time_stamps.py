"""Time stamps of an authority on a text: asks for one, and verifies what it answers.

Source: RFC 3161; RFC 5816; ETSI EN 319 422.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from ledger.errors import CorruptRecordError

REPLY_BYTES_MAX: Final = 64 << 10
QUERY: Final = "application/timestamp-query"
_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_GRANTED: Final = 0
_SEQUENCE: Final = 0x30
_CONTEXT_0: Final = 0xA0
_HIGH_TAG: Final = 0x1F
_LONG_LENGTH: Final = 0x80


class TimeStampRefusedError(Exception):
    """The authority answered that it makes no time stamp."""


@dataclass(frozen=True, slots=True)
class TimeStampRequest:
    """A request for a time stamp.

    Attributes:
        body: as it is sent, DER.
        nonce: what the answer must repeat.
    """

    body: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Authority:
    """Who is believed.

    Attributes:
        roots: certificates of authorities; a time stamp's own chain must lead to one of them.
    """

    roots: Sequence[x509.Certificate]

    @classmethod
    def read(cls, pem: bytes) -> "Authority":
        """The authority of a file of certificates.

        Raises:
            CorruptRecordError: it holds none.
        """
        try:
            return cls(tuple(x509.load_pem_x509_certificates(pem)))
        except ValueError:
            raise CorruptRecordError("a file holds no certificates in PEM") from None

    def verified(self, reply: bytes, content: bytes, nonce: int | None = None) -> datetime:
        """The time of a stamp on the SHA-256 of `content`, verified.

        The certificates have to be valid at that time, not now. One second is its resolution; the
        authority's policy says how exact it is.

        Args:
            reply: the answer, DER.
            nonce: of the request; None for one that was kept.

        Raises:
            TimeStampRefusedError: the authority granted none.
            CorruptRecordError: it is no time stamp, or none of this authority on `content`.
        """
        try:
            response = decode_timestamp_response(_with_sorted_certificates(reply))
            status = response.status
            if status != _GRANTED:
                raise TimeStampRefusedError(f"the authority answers with status {status}")
            imprint = response.tst_info.message_imprint
            if imprint.hash_algorithm != _SHA256:
                raise CorruptRecordError("a time stamp is on another kind of hash")
            builder = VerifierBuilder(roots=list(self.roots), nonce=nonce)
            builder.build().verify(response, sha256(content).digest())
            at = response.tst_info.gen_time
        except (ValueError, VerificationError, x509.InvalidVersion):
            raise CorruptRecordError("a time stamp does not verify") from None
        return at


def request(content: bytes) -> TimeStampRequest:
    """A request for a stamp on the SHA-256 of `content`, with a fresh nonce."""
    builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    made = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    return TimeStampRequest(made.as_bytes(), made.nonce)


def _with_sorted_certificates(reply: bytes) -> bytes:
    """`reply` with the certificates of its token in the order of DER; else as it is.

    `openssl ts` writes them as its chain file has them, and the decoder takes DER only. They are a
    set, and nothing signs its order. Source: X.690, 11.6; RFC 5652, 5.1.
    """
    try:
        [_, token] = _elements(reply, _only(reply, 0, len(reply), _SEQUENCE))
        [_, content] = _elements(reply, token.content_of(_SEQUENCE))
        signed = _only(reply, *content.content_of(_CONTEXT_0), _SEQUENCE)
        [certificates, *_] = [one for one in _elements(reply, signed) if one.tag == _CONTEXT_0]
        begin, end = certificates.content_of(_CONTEXT_0)
        found = [reply[one.begin : one.end] for one in _elements(reply, (begin, end))]
    except ValueError:
        return reply  # the decoder says what is wrong with it
    return reply[:begin] + b"".join(sorted(found)) + reply[end:]


@dataclass(frozen=True, slots=True)
class _Element:
    """A value in DER: its tag, and where it, and what is in it, lie among the bytes."""

    tag: int
    begin: int
    content: int
    end: int

    def content_of(self, tag: int) -> tuple[int, int]:
        """Begin and end of what is in it; ValueError where it has another tag."""
        if self.tag != tag:
            raise ValueError("another tag is expected")
        return self.content, self.end


def _only(content: bytes, begin: int, end: int, tag: int) -> tuple[int, int]:
    [one] = _elements(content, (begin, end))
    return one.content_of(tag)


def _elements(content: bytes, within: tuple[int, int]) -> list[_Element]:
    """The values that follow each other there; ValueError where they do not fill it."""
    begin, end = within
    found: list[_Element] = []
    while begin < end:
        head = begin + 2
        if head > end or content[begin] & _HIGH_TAG == _HIGH_TAG:
            raise ValueError("no value of DER")
        length = content[begin + 1]
        if length >= _LONG_LENGTH:
            digits = length - _LONG_LENGTH
            length = int.from_bytes(content[head : head + digits])
            head += digits
        if head + length > end:
            raise ValueError("a value is longer than what it lies in")
        found.append(_Element(content[begin], begin, head, head + length))
        begin = head + length
    return found
