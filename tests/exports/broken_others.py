"""Defects of what witnesses and an authority said; `tests.exports.broken` makes the bags."""

from collections.abc import Mapping

from ledger.exports.verify import COSIGNED, HASH, MISSING, NOTE, SIGNATURE, STAMP, STAMPED
from tests.exports.defects import Defect, copied_to, cut, each, in_text, lose, told

BY_OTHERS: Mapping[str, Defect] = {
    "the witnesses' checkpoint is gone": Defect(MISSING, "cosigned", lose(COSIGNED)),
    "the witnesses' checkpoint is gone, and the manifests are anew": Defect(
        MISSING, "cosigned", lose(COSIGNED), is_resealed=True
    ),
    "the witnesses' checkpoint is gone, and the bag says that there is none": Defect(
        SIGNATURE,
        "another bag's",
        each(lose(COSIGNED), told(cosigned=None)),
        is_resealed=True,
    ),
    "the witnesses' checkpoint is there, and the bag says that there is none": Defect(
        HASH, "cosigned", told(cosigned=None), is_resealed=True
    ),
    "the witnesses' checkpoint is said to be of another size": Defect(
        HASH, "cosigned", told(cosigned=6), is_resealed=True
    ),
    "the witnesses' checkpoint is of a size that is none": Defect(
        HASH, "cosigned", told(cosigned="7"), is_resealed=True
    ),
    "the witnesses' checkpoint is not the log's": Defect(
        SIGNATURE, "this key", in_text(COSIGNED, "\n7\n", "\n8\n"), is_resealed=True
    ),
    "the stamped checkpoint is gone, and the manifests are anew": Defect(
        MISSING, "stamped", lose(STAMPED), is_resealed=True
    ),
    "the time stamp is gone": Defect(MISSING, "timestamp.tsr", lose(STAMP)),
    "the time stamp is gone, and the manifests are anew": Defect(
        MISSING, "timestamp.tsr", lose(STAMP), is_resealed=True
    ),
    "the time stamp is there, and the bag says that there is none": Defect(
        HASH, "stamped", told(stamped=None), is_resealed=True
    ),
    "the time stamp is on another checkpoint": Defect(
        SIGNATURE,
        "is not on",
        each(copied_to(NOTE, STAMPED), told(stamped=8)),
        is_resealed=True,
    ),
    "the time stamp is cut short": Defect(
        SIGNATURE, "no time stamp", cut(STAMP, 40), is_resealed=True
    ),
    "something stands behind the time stamp": Defect(
        SIGNATURE, "no time stamp", cut(STAMP, 1, b"\0\0\0"), is_resealed=True
    ),
    "the stamped checkpoint is not the log's": Defect(
        SIGNATURE, "this key", in_text(STAMPED, "\n6\n", "\n8\n"), is_resealed=True
    ),
}
"""They need a bag with both."""
