"""The refusals that the endpoints add: what somebody at an endpoint did not say, or may not do.

How each of them is answered says its row in `api.problems`, by its code.
"""

from typing import Final, Literal

from ledger import errors
from ledger.errors import LedgerError
from ledger.log.epoch import LogEpochChangedError
from ledger.values import Json

PROOF_ALGORITHMS: Final = ("ES256", "EdDSA")
"""How a proof may be signed (RFC 9449); also told to callers."""

Scheme = Literal["Bearer", "DPoP"]
"""How a credential is presented: by itself (RFC 6750), or with a proof (RFC 9449)."""

ProofCheck = Literal[
    "scheme",
    "address",
    "header",
    "proof",
    "typ",
    "alg",
    "jwk",
    "jkt",
    "jti",
    "htm",
    "htu",
    "iat",
    "ath",
    "replay",
]
"""A check of a proof, mostly by the claim or header that it looks at."""


class UnauthenticatedError(LedgerError):
    """No key or token, or one that is unknown, expired, revoked or not valid here.

    Attributes:
        presented: whether the caller sent any; only then the answer says `invalid_token`.
        scheme: how it was presented.
    """

    code = "UNAUTHENTICATED"

    def __init__(self, *, presented: bool, scheme: Scheme = "Bearer") -> None:
        super().__init__("not authenticated")
        self.presented = presented
        self.scheme: Scheme = scheme


class ProofRefusedError(UnauthenticatedError):
    """The key or token is valid, and the proof of who holds it is missing or wrong.

    It may say which check failed: whoever reads it has the credential, and a thief of it still
    lacks the private key.

    Attributes:
        check: which check failed first.
    """

    code = "PROOF_REFUSED"

    def __init__(self, check: ProofCheck) -> None:
        super().__init__(presented=True, scheme="DPoP")
        self.check: ProofCheck = check


class ScopeMissingError(LedgerError):
    """The caller is known and may not do this.

    Attributes:
        scopes: the scopes of which one would do, separated by spaces.
        scheme: how the caller is to present them.
    """

    code = "SCOPE_MISSING"

    def __init__(self, scopes: tuple[str, ...], scheme: Scheme = "Bearer") -> None:
        super().__init__("a scope is missing")
        self.scopes = " ".join(scopes)
        self.scheme: Scheme = scheme


class PersonUnknownError(LedgerError):
    """It takes two persons, and the caller's key or token does not say which person calls."""

    code = "PERSON_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("the credential names no person")


class ExportStateError(LedgerError):
    """The export is in another state than the request needs.

    Attributes:
        state: in which it is: `waiting`, `making`, `ready` or `failed`.
    """

    code = "EXPORT_STATE"

    def __init__(self, state: str) -> None:
        super().__init__("the export is in another state")
        self.state = state


class RangeNotSatisfiableError(LedgerError):
    """A part is asked for that lies beyond the file.

    Attributes:
        bytes: how many the file has.
    """

    code = "RANGE_NOT_SATISFIABLE"

    def __init__(self, size: int) -> None:
        super().__init__("the part lies beyond the file")
        self.bytes = size


class SubjectRequiredError(LedgerError):
    """The request must name a person or a case.

    Attributes:
        parameter: name of the missing parameter.
    """

    code = "SUBJECT_REQUIRED"

    def __init__(self, parameter: str) -> None:
        super().__init__("a parameter is missing")
        self.parameter = parameter


class AsOfBeyondHeadError(errors.PositionBeyondHeadError):
    """The answer is asked for as of a position that the ledger has not reached."""

    pointer = "/as_of"


class AsOfEarlierEpochError(AsOfBeyondHeadError, LogEpochChangedError):
    """The same, of a ledger that was restored behind its log since."""


def as_of_beyond(error: errors.PositionBeyondHeadError) -> AsOfBeyondHeadError:
    """The same refusal, of the position as of which an answer is asked for."""
    if isinstance(error, LogEpochChangedError):
        return AsOfEarlierEpochError(error.position, error.head, error.epoch, error.parted_after)
    return AsOfBeyondHeadError(error.position, error.head)


class MalformedBodyError(LedgerError):
    """The body is UTF-8 but no JSON.

    Attributes:
        byte: where reading stopped, from 0.
    """

    code = "NOT_JSON"
    pointer = ""

    def __init__(self, byte: int) -> None:
        super().__init__("the body cannot be read")
        self.byte = byte


class NotUtf8Error(MalformedBodyError):
    """The body is not UTF-8."""

    code = "NOT_UTF8"


