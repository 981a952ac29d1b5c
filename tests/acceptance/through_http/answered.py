"""A decision of a case, with the letter that it is told by."""

from dataclasses import dataclass, field

from tests.acceptance.through_http.documents import Letter


@dataclass(slots=True)
class Reply:
    """A decision of the case, and the letter that answers with it.

    Attributes:
        n: which reply of the case it is, or would be.
        lines: keys of the records on the lines, in their order.
        counted: records as the answer to the search counts them.
    """

    case: str
    n: int
    decision: str
    grounds: list[str]
    counted: int
    letter: Letter = field(default_factory=lambda: Letter({}), repr=False)
    lines: list[str] = field(default_factory=list[str])
    supplementary: bool = False

    @property
    def template(self) -> str:
        return self.letter.content["kind"]

    @property
    def line_numbers(self) -> list[int]:
        return [one["number"] for one in self.letter.lines]
