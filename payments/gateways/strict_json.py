"""JSON written by strangers, read strictly."""

import json
from decimal import Decimal
from typing import Any, NoReturn


def read_json(raw: bytes) -> Any:
    """Return the one JSON document in `raw`; numbers with a fraction become Decimal, never float.

    Raises ValueError with a short reason, without quoting the document, for everything else: bytes that are
    not UTF-8, a byte order mark, a second document, NaN and Infinity, integers of thousands of digits,
    nesting deeper than the interpreter can follow, and one name given twice in an object (which value counts
    depends on the reader, so it is a way to show one thing to a filter and another to us).
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique_names
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number out of range") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    thing = dict(pairs)
    if len(thing) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return thing
