"""From a case to the letter that answers it: records found, letter made, bytes kept.

`replies` is the door; `records` finds what belongs to a reply, `answering` says a failure of the
process that sets documents as a refusal, `values` is what goes in and comes back.
"""

from api.replying.replies import Replies
from api.replying.values import Found, ReplyDocument, ReplySources, verification_code

__all__ = ["Found", "Replies", "ReplyDocument", "ReplySources", "verification_code"]
