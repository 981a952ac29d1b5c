"""What a page tells whoever comes second."""

import re
from html import unescape

CONFLICT = "ほかの担当者が先に更新しました"
_TABLE = re.compile(r'<section id="differing".*?</section>', re.DOTALL)
_ROW = re.compile(r'<tr role="row"><th scope="row".*?</tr>', re.DOTALL)


def differing_rows(page: str) -> list[tuple[str, ...]]:
    """The rows of the table of what differs: what it is about, what stands, what was typed."""
    found = _TABLE.search(page)
    rows = _ROW.findall(found[0] if found else "")
    return [tuple(map(unescape, re.findall(r"<span[^>]*>([^<]*)</span>", one))) for one in rows]
