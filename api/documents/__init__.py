"""Documents that are sent out: certificates, letters, cover reports, as tagged PDF/A-3a.

`renderer` sets a template with Typst, `glyphs` refuses what the font cannot print, `substitutes`
prints what was chosen in its place and tells it, `font` is that font, `errors` what is refused. One
module a document (`certificate`, `letters` with `annexes`, `address`, `medium`, `separator`,
`report` with `report_counts` and `charts`, `audit_report`) says what stands in it; how it looks
stands in `templates`. `process` has letters set in a process of their own, which runs `worker`.
Data enters a template as JSON and never as Typst source.
"""

from api.documents.address import AddressSheet, Window, address_sheet_pdf, pages_of
from api.documents.certificate import certificate_pdf
from api.documents.errors import (
    FontError,
    RenderingError,
    RenderingStoppedError,
    UnprintableTextError,
)
from api.documents.letters import letter_pdf
from api.documents.medium import MediumLabel, PasswordLetter
from api.documents.process import Renderer, SetReply
from api.documents.renderer import Attachment, Document, render
from api.documents.separator import Separator

__all__ = [
    "AddressSheet",
    "Attachment",
    "Document",
    "FontError",
    "MediumLabel",
    "PasswordLetter",
    "Renderer",
    "RenderingError",
    "RenderingStoppedError",
    "Separator",
    "SetReply",
    "UnprintableTextError",
    "Window",
    "address_sheet_pdf",
    "certificate_pdf",
    "letter_pdf",
    "pages_of",
    "render",
]
