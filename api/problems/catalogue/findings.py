"""Findings are settled by who has seen them: 409. The caller looks at the transfer again."""

from api.problems.kind import READ_AGAIN, Text, kind

NOTHING_TO_SETTLE = kind(
    "nothing-to-settle",
    409,
    Text("No finding stands", "処置する所見がありません"),
    Text(
        "No finding stands, of the transfer or of one of its persons.",
        "この記録にも、その本人にも、所見はありません。",
    ),
    READ_AGAIN,
)
FINDINGS_DIFFER = kind(
    "findings-differ",
    409,
    Text("Other findings stand", "所見が、示された内容と異なります"),
    Text(
        "The findings that stand are not those that were named.",
        "現在の所見は、指定された所見と同じではありません。",
    ),
    READ_AGAIN,
)
