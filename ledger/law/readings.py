"""Readings of the law that a lawyer or the operator must settle. Each is data, none is silent.

A verdict names the reading that it was given under, beside the law: `2023-04-01.r2`. Whoever
changes what a verdict may be adds a row to `HISTORY`; a verdict of before keeps its number, and the
work list of late facts proposes those that would be another one now (0098).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class LawReading:
    """A point with more than one reading, the one taken, and why."""

    point: str
    taken: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What verdicts rested on from a day on.

    Attributes:
        number: from 1 on; it stands in every verdict but those of the first.
        changed: what verdicts may be since, that they could not be before.
    """

    number: int
    since: date
    changed: tuple[str, ...]


HISTORY: Final[tuple[Edition, ...]] = (
    Edition(1, date(2026, 11, 24), ()),
    Edition(
        2,
        date(2026, 11, 30),
        (
            "pseudonymously processed information with a basis of 41(6) is lawful abroad, too",
            "what exempts the recipient alone leaves the provider with the consent that is stated",
            "a public body of another country is judged as a corporation",
            "an omission base must be a record of the same duty",
            "an address or representative not confirmed on receipt is unlawful (30(1)(i))",
            "a consent given after a withdrawal counts",
            "43(4) and 44 are the provider's",
            "special care-required information from no operator needs consent (20(2))",
            "a receipt by opt-out that is not published is one without a filing",
            "the day of the consent that a sender states is not judged",
            "28(2) asks nothing of a consent of before 2022-04-01, nor 31 of what was over by then",
        ),
    ),
    Edition(
        3,
        date(2026, 12, 2),
        (
            "the proviso of 27(2) excludes special care-required data alone of before 2022-04-01",
            "pseudonymously processed information of before 2022-04-01 is personal data",
        ),
    ),
)

READING: Final = HISTORY[-1].number
"""The edition under which verdicts are given now."""

PSEUDONYMOUS_READING: Final = 3
"""Since this one, pseudonymously processed information of before 2022-04-01 is personal data."""

_SEPARATOR: Final = ".r"


def law_code(version: str, reading: int) -> str:
    """What a verdict names: the version of the Act, and of its reading but the first."""
    return version if reading == 1 else f"{version}{_SEPARATOR}{reading}"


def law_and_reading(code: str) -> tuple[str, int]:
    """The version of the Act and the reading that a verdict names."""
    version, _, reading = code.partition(_SEPARATOR)
    return version, int(reading) if reading.isdecimal() else 1


OPT_OUT_STARTS_AS_PLANNED = True
"""A provision between filing and the planned start day counts as before the start."""

ANNOUNCED_ON_THE_DAY_IS_BEFOREHAND = False
"""A change published on the very day it takes effect counts as announced beforehand."""

PUBLIC_BODY_FREES_ART31 = True
"""Personally referable information to a body of Art. 16(2) makes no record duty either."""

