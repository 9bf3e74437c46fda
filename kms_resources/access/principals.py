"""Who asks: principals, their kinds and the short form in which a stack writes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class PrincipalKind(StrEnum):
    """Who may ask."""

    ACCOUNT = "account"
    """The account itself (root, main account). In a statement: the account with everybody in it."""
    USER = "user"
    ROLE = "role"
    GROUP = "group"
    """Only in statements and attachments; nobody asks as a group."""
    ACCESS_POINT = "access_point"
    """Whoever holds a client key or tenant credential of this access point."""


_WRITTEN = {str(each): each for each in PrincipalKind if each is not PrincipalKind.ACCOUNT}


@dataclass(frozen=True, order=True)
class Principal:
    """Somebody who asks, or a statement's word for it."""

    kind: PrincipalKind
    account: str
    name: str = ""
    """Empty for an account."""
    groups: tuple[str, ...] = ()
    """Groups a user belongs to, where the world does not say it itself."""
    uin: str = ""
    """Tencent: the number of a user, where it is known and differs from the name."""

    @property
    def plain(self) -> Principal:
        """The same without groups and number: what names it."""
        return Principal(self.kind, self.account, self.name) if self.groups or self.uin else self

    def short(self, owner: str) -> str:
        """The form of a stack: `user/NAME`, `account`, `<account>:role/NAME`, `account:<id>`."""
        if self.kind is PrincipalKind.ACCOUNT:
            return "account" if self.account == owner else f"account:{self.account}"
        text = f"{self.kind}/{self.name}"
        return text if self.account == owner else f"{self.account}:{text}"


@lru_cache(maxsize=50_000)
def holders_of(attached_to: tuple[str, ...], account: str) -> frozenset[Principal]:
    """Whom a document of an account is attached to."""
    return frozenset(parse_principal(text, account) for text in attached_to)


@lru_cache(maxsize=50_000)
def parse_principal(text: str, owner: str) -> Principal:
    """Read the short form. Raises ValueError with one sentence that names what is allowed."""
    if text == "account":
        return Principal(PrincipalKind.ACCOUNT, owner)
    if text.startswith("account:") and text[8:]:
        return Principal(PrincipalKind.ACCOUNT, text[8:])
    head, slash, name = text.partition("/")
    account, colon, kind = head.rpartition(":")
    if not slash or not name or kind not in _WRITTEN or (colon and not account):
        raise ValueError(
            f"{text!r} is not a principal; allowed: user/NAME, role/NAME, group/NAME, access_point/NAME, account, "
            "account:ID, and ID:user/NAME or ID:role/NAME for another account"
        )
    return Principal(_WRITTEN[kind], account or owner, name)
