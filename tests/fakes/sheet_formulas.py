"""What formulas show in the fake: literal sums, texts and links. Anything else shows 0 unless the test says what."""

import ast
import operator
import re
from collections.abc import Callable, Mapping

Result = tuple[str | int | float | bool, str | None]

ERRORS: Mapping[str, str] = {
    "#ERROR!": "ERROR",
    "#NULL!": "NULL_VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#REF!": "REF",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
}
PARSE_ERROR: Result = ("#ERROR!", "Formula parse error.")
OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluated(formula: str) -> Result:
    """What a formula shows, and the message if it shows an error."""
    body = formula[1:].strip()
    if text := re.fullmatch(r'"((?:[^"]|"")*)"', body):
        return text[1].replace('""', '"'), None
    if link := re.fullmatch(r'HYPERLINK\("[^"]*"[;,]\s*"([^"]*)"\)', body, re.IGNORECASE):
        return link[1], None
    if body.upper() in ("TRUE", "FALSE"):
        return body.upper() == "TRUE", None
    if re.fullmatch(r"[-+*/(). ,\d]+", body):
        return _sum(body.replace(",", "."))
    return (0, None) if re.match(r"[-+]*[$A-Za-z_'\"(]", body) else PARSE_ERROR


def _sum(body: str) -> Result:
    try:
        value = _node(ast.parse(body, mode="eval").body)
    except (SyntaxError, KeyError, TypeError):
        return PARSE_ERROR
    except ZeroDivisionError:
        return "#DIV/0!", "Function DIVIDE parameter 2 cannot be zero."
    return (int(value) if value.is_integer() else value), None


def _node(node: ast.AST) -> float:
    match node:
        case ast.BinOp(left=left, op=sign, right=right):
            return OPERATORS[type(sign)](_node(left), _node(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_node(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _node(operand)
        case ast.Constant(value=int() | float() as value):
            return float(value)
    raise TypeError(node)
