"""Parts of bulk transfers on their way in: bytes of the network become lines that can be checked.

`part` is what others call: it takes pieces in and keeps nothing but the lines of one batch.
`decompression` undoes the compression, `ndjson` and `table` (CSV) make lines of the content,
`digests` reads which hash the sender stated. Nothing here is awaited: whoever calls is in a thread.

Source: RFC 9110, section 8.4; RFC 1952; RFC 8878 and 9659; RFC 4180; RFC 8259.
"""

from api.resources.bulk.parts.decompression import CODINGS, Decompression, coding_of
from api.resources.bulk.parts.digests import parse_digest
from api.resources.bulk.parts.lines import Lines
from api.resources.bulk.parts.ndjson import NdjsonPart
from api.resources.bulk.parts.part import PartReader
from api.resources.bulk.parts.table import CsvPart

__all__ = [
    "CODINGS",
    "CsvPart",
    "Decompression",
    "Lines",
    "NdjsonPart",
    "PartReader",
    "coding_of",
    "parse_digest",
]