class FormUnreadableError(LedgerError):
    """The body is no form of a page: too long, too many fields, or not in UTF-8."""

    code = "FORM_UNREADABLE"


class UploadUnreadableError(FormUnreadableError):
    """The body is no form with a file, or ends before it does."""

    code = "UPLOAD_UNREADABLE"


class PartUnreadableError(LedgerError):
    """A part of a bulk transfer cannot be read; nothing of it is kept.

    Attributes:
        reason: a code, see the kind.
    """

    code = "PART_UNREADABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the part cannot be read: {reason}")
        self.reason = reason


class DuplicateMemberError(LedgerError):
    """An object of the body names a member twice."""

    code = "DUPLICATE_MEMBER"
    pointer = ""


class BatchTooLargeError(LedgerError):
    """The body has too many bytes, or too many items.

    Attributes:
        bytes_max: the most bytes a body may have.
        items_max: the most items a body may hold.
    """

    code = "BATCH_TOO_LARGE"
    pointer = ""

    def __init__(self, bytes_max: int, items_max: int) -> None:
        super().__init__("the batch is too large")
        self.bytes_max = bytes_max
        self.items_max = items_max


class TooManyItemsError(BatchTooLargeError):
    """The member `items` of the body is too long."""

    pointer = "/items"


class UnsupportedMediaTypeError(LedgerError):
    """The route reads other media types."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class UnsupportedCodingError(UnsupportedMediaTypeError):
    """The route reads other content codings.

    Attributes:
        codings: those that it reads.
    """

    code = "UNSUPPORTED_CODING"

    def __init__(self, codings: tuple[str, ...]) -> None:
        super().__init__("another content coding")
        self.codings = codings


class IssuerUnavailableError(LedgerError):
    """The keys of a token's issuer cannot be fetched, so the token cannot be checked."""

    code = "ISSUER_UNAVAILABLE"


class IdempotencyKeyMalformedError(LedgerError):
    """The header Idempotency-Key is no key."""

    code = "IDEMPOTENCY_KEY_MALFORMED"


class IdempotencyKeyReusedError(LedgerError):
    """The key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class FormSentOtherwiseError(IdempotencyKeyReusedError):
    """The form of a page was sent before, with something else in it."""

    code = "FORM_SENT_OTHERWISE"


class IdempotencyKeyInProgressError(LedgerError):
    """The first request of the key still runs."""

    code = "IDEMPOTENCY_KEY_IN_PROGRESS"


class FormUnsettledError(IdempotencyKeyInProgressError):
    """The form of a page was sent before; whether it was carried out is not known."""

    code = "FORM_UNSETTLED"


class IfMatchMissingError(LedgerError):
    """The step needs the header If-Match."""

    code = "PRECONDITION_REQUIRED"


class IfMatchMalformedError(LedgerError):
    """The header If-Match is not one strong ETag."""

    code = "IF_MATCH_MALFORMED"


class NotReadyError(LedgerError):
    """Some readiness checks fail.

    Attributes:
        failing: their names.
    """

    code = "NOT_READY"

    def __init__(self, failing: tuple[str, ...]) -> None:
        super().__init__("not ready")
        self.failing: list[Json] = list(failing)


class RetentionBusyError(LedgerError):
    """Somebody else plans or destroys right now; one run at a time."""

    code = "RETENTION_BUSY"

    def __init__(self) -> None:
        super().__init__("another run plans or destroys right now")


class JournalMissingError(LedgerError):
    """There is no erasure journal, so nothing is destroyed: a restore would bring it back."""

    code = "JOURNAL_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "there is no erasure journal, so nothing is destroyed: see LEDGER_JOURNAL_DIR"
        )


class RenderingUnavailableError(LedgerError):
    """The process that sets documents ended or took too long; another one takes the next."""

    code = "RENDERING_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("the process that sets documents ended or took too long")


class TooBusyError(LedgerError):
    """As much of this kind of work is under way as may be, in all or for the caller."""

    code = "TOO_BUSY"

    def __init__(self) -> None:
        super().__init__("too much of this kind of work is under way")


class UnprintableError(LedgerError):
    """A document on paper cannot be made: a name in another character would be a wrong name.

    Attributes:
        count: how many of its texts the font cannot print as they are written.
        defects: where, and which characters; for the officer's eyes, so only where one asks.
    """

    code = "UNPRINTABLE"

    def __init__(self, count: int, defects: tuple[errors.Defect, ...] = ()) -> None:
        super().__init__(f"{count} texts of the document cannot be printed")
        self.count = count
        self.defects = defects