READINGS: Mapping[str, LawReading] = MappingProxyType(
    {
        "opt_out_start": LawReading(
            "opt-out provision between filing and planned start",
            "OPT_OUT_BEFORE_START",
            "the planned day is itself filed (R11(4)(ii)) and a waiting period is due (R11(1)(i))",
        ),
        "change_on_the_day": LawReading(
            "a purpose or responsible party changed on the day of its publication",
            "JU_CHANGE_NOT_ANNOUNCED_BEFORE",
            "27(6) says beforehand (あらかじめ)",
        ),
        "responsible_renamed": LawReading(
            "another name of the responsible party of a joint use",
            "another party, to be announced beforehand, unless the publisher states or a party id "
            "shows that it is the same one",
            "27(6) asks more of a change of the party, and a name does not tell which it is",
        ),
        "purpose_left_out": LawReading(
            "a purpose of a joint use that is left out, or told in other words",
            "a change of purposes: announced beforehand; other words are none when the publisher "
            "states that they say the same",
            "27(6) says change (変更しようとするとき), not addition",
        ),
        "items_left_out": LawReading(
            "an item or a joint user that is left out",
            "no change that needs a verdict",
            "what stays was announced; the principals are asked for nothing more",
        ),
        "definition_changed": LawReading(
            "the definition or the note of an announced item says something else, or is gone",
            "an item changed: with consent only, unless the publisher states that it is wording",
            "both say what is provided, and may limit it; whether it widened is a person's "
            "assessment",
        ),
        "user_under_another_id": LawReading(
            "a joint user's name under another party id",
            "a user is added: with consent only, unless the publisher states a succession",
            "an id tells who a party is, a name does not: renamed first, a stranger would come in",
        ),
        "successor_beside": LawReading(
            "a successor of a joint user that stays one itself, or that another one succeeds, too",
            "a user is added: with consent only",
            "a successor takes the place of whom it succeeds; two would use what one did",
        ),
        "unlawful_version": LawReading(
            "a version of a joint use with a change that 27(6) does not allow, which the publisher "
            "has recorded all the same",
            "transfers are held against the version as it was published; the finding stands with "
            "the version alone",
            "27(5)(iii) asks what was announced beforehand, 27(6) is a duty of who changes it; "
            "counsel may say that what was added so is no joint use: 27(1) then asks for consent, "
            "the transfers are records of 29(1), and what was answered without them is wrong",
        ),
        "before_the_first_version": LawReading(
            "a version of a joint use that is dated before all others",
            "compared with the first of them",
            "a day before it does not make another joint use of it; a wider one would be relied on",
        ),
        "version_between": LawReading(
            "a version of a joint use that is put between two others",
            "compared with the one before it; the next one keeps the verdict that it was given",
            "the next one was announced, and judged, before; what it has more is no later addition",
        ),
        "joint_use_begun_anew": LawReading(
            "a version after the withdrawal of all others",
            "a first version: nothing is compared",
            "27(6) is of changes; a joint use that begins anew is announced under 27(5)(iii)",
        ),
        "art31_public_body": LawReading(
            "personally referable information provided to a public body",
            "no duty",
            "29(1) defines third party for 30 as applied by 31(3), too",
        ),
        "unfounded_receipt": LawReading(
            "a receipt without a basis",
            "art30 with date, sender, acquisition, principal and items",
            "the recipient's record is one of 30(3); the Rules have no class for it",
        ),
        "unfounded_contract": LawReading(
            "a contract document as the record of a provision without a basis",
            "effective method individual, three years",
            "R19(3) lets a document stand for a record of 27(1) or 28(1) only",
        ),
        "stops_27_5": LawReading(
            "a stop under 35 and a later entrustment, succession or valid joint use",
            "no finding",
            "the other party is no third party (27(5))",
        ),
        "recipient_only_exemptions": LawReading(
            "view only, unsolicited, not personal data for the recipient: the provider's duty",
            "as consent_27_1 on the consent that is stated; no duty of the recipient",
            "29(1) looks at the provider, 30(1) at the recipient; the text of the guideline "
            "(2-2-2) was not read",
        ),
        "before_2022": LawReading(
            "records made before 2022-04-01 with the old items",
            "judged by the items in force from 2022-04-01",
            "令和2年法律第44号 附則2条 to 8条 have no rule on records; a missing address or "
            "representative of the recipient is a record defect, which leaves the provision lawful",
        ),
        "opt_out_before_2022": LawReading(
            "an opt-out over before 2022-04-01 of what was received by opt-out, or acquired "
            "unlawfully",
            "no finding of that",
            "27(2), then 23(2), kept out special care-required data alone: the rest of its proviso "
            "came into force on that day (令和2年法律第44号 附則1条), and 附則2条 is of filings",
        ),
        "pseudonymous_before_2022": LawReading(
            "pseudonymously processed information of a transfer that was over before 2022-04-01",
            "judged as personal data, and part of a reply",
            "2(9) and 35-2, now 2(5) and 41, came into force on that day: who could tell the "
            "persons had personal data before, and 41(9) hides nothing of it",
        ),
        "consent_before_2022": LawReading(
            "a consent of before 2022-04-01 to a provision abroad, without what 28(2) asks for",
            "nothing is missing; a consent of an unknown day was given by the day of the transfer",
            "令和2年法律第44号 附則4条1項: 28(2) applies to consents obtained since",
        ),
        "referable_before_2022": LawReading(
            "personally referable information whose provision was over before 2022-04-01",
            "no duty",
            "31 (then 26-2) came into force on that day; a period that lasts beyond it is judged",
        ),
        "informed_before_2022": LawReading(
            "a consent of before 2022-04-01 that counts under 31(1)(i), without information abroad",
            "ART31_FOREIGN_INFORMATION_MISSING",
            "附則5条1項 makes up for the consent of item (i) alone",
        ),
        "referable_consent_on_receipt": LawReading(
            "31(1): a consent later than our receipt as personal data",
            "ART31_CONSENT_MISSING",
            "it is our own consent, so its day is no statement of the sender",
        ),
        "counterparty_unconfirmed": LawReading(
            "an address or a representative that is unknown to us as the recipient",
            "CONFIRMATION_INCOMPLETE beside COUNTERPARTY_INCOMPLETE, on every basis",
            "30(1)(i) asks to confirm both, and 30(3) to record what was confirmed",
        ),
        "penal_2022": LawReading(
            "numbers of the penal articles from 2022-04-01 to 2023-03-31",
            "177(i), 179, 180(i)",
            "令和3年法律第37号第51条 put five articles in before them; the Act as it stood then "
            "was not read, only that 148 was 145",
        ),
        "without_delay_35": LawReading(
            "how soon a request under 28(3), 32(2), 34 or 35 is answered",
            "ten business days from its arrival",
            "32(2), 34(2), 35(2)(4)(6)(7) and R18(3) say without delay; the two weeks of 39(1) are "
            "when a suit is possible, and it names neither 28(3) nor 32(2)",
        ),
        "papers_35": LawReading(
            "which papers a request under 28(3), 32(2), 34 or 35 needs",
            "those of a request for disclosure",
            "the published policy sends 34 and 35 to the customer desk and names no papers for any "
            "of them; 37(4); 37(1) does not name 28(3): there they show that the principal asks",
        ),
        "made_beforehand": LawReading(
            "an individual record made before its transfer, even more than three years before",
            "three years from the day it was made, as the sender states it, be they over or not",
            "29(2) and 30(4) count from the day of making (作成した日), and a record may be made "
            "beforehand; no day is said to be too early for that",
        ),
        "open_35_keeps_nothing": LawReading(
            "a record whose period ends while a request under 28(3), 32(2), 34 or 35 is open",
            "is destroyed on its day",
            "who asks for an erasure does not ask for records to be kept longer, and the others "
            "are answered without any; a hold does that",
        ),
        "fee_32_2": LawReading(
            "the fee for a notification of purposes (38(1))",
            "that of a disclosure, as the procedure publishes it",
            "32(1)(iii) and 38(2): no other amount is published",
        ),
        "referable_abroad": LawReading(
            "information on measures abroad of personally referable information",
            "not to be asked for",
            "31(2) reads 28(3) without the words on giving information",
        ),
        "before_the_first_procedure": LawReading(
            "a request that arrived before the first version of the procedure",
            "judged by the first version",
            "it has to be answered, and 37(1) lets the operator ask for what shows who asks",
        ),
        "eea_countries": LawReading(
            "Iceland, Liechtenstein, Norway",
            "equivalent",
            "see the note of their rows in `countries`",
        ),
    }
)
