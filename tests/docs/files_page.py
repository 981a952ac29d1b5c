"""The tables of the page about files: columns, and why a file is not imported."""

from api.imports.columns import ENVELOPE, FIELDS_OF_A_ROW, NULLABLE
from api.imports.errors import SAYINGS
from api.resources.registers.fields import PERSON, CellKind, Field
from tests.docs.markdown import table

_CELLS = {
    CellKind.TEXT: "text",
    CellKind.CHOICE: "one of the schema's choices",
    CellKind.BOOLEAN: "`true` or `false`",
    CellKind.DAY: "`2026-01-15`",
    CellKind.INSTANT: "`2026-01-15T09:00:00+09:00`",
}


def tables() -> dict[str, str]:
    """Region → its table."""
    envelope = [(f"`{name}`", "text" if name != "order_11" else "`i` to `iv`") for name in ENVELOPE]
    fields = [(f"`{_name(field)}`", _cell(field)) for field in FIELDS_OF_A_ROW.values()]
    faults = [(f"`{code}`", said) for code, said in SAYINGS.items()]
    return {
        "import-columns": table(("column", "cell"), [*envelope, *fields]),
        "import-errors": table(("code", "what is told"), faults),
    }


def _name(field: Field) -> str:
    if not field.name.startswith(PERSON):
        return field.name
    return f"{PERSON}N.{field.name.removeprefix(PERSON)}"


def _cell(field: Field) -> str:
    many = ", several with `;`" if field.is_many else ""
    return _CELLS[field.kind] + many + (", or `null`" if field.name in NULLABLE else "")
