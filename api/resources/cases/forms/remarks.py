"""What an officer says beside the facts of a look at the papers, as lines of its note.

The look itself knows whether two addresses are one and why; that they are spelled otherwise, why
they are two, and that numbers of an insurance were blacked out, are lines of the note, which both
people and the page read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.web.pages.words import JUDGEMENTS

PAIRS: Final[Mapping[str, str]] = {
    "form_registered": "申請書と登録住所",
    "identity_form": "本人確認書類と申請書",
}
"""Which two addresses are judged on → what the pair is called."""

_JUDGED: Final = re.compile(r"【住所の照合：([^】]*)】([^　]*)(?:　理由：(.*))?")
_BLACKED: Final = re.compile(r"【黒塗りを確認】([0-9]+)番目の書類")


@dataclass(frozen=True, slots=True)
class Remarks:
    """What stands in a note.

    Attributes:
        text: what was written freely.
        judged: pair → (judgement, reason).
        blacked_out: the numbers, from 1, of the papers whose numbers are blacked out.
    """

    text: str = ""
    judged: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    blacked_out: tuple[int, ...] = ()

    def note(self) -> str | None:
        """The note; None when it says nothing."""
        lines = [self.text] if self.text else []
        for pair, (judgement, reason) in self.judged.items():
            # Why two addresses are one is a fact of the look itself.
            why = f"　理由：{reason}" if reason and judgement == "differs" else ""
            if judgement == "spelling" or why:
                lines.append(f"【住所の照合：{PAIRS[pair]}】{JUDGEMENTS[judgement]}{why}")
        lines += [f"【黒塗りを確認】{n}番目の書類" for n in self.blacked_out]
        return "\n".join(lines) or None


def remarks_of(note: str | None) -> Remarks:
    """What stands in a note; a line that the page did not write is free text."""
    pairs = {label: pair for pair, label in PAIRS.items()}
    judgements = {label: judgement for judgement, label in JUDGEMENTS.items()}
    free: list[str] = []
    judged: dict[str, tuple[str, str]] = {}
    blacked: list[int] = []
    for line in (note or "").splitlines():
        judged_line, out = _JUDGED.fullmatch(line), _BLACKED.fullmatch(line)
        if judged_line is not None and judged_line[1] in pairs and judged_line[2] in judgements:
            judged[pairs[judged_line[1]]] = (judgements[judged_line[2]], judged_line[3] or "")
        elif out is not None:
            blacked.append(int(out[1]))
        else:
            free.append(line)
    return Remarks("\n".join(free), judged, tuple(blacked))
