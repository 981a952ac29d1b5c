"""What the letters of a case print for characters that the font lacks: the body, and as shown."""

from typing import Annotated, Final

from fastapi import Body
from pydantic import Field

from api.resources.cases.schemas.bodies import CaseBody
from api.web.bodies import Model, Text
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.cases.events.substitute import Substitute
from ledger.cases.print_step import SUBSTITUTES_MAX
from ledger.policies.substitutes import AS_CODE_POINTS, OTHERS, PRINTED_MAX, WRITTEN_MAX
from ledger.values import Json

_EXAMPLE: Final[dict[str, Json]] = {
    "substitutes": [
        {
            "written": "\u9089\U000e010f",
            "printed": "\u9089",
            "evidence": "戸籍統一文字の親字。12月1日、電話でご本人の了承を得た",
        }
    ]
}
_OTHERS: Final[dict[str, Json]] = {
    "substitutes": [],
    "others": {"evidence": "提供元の独自の外字。12月1日、電話でご本人の了承を得た"},
}
SUBSTITUTES: Final[Schema] = {
    "type": "array",
    "items": closed(
        {
            "written": {"type": "string", "description": "as the data hold it; empty: all others"},
            "code_points": {"type": "string", "description": "of `written`: U+9089 U+E010F"},
            "printed": {"type": "string", "description": "what letters print; `U+`: code points"},
            "evidence": {"type": "string", "description": "why, for the approver to judge"},
        }
    ),
    "maxItems": SUBSTITUTES_MAX + 1,
    "description": "characters that the letters print in another form",
}


class Instead(Model):
    """One character that the font lacks, and the form that is printed in its place."""

    written: Annotated[
        str,
        Field(
            min_length=1,
            max_length=WRITTEN_MAX,
            description="the character as the data hold it, with its variation selector and its"
            " marks; what cannot be seen stands with the character beside it",
        ),
    ]
    printed: Annotated[
        str,
        Field(
            min_length=1,
            max_length=PRINTED_MAX,
            description="the character itself, without what cannot be printed of it; of what"
            " cannot be printed at all, one kanji, kana or other letter",
        ),
    ]
    evidence: Annotated[Text, Field(description="where the form is from, or who agreed, and when")]

    def value(self) -> Substitute:
        """The same as the domain knows it."""
        return Substitute(self.written, self.printed, self.evidence)


class Others(Model):
    """Every other character that the font lacks is printed by its code points: 〔U+F0000〕."""

    evidence: Annotated[Text, Field(description="why they have no form, or who agreed, and when")]


class PrintedForms(CaseBody):
    """All choices of the case: they replace those that stand, none takes them back.

    The letters print these forms and tell it; JSON and CSV keep what was written.
    """

    substitutes: Annotated[list[Instead], Field(max_length=SUBSTITUTES_MAX)]
    others: Annotated[
        Others | None,
        Field(description="absent: a letter with a character that has no form is refused"),
    ] = None

    def values(self) -> tuple[Substitute, ...]:
        """The same as the domain knows them."""
        chosen = [one.value() for one in self.substitutes]
        if self.others is not None:
            chosen.append(Substitute(OTHERS, AS_CODE_POINTS, self.others.evidence))
        return tuple(chosen)


OfPrintedForms = Annotated[
    PrintedForms,
    Body(
        openapi_examples={
            "variation": example("A variation that the font lacks", _EXAMPLE),
            "others": example("Characters that have no form", _OTHERS),
        }
    ),
]
