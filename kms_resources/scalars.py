"""What an unquoted YAML value means, and which ones are refused because readers disagree about them.

A value is taken only if YAML 1.1 and YAML 1.2 give it the same meaning and that meaning is what a person sees.
`no` is a boolean in 1.1 and a word in 1.2; `0o17`, `017`, `1_000`, `1:30` and `2027-06-30` are numbers or dates to one
of them. Those have to be written in a way that leaves no doubt, which in most cases means: in quotes.
"""

from __future__ import annotations

import re

Value = str | int | float | bool | None

_BOOLEANS = {"true": True, "false": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SAME_IN_ALL = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_PLAIN_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_BOOLEAN_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false"})
_QUOTE = "quotes around it if the text is meant"

_ODD: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"[-+]?0o[0-7_]+|[-+]?0[0-9_]+"), "is an octal number to some YAML readers",
     "a decimal number without leading zeros, or quotes if the text is meant"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+|[-+]?0b[01_]+"), "is a hexadecimal or binary number to YAML",
     "a decimal number, or quotes if the text is meant"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "is a number to base 60 in YAML 1.1", _QUOTE),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "is a date in YAML 1.1", _QUOTE),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), "is a number without value in YAML", _QUOTE),
    (re.compile(r"[-+]?[0-9][0-9_,]*"), "is not a number that all YAML readers take alike",
     "a decimal number of at most 18 digits with nothing in between, or quotes if the text is meant"),
    (re.compile(r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"),
     "is not a number that all YAML readers take alike", _QUOTE),
    (re.compile(r"=|<<"), "has a meaning of its own in YAML 1.1", _QUOTE),
)  # fmt: skip
_BEGIN_ODD = frozenset("+-.0123456789=<")
"""Every number, and everything else in `_ODD`, begins with one of these."""


def read_plain(text: str) -> tuple[Value, str, str]:
    """The meaning of an unquoted value; then, if it is refused, why and what to write instead."""
    if text[:1] in _BEGIN_ODD:
        return _read_number(text)
    if text in _BOOLEANS:
        return _BOOLEANS[text], "", ""
    if text in _NULLS:
        return None, "", ""
    if text.lower() in _BOOLEAN_WORDS:
        return text, "is a boolean to some YAML readers and a word to others", "true, false, or quotes around the word"
    return text, "", ""


def _read_number(text: str) -> tuple[Value, str, str]:
    if _SAME_IN_ALL.fullmatch(text) and text != "-0":
        return int(text), "", ""
    if _PLAIN_FLOAT.fullmatch(text):
        return float(text), "", ""
    for shape, why, allowed in _ODD:
        if shape.fullmatch(text):
            return text, why, allowed
    return text, "", ""
