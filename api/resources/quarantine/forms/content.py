"""A rejected item as the text that was sent, for what fields cannot show."""

from typing import Final
from urllib.parse import quote_plus

import orjson

from api.problems.refusals import DuplicateMemberError, MalformedBodyError, NotUtf8Error
from api.resources.quarantine.forms.fields import RepairFormValues
from api.web.intake import parse_json
from api.web.pages.forms import BYTES_MAX, Form
from ledger.values import Json

CONTENT: Final = "content"
"""The field that holds the text."""
TWICE: Final = "同じ名前の項目が二つあります。どちらかを除いてください。"
NO_JSON: Final = "JSON として読めません（{line}行目、{column}文字目の付近）。"
_OTHER_FIELDS_BYTES: Final = 64 * 1024
"""What a form needs for everything else, in bytes."""


def form_of(item: Json) -> Form:
    """The form with the item as text."""
    return Form({CONTENT: (text_of(item),)})


def text_of(item: Json) -> str:
    """The item as JSON, a member a line."""
    return orjson.dumps(item, option=orjson.OPT_INDENT_2).decode()


def is_too_long(item: Json) -> bool:
    """Whether a form cannot bring the item."""
    return len(quote_plus(text_of(item))) > BYTES_MAX - _OTHER_FIELDS_BYTES


def read(form: Form) -> RepairFormValues:
    """The item that the text states."""
    text = raw_text(form)
    try:
        return RepairFormValues(parse_json(text.encode()), {})
    except DuplicateMemberError:
        return RepairFormValues(None, {CONTENT: TWICE})
    except MalformedBodyError as error:
        before = text.encode()[: error.byte].decode(errors="ignore")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return RepairFormValues(None, {CONTENT: NO_JSON.format(line=line, column=column)})
    except (NotUtf8Error, UnicodeEncodeError):
        return RepairFormValues(None, {CONTENT: NO_JSON.format(line=1, column=1)})


def raw_text(form: Form) -> str:
    """The text as it was typed, with every blank around it."""
    return form.fields.get(CONTENT, ("",))[0]
