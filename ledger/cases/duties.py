"""Who prepared what stands, and so may not approve it: one person's work, another's approval.

The product's own rule; how far it reaches is a setting of the procedure.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from ledger.law.procedure.questions import Preparers
from ledger.policies.substitutes import composed

EVERY_STEP: Preparers = "every_step"


@dataclass(frozen=True, slots=True)
class StepActors:
    """Who took which step of what stands; a step that is void has nobody.

    Whoever took the request in, asked for a correction or took further papers in prepared nothing:
    each envelope is looked at by somebody afterwards.

    Attributes:
        checked: took the newest look at the papers; verified: said that who asks may ask.
        identified: said who the person is.
        decided: on the records, on the measures, or refused; submitted: asked for the approval of
            that decision, also when it was sent back since.
        substituted: (written, printed, who said so) of each form that the letters print, both
            texts composed; whoever says it once more, in any spelling, said it too, and takes
            nobody's place.
    """

    checked: str | None = None
    verified: str | None = None
    identified: str | None = None
    decided: str | None = None
    submitted: frozenset[str] = frozenset()
    substituted: frozenset[tuple[str, str, str]] = frozenset()

    def checking(self, actor: str | None) -> "StepActors":
        """After a look at the papers; after further papers, which nobody has looked at (None)."""
        return StepActors(checked=actor, substituted=self.substituted)

    def verifying(self, actor: str) -> "StepActors":
        """After the verification."""
        return StepActors(checked=self.checked, verified=actor, substituted=self.substituted)

    def identifying(self, actor: str | None) -> "StepActors":
        """After a search; after a reopening, which has found nobody yet (None)."""
        found = StepActors(checked=self.checked, verified=self.verified, identified=actor)
        return replace(found, substituted=self.substituted)

    def deciding(self, actor: str) -> "StepActors":
        """After a decision: nobody has submitted it."""
        return replace(self, decided=actor, submitted=frozenset())

    def submitting(self, actor: str) -> "StepActors":
        """After the decision was submitted, once more too."""
        return replace(self, submitted=self.submitted | {actor})

    def substituting(self, actor: str, forms: Collection[tuple[str, str]]) -> "StepActors":
        """After a choice of printed forms: (written, printed) of all that stand from here on."""
        texts = {(composed(written), composed(printed)) for written, printed in forms}
        kept = {one for one in self.substituted if one[:2] in texts}
        chosen = {(written, printed, actor) for written, printed in texts}
        return replace(self, substituted=frozenset(kept | chosen))

    def preparers(self, reading: Preparers) -> frozenset[str]:
        """Who may not approve.

        Args:
            reading: `preparers` of the procedure that the case falls under.
        """
        named = {self.decided}
        if reading == EVERY_STEP:
            named |= {self.checked, self.verified, self.identified}
            named |= {who for _, _, who in self.substituted}
        return self.submitted | {one for one in named if one is not None}
