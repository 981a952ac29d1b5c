"""From a case to the letter that answers it: records found, letter made, bytes kept.

`replies` is what others call; `records` finds what belongs to a reply, `name_check` compares it
with the form, `letters` makes the letters of a case as values, `print_choices` says what they print
where the font lacks a character, `enclosures` makes what lies beside the letters (a medium's label
and password, separators), `enclosed_proof` the proof that goes with a medium, `document_errors`
says a failure of the process that sets documents as a refusal, `values` is what goes in and comes
back.
"""

from api.case_replies.enclosed_proof import ReplyProofs
from api.case_replies.name_check import NameCheck, check_still_named
from api.case_replies.replies import Replies
from api.case_replies.values import UNISSUED, ReplyDocument, ReplyRecords, ReplySources

__all__ = [
    "UNISSUED",
    "NameCheck",
    "Replies",
    "ReplyDocument",
    "ReplyProofs",
    "ReplyRecords",
    "ReplySources",
    "check_still_named",
]
