"""How the table of CTYun's operations is written and read: types, marks and sources.

Every name carries its mark: [S…] was read in that source, [I] is inferred from the vendor's naming rule, a check
message or the same operation at Alibaba Cloud, [I?] is assumed. A wrong guess is corrected in its row, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SOURCES: Mapping[str, str] = {
    "S1": "https://www.ctyun.cn/document/10014047/10043798",
    "S2": "https://ctyun.cn/document/10014047/10043835",
    "S3": "https://www.ctyun.cn/qzdh/143601_60",
    "S4": "https://ctyun.cn/document/10014047/10042505",
    "S5": "https://www.ctyun.cn/qzdh/143541_311",
    "S6": "https://github.com/OneHundred86/laravel-sm-ctyunkms",
    "S7": "https://www.ctyun.cn/document/10014047/10325274",
    "S8": "https://www.esurfingcloud.com/document/10014047/20697641",
    "S10": "https://www.esurfingcloud.com/document/10014047/10014531",
    "S12": "https://www.esurfingcloud.com/document/10014047/20697828",
    "S13": "https://www.esurfingcloud.com/document/10014047/20697827",
}


class Group(StrEnum):
    """The chapters of the vendor's documentation."""

    KEYS = "密钥生命周期管理"
    ALIASES = "别名管理"
    IMPORT = "外部密钥导入"
    VERSIONS = "密钥版本管理"
    CRYPTOGRAPHY = "密码运算"
    CERTIFICATES = "证书管理接口"
    ACCESS_POINTS = "应用接入点管理接口"
    TAGS = "标签管理接口"
    SISTER = "the private interface of an access point"
    """Not in the documentation; read in S6."""


class Type(StrEnum):
    """The JSON type of a field; the value is its name for people."""

    TEXT = "text"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    LIST = "a list"
    OBJECT = "an object"


_LETTERS = {None: Type.TEXT, "B": Type.BOOLEAN, "N": Type.INTEGER, "L": Type.LIST, "O": Type.OBJECT}


@dataclass(frozen=True)
class Field:
    """A name in a request or an answer."""

    wire: str
    mark: str
    type: Type = Type.TEXT
    required: bool = False
    instead: str = ""
    """Another field that will do in its place."""
    row: tuple[str, ...] = ()
    """What each element of a list of objects holds."""


@dataclass(frozen=True)
class Operation:
    """One call of the API, as the vendor has it."""

    path: str
    title: str
    """The vendor's own title."""
    group: Group
    mark: str
    """Of the path."""
    request: Mapping[str, Field] = field(default_factory=dict)
    answer: Mapping[str, Field] = field(default_factory=dict)
    repeatable: bool = True
    """Whether sending it twice does no harm."""

    @property
    def name(self) -> str:
        """The API action."""
        return self.path.rpartition("/")[2]

    @property
    def rows(self) -> Field:
        """The list in the answer of a listing."""
        return next(item for item in self.answer.values() if item.type is Type.LIST)


SECRETS = frozenset(
    {
        "plaintext", "input", "message", "passphrase", "pkcs12Blob", "encryptedKeyMaterial", "importToken",
        "privateKey", "secretKey", "exportedDataKey",
    }
)  # fmt: skip
"""Fields whose values must never become part of an error."""

_WORD = re.compile(
    r"\s*(?:\[(?P<mark>[^\]]+)\]"
    r"|(?P<wire>\w+)(?::(?P<letter>[BNLO]))?(?:\{(?P<row>[\w,]+)\})?(?P<need>[!?])?(?:\|(?P<instead>\w+))?(?=\s|$))\s*"
)


def fields(text: str) -> dict[str, Field]:
    """Read fields such as `cmkUuid! keyVersionId! [I] pageSize:N? [I?]`.

    `!` required, `?` optional; `:B` boolean, `:N` integer, `:L` list, `:O` object, else text; `{a,b}` what a list's
    elements hold; `a!|b` b will do in place of a. A mark counts for the fields before it, up to the mark before.
    """
    found: dict[str, Field] = {}
    unmarked: list[re.Match[str]] = []
    for match in _words(text):
        if match["mark"] is None:
            unmarked.append(match)
            continue
        found |= {word["wire"]: _field(word, match["mark"]) for word in unmarked}
        unmarked = []
    if unmarked:
        raise ValueError(f"{unmarked[0]['wire']} has no mark")
    return found


def _field(word: re.Match[str], mark: str) -> Field:
    row = tuple(word["row"].split(",")) if word["row"] else ()
    return Field(word["wire"], mark, _LETTERS[word["letter"]], word["need"] == "!", word["instead"] or "", row)


def _words(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise ValueError(f"not a field: {text[at:]!r}")
        yield match
        at = match.end()


def row(group: Group, title: str, path: str, mark: str, *texts: str, once: bool = False) -> Operation:
    """One row of the table: after the mark of the path the fields of the request, then those of the answer.

    `once`: sending it twice may do harm, or turn a success into a refusal.
    """
    request, answer = (*texts, "", "")[:2]
    return Operation(path, title, group, mark, fields(request), fields(answer), repeatable=not once)
