"""From a case to the letter that answers it: records found, letter made, bytes kept.

`replies` is the door; `records` finds what belongs to a reply, `naming` compares it with the form,
`letters` makes the letters of a case as values, `printing` says what they print where the font
lacks a character, `enclosing` makes what lies beside the letters (a medium's label and password,
separators), `proving` the proof that goes with a medium, `answering` says a failure of the process
that sets documents as a refusal, `values` is what goes in and comes back.
"""

from api.replying.naming import NameCheck, check_still_named
from api.replying.proving import Proving
from api.replying.replies import Replies
from api.replying.values import UNISSUED, Found, ReplyDocument, ReplySources

__all__ = [
    "UNISSUED",
    "Found",
    "NameCheck",
    "Proving",
    "Replies",
    "ReplyDocument",
    "ReplySources",
    "check_still_named",
]
