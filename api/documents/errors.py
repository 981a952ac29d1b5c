"""What a document may be refused for. No message repeats a text: it may be somebody's name."""

from ledger.errors import BrokenWorldError


class UnprintableTextError(Exception):
    """Some characters of a text cannot be printed as they were written.

    The font lacks them, or they are invisible or reorder what stands around them. The document is
    not made: a name printed in another character is a wrong name.

    Attributes:
        places: JSON Pointer (RFC 6901) to each text concerned → its unprintable characters, each
            with its variation selector and marks. For the officer's eyes, never for a log.
    """

    def __init__(self, places: dict[str, tuple[str, ...]]) -> None:
        super().__init__(f"{len(places)} texts hold characters that the font cannot print")
        self.places = places


class FontError(BrokenWorldError):
    """The installed font is not the one that documents are made with."""


class RenderingError(BrokenWorldError):
    """A template is broken.

    Attributes:
        template: its name.
        diagnostic: what the typesetter says; it may quote the data, so it is for developers only.
    """

    def __init__(self, template: str, diagnostic: str) -> None:
        super().__init__(f"the template {template} cannot be set")
        self.template = template
        self.diagnostic = diagnostic


class RenderingStoppedError(Exception):
    """The process that sets documents ended or took too long; another one takes the next."""
