"""Recognise key material and credentials, and show a value in a message without ever showing those.

It is a net, not a proof: a secret that looks like an ordinary word passes. What it must not do is echo one it caught,
so every message about a value that a person wrote goes through `show`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_LONGEST = 80

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"\bAKID[A-Za-z0-9_-]{8,}"), "a Tencent Cloud access key"),
    (re.compile(r"\b(LTAI[A-Za-z0-9]{8,}|STS\.[A-Za-z0-9]{8,})"), "an Alibaba Cloud access key"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}"), "an AWS access key"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"), "a token"),
    (re.compile(r"(?<![0-9A-Za-z])(0x)?([0-9A-Fa-f]{128}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{48})(?![0-9A-Za-z])"),
     "key material in hexadecimal"),
)  # fmt: skip
_SHORT_HEX = re.compile(r"(?<![0-9A-Za-z])(0x)?[0-9A-Fa-f]{32}(?![0-9A-Za-z])")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_SECRET_NAME = re.compile(
    r"(^|[._-])(secret|secrets|secret_?(key|id|access_?key)|password|passwd|passphrase|pwd|token|session_?token"
    r"|(access|api|private|client)_?key(_?(id|secret))?|key_?material|plaintext)$"
)


def secret_kind(text: str, *, identifier: bool = False) -> str:
    """What kind of secret the text looks like, for people; empty if it looks like none.

    `identifier` is for fields whose values are random by nature, such as CTYun's region ids of 32 hexadecimal digits.
    """
    if len(text) < 12:  # noqa: PLR2004  (nothing shorter is caught below)
        return ""
    for shape, kind in _SHAPES:
        if shape.search(text):
            return kind
    if identifier:
        return ""
    if _SHORT_HEX.search(text):
        return "key material in hexadecimal"
    if any(_is_random(run.group()) for run in _RUN.finditer(text)):
        return "key material or a credential"
    return ""


def is_secret_name(name: str) -> bool:
    """Whether a field of this name would hold a secret."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")
    return _SECRET_NAME.search(snake) is not None


def show(text: str, *, identifier: bool = False) -> str:
    """The text in quotes for a message, cut if it is long; a value that looks secret is not shown at all."""
    if secret_kind(text, identifier=identifier):
        return "this value (not shown)"
    return f'"{_printable(text)}"'


@lru_cache(maxsize=4096)
def label(name: str) -> str:
    """The name of a field for a path, likewise: a secret may have been written on the wrong side of a colon."""
    return "(not shown)" if secret_kind(name) else _printable(name)


def _printable(text: str) -> str:
    if len(text) <= _LONGEST and text.isprintable():
        return text
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    # Escape sequences in a message could rewrite the terminal's lines.
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)


def _is_random(run: str) -> bool:
    # Words keep to one class of characters for a while, random text changes it at about 6 steps of 10.
    if _UUID.fullmatch(run):
        return False
    bare = run.rstrip("=")
    padded = len(run) % 4 == 0 and run != bare
    if len(bare) < 30 and not padded:  # noqa: PLR2004  (the shortest secret key of the three clouds has 30 characters)
        return False
    classes = [_class(char) for char in bare if char not in "-_"]
    if not {"upper", "lower", "digit"} <= set(classes):
        # Random text without any digit is rare; a padded run is base64 whatever it is made of.
        return padded and {"upper", "lower"} <= set(classes)
    changes = sum(one != other for one, other in pairwise(classes))
    return padded or changes >= 0.38 * len(classes)


def _class(char: str) -> str:
    if char.isupper():
        return "upper"
    if char.islower():
        return "lower"
    return "digit" if char.isdigit() else "other"
