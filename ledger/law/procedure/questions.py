"""Points of the procedure that the text leaves open: settings with a stated default, none silent.

A version carries its own settings, so that a new answer changes no earlier request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

OwnPapers = Literal["all", "any"]
AgentsPrincipalPaper = Literal["residence_certificate", "any_identity_paper", "none"]
AgeCountsTo = Literal["arrival", "postmark"]
AfterDeath = Literal["close", "answer_representative"]
PostedElsewhere = Literal["arrival_at_the_desk", "arrival_anywhere"]
UnstatedMedium = Literal["paper", "electronic"]
ReturnedMail = Literal["identity_check_again", "send_again"]
Preparers = Literal["every_step", "decision_and_submission"]


@dataclass(frozen=True, slots=True)
class ProcedureReadings:
    """The answers in use; `QUESTIONS` says of each what it asks and why the default is taken."""

    supplement_bridges: bool = True
    own_papers: OwnPapers = "all"
    agents_principal_paper: AgentsPrincipalPaper = "residence_certificate"
    age_counts_to: AgeCountsTo = "arrival"
    correction_moves_off_holidays: bool = False
    after_death: AfterDeath = "close"
    posted_elsewhere: PostedElsewhere = "arrival_at_the_desk"
    never_ground_ii_alone: tuple[str, ...] = ("confidentiality_clause", "volume")
    unstated_medium: UnstatedMedium = "paper"
    returned_mail: ReturnedMail = "identity_check_again"
    preparers: Preparers = "every_step"
    tells_days_for_reference: bool = False


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One open point.

    Attributes:
        numbers: the acceptance cases that wait for it; `-` for a point without one.
        point: what is open.
        choices: setting → what it means.
        reason: why the default is the default.
    """

    numbers: tuple[str, ...]
    point: str
    choices: Mapping[str, str]
    reason: str


QUESTIONS: Mapping[str, OpenPoint] = MappingProxyType(
    {
        "supplement_bridges": OpenPoint(
            ("E06",),
            "the identity paper shows an old address: change the address first, or enclose a "
            "supplement",
            {"true": "a valid supplement does", "false": "the paper itself must be renewed"},
            "the later sentence of the notes allows the supplement, and 37(4) forbids a burden "
            "that is not needed",
        ),
        "own_papers": OpenPoint(
            ("-",),
            "are the two papers of a principal who asks both needed",
            {"all": "both", "any": "either one"},
            "the note on substitutes still asks for the original residence certificate",
        ),
        "agents_principal_paper": OpenPoint(
            ("-",),
            "what an agent sends as the principal's identity paper of mark 1",
            {
                "residence_certificate": "the principal's residence certificate",
                "any_identity_paper": "it, or any paper of the list of substitutes",
                "none": "nothing besides the seal certificate",
            },
            "as the other two rows of the matrix ask",
        ),
        "age_counts_to": OpenPoint(
            ("-",),
            "the day on which a paper may not be older than three months",
            {"arrival": "the day it arrives", "postmark": "the postmark, when there is one"},
            "the day that the desk can prove",
        ),
        "correction_moves_off_holidays": OpenPoint(
            ("-",),
            "a correction that falls due on a day the desk is closed (Civil Code 142)",
            {"false": "stays", "true": "moves to the next business day"},
            "the operator's rule counts days only",
        ),
        "after_death": OpenPoint(
            ("E17", "E18"),
            "the principal is dead before or after the request",
            {
                "close": "the case ends without an answer",
                "answer_representative": "a legal representative who had asked is answered",
            },
            "nobody is the principal any more; the analogy is from guidance for public bodies",
        ),
        "posted_elsewhere": OpenPoint(
            ("G13",),
            "an application posted to another company of the group",
            {
                "arrival_at_the_desk": "arrives when it reaches the published desk",
                "arrival_anywhere": "arrives when it reaches that company",
            },
            "the procedure names one address (Order 12(i))",
        ),
        "never_ground_ii_alone": OpenPoint(
            ("F04", "F05", "F06"),
            "what is no significant hindrance by itself",
            {"list": "codes of reasons that need another one beside them"},
            "guideline 3-8-2, 3-8-3-3: neither an agreement with the partner nor volume; "
            "repetition can be",
        ),
        "unstated_medium": OpenPoint(
            ("G01", "G02", "G03"),
            "the application states no medium",
            {"paper": "on paper", "electronic": "as an electromagnetic record"},
            "33(2) falls back to paper",
        ),
        "returned_mail": OpenPoint(
            ("G04",),
            "a reply that the post returns",
            {
                "identity_check_again": "no other address without a new check",
                "send_again": "once more to the same address",
            },
            "the address was the proof of identity",
        ),
        "preparers": OpenPoint(
            ("-",),
            "who prepared a reply, and so may not approve it",
            {
                "every_step": "who looked at the papers, verified, identified, decided, chose "
                "printed forms or submitted",
                "decision_and_submission": "who decided or submitted",
            },
            "the approval is also one of the proof of identity; an officer and an approver do",
        ),
        "tells_days_for_reference": OpenPoint(
            ("-",),
            "the day of a provision on consent, which is no statutory item but is in the ledger",
            {
                "false": "the reply says that it is not told, for no law asks for it",
                "true": "it is told for reference, apart from the statutory items",
            },
            "33(5) discloses the record, and Rules 20(1)(ii), 24(1)(ii) leave the day out of it",
        ),
    }
)
"""Setting → the question it answers."""
