"""Characters that look like nothing, although their category says that they are seen.

Source: Unicode, Default_Ignorable_Code_Point (the Hangul fillers); U+2800, the empty Braille cell.
"""

FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol that are blank: the Hangul fillers and the empty Braille cell."""
