"""What a person does on the pages, counted in the browser itself.

**An activation** is a click that reaches a link, a button or a summary, whatever made it: Enter,
Space, Ctrl+Enter, a key of the key map, or the mouse. All of them end in the `click` event of the
browser, and that is what is counted. It is the click of the budget of the officer's flow, 3.5.

**A mark** is a click that reaches a box or a radio. The budget counts these with the papers.

No activation: what only moves (Tab, arrows, `j`, `k`, `/`), what is typed, the choice of an option
of a list, a scanner's Enter, a page that leads on by itself, and what is no page of ours (signing
in, closing the tab of a letter).

**A mouse** is every press of a pointer: a walk by keyboard has none.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from playwright.sync_api import Page

_BINDING: Final = "ledgerCounts"
_SCRIPT: Final = """
(() => {
  if (!location.href.startsWith("$URL")) return;
  const told = (one) => (one.textContent || "").replace(/\\s+/g, " ").trim().slice(0, 30);
  addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const marked = at?.closest("input[type=checkbox], input[type=radio]");
    const pressed = at?.closest("button, a[href], summary, input[type=submit]");
    if (marked) $BINDING("marks", marked.name);
    else if (pressed) $BINDING("activations", told(pressed));
  }, true);
  addEventListener("pointerdown", () => $BINDING("mouse", ""), true);
})();
"""
Kind = Literal["activations", "marks", "mouse"]


@dataclass(slots=True)
class Counts:
    """What one person did since they began.

    Attributes:
        activations: the words of each link or button, in their order.
        marks: the name of each box and radio.
        mouse: one for each press of a pointer.
    """

    activations: list[str] = field(default_factory=list[str])
    marks: list[str] = field(default_factory=list[str])
    mouse: list[str] = field(default_factory=list[str])

    def count(self, kind: Kind, words: str) -> None:
        getattr(self, kind).append(words)

    def begin(self) -> None:
        """Forget what was before: signing in."""
        for one in (self.activations, self.marks, self.mouse):
            one.clear()


def counted(page: Page, url: str) -> Counts:
    """Count what happens on the pages of that address, from their next one on."""
    counts = Counts()

    def told(_: object, kind: Kind, words: str) -> None:
        counts.count(kind, words)

    page.expose_binding(_BINDING, told)  # pyright: ignore[reportUnknownMemberType] -- it takes any function
    page.add_init_script(_SCRIPT.replace("$URL", url).replace("$BINDING", _BINDING))
    return counts
