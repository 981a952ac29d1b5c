"""From a case to the letter that answers it: records found, letter made, bytes kept.

`replies` is the door; `records` finds what belongs to a reply, `rendering` hands letters to a
process of their own (`worker`), `values` is what comes back.
"""

from api.replying.replies import Replies
from api.replying.values import Found, ReplyDocument, verification_code

__all__ = ["Found", "Replies", "ReplyDocument", "verification_code"]
