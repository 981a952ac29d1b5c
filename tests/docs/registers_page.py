"""The tables of the page about registers: fields, problems of rows, errors of files."""

from api.resources.registers import errors
from api.resources.registers.fields import FIELDS, LABELS, UNKNOWN, CellKind, Field
from api.resources.registers.problems import MISSING, SAYINGS
from tests.docs.markdown import table

_CELLS = {
    CellKind.TEXT: "text",
    CellKind.CHOICE: "one of the choices",
    CellKind.BOOLEAN: "TRUE or FALSE, or `values`",
    CellKind.DAY: "a day",
    CellKind.INSTANT: "a day and a time",
}


def tables() -> dict[str, str]:
    """Region → its table."""
    fields = [(f"`{name}`", LABELS[name], _cell(field)) for name, field in FIELDS.items()]
    problems = [(f"`{code}`", said) for code, said in SAYINGS.items() if code != MISSING]
    missing = (f"`{MISSING}`", "必要な事項がありません（条文とともに示します）。記入してください。")
    faults = [(f"`{code}`", said) for code, said in errors.SAYINGS.items()]
    return {
        "register-fields": table(("field", "what", "cell"), fields),
        "register-problems": table(("code", "what is told"), [missing, *problems]),
        "register-errors": table(("code", "what is told"), faults),
    }


def _cell(field: Field) -> str:
    told = _CELLS[field.kind] + (", several" if field.is_many else "")
    return told + (", may be `unknown`" if field.name in UNKNOWN else "")
