"""Rules about who may use a key: policies, access points and their credentials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from kms_resources.access.rules import Who
from kms_resources.access.words import ActionClass
from kms_resources.problems import Path
from kms_resources.rules.grants import ACCOUNT, EVERYONE, Grant
from kms_resources.rules.keys import ending
from kms_resources.rules.words import Hit, Scene, Values
from kms_resources.uses import DesiredPolicy

_PLAIN = frozenset({ActionClass.USE_DECRYPT, ActionClass.SECRETS})
"""What gives plaintext."""
_POWER = _PLAIN | {ActionClass.USE_SIGN}
"""What gives plaintext or speaks in the key's name."""
_USE = _POWER | {ActionClass.USE_ENCRYPT}
_ADMINISTRATION = frozenset({ActionClass.ADMINISTER, ActionClass.DELETE, ActionClass.POLICY})
EVERY_KEY = "key/*"


def wildcard_principal(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Statements that let in people whom they do not name."""
    for policy, grant in _allowed(scene):
        if grant.not_who:
            yield Hit(grant.who_path, "everybody but those who are named may, also in other accounts", policy.key)
        for place, who in enumerate(grant.who):
            if (who.kind == EVERYONE or "*" in who.name or "?" in who.name) and not grant.not_who:
                said = "everybody, in whichever account," if who.kind == EVERYONE else f"every {_short(who)}"
                yield Hit(_principal_at(grant, place), f"{said} may {_listed(grant.classes)}", policy.key)


def whole_account(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Use of a key for everybody in an account."""
    for policy, grant in _allowed(scene):
        use = grant.classes & _POWER
        for place, who in enumerate(grant.who):
            if who.kind == ACCOUNT and use and not grant.not_who:
                message = f"everybody in {_account(who)} may {_listed(use)}"
                yield Hit(_principal_at(grant, place), message, policy.key)


def decrypt_to_other_account(scene: Scene, values: Values) -> Iterator[Hit]:
    """Plaintext for somebody else's account."""
    configured = values["accounts"]
    trusted = {str(one) for one in configured} if isinstance(configured, list | tuple) else set()
    for policy, grants in scene.grants:
        own, sure = _own_accounts(policy, grants, trusted, scene.accounts.get(policy.key, ""))
        for grant in grants:
            if not grant.allow or not grant.classes & _PLAIN:
                continue
            for place, who in enumerate(grant.who):
                if who.account and who.account not in own and not grant.not_who:
                    which = "another account" if sure else "perhaps another account (name yours in `accounts`)"
                    message = f"{_short(who)} of account {who.account}, {which}, may decrypt"
                    yield Hit(_principal_at(grant, place), message, policy.key)


def _own_accounts(
    policy: DesiredPolicy, grants: Iterable[Grant], trusted: set[str], known: str
) -> tuple[set[str], bool]:
    """The accounts that are one's own, and whether that is sure."""
    named = {who.account for grant in grants for who in grant.who if who.account}
    short = any(not who.account and who.kind != EVERYONE for grant in grants for who in grant.who)
    own = trusted | ({known} if known else set())
    if own or short:
        return own, True
    if policy.native is None:
        return set(), False  # nobody has to write a number for one's own account
    # A document in a cloud's own form always has full names: the only account in it is one's own.
    return (named, True) if len(named) == 1 else (set(), False)


def administration_and_use(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Principals who may both change a key and use it."""
    for policy, grants in scene.grants:
        seen: dict[Who, tuple[set[ActionClass], Path]] = {}
        for grant in grants:
            for place, who in enumerate(grant.who if grant.allow and not grant.not_who else ()):
                classes, _ = seen.setdefault(who, (set(), _principal_at(grant, place)))
                classes |= grant.classes
        own, sure = _own_accounts(policy, grants, set(), scene.accounts.get(policy.key, ""))
        for who, (classes, path) in seen.items():
            left = classes - _taken(grants, who)
            if sure and who.account and who.account not in own:
                continue  # another account can never administer a key, whatever the policy says
            if left & _USE and left & _ADMINISTRATION:
                both = f"{_listed(left & _ADMINISTRATION)} and also {_listed(left & _USE)}"
                yield Hit(path, f"{_short(who)} has {both}", policy.key)


def _taken(grants: Iterable[Grant], who: Who) -> set[ActionClass]:
    """Classes that some statement denies completely and always."""
    wider = {who, Who(EVERYONE), Who(ACCOUNT, who.account)}
    denies = (grant for grant in grants if not grant.allow and not grant.conditional and not grant.not_who)
    return {each for grant in denies if wider & set(grant.who) for each in grant.whole}


def public_network(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Conditions on the network that every address meets, and doors without any."""
    for policy, grants in scene.grants:
        for grant in grants:
            for blocks in grant.blocks:
                # A deny of "all others" denies nobody when nobody is another.
                if blocks.negated is not grant.allow and (place := _everywhere(blocks.values)) is not None:
                    path = blocks.path if "native" in blocks.path else (*blocks.path, *place)
                    yield Hit(path, "the condition holds for every address, so it keeps nobody out", policy.key)
    for point in scene.points:
        if (place := _everywhere(point.point.addresses)) is not None:
            path = ("access_points", point.name, "network", "allow", *place)
            yield Hit(path, "every address may use this access point")
        elif not point.point.addresses and not point.point.vpc:
            message = "no network is named, so a stolen credential works from every address"
            yield Hit(("access_points", point.name, "network"), message)


@lru_cache(maxsize=10_000)
def _everywhere(values: tuple[str, ...]) -> Path | None:
    """Where the blocks cover all IPv4 or all IPv6 addresses: the place of the one, or () for all together."""
    blocks = [ip_network(value, strict=False) for value in values]
    for place, block in enumerate(blocks):
        if block.prefixlen == 0:
            return (str(place),)
    four = collapse_addresses(block for block in blocks if isinstance(block, IPv4Network))
    six = collapse_addresses(block for block in blocks if isinstance(block, IPv6Network))
    return () if any(block.prefixlen == 0 for block in four) or any(block.prefixlen == 0 for block in six) else None


def access_point_to_every_key(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Doors that also open keys which are made later."""
    for point in scene.points:
        if EVERY_KEY in point.point.resources:
            message = "it opens every key of the instance, those that are made later included"
            yield Hit(("access_points", point.name, "keys"), message)


def no_permission_control(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Doors that do not look who asks for what."""
    for point in scene.points:
        if not point.point.control:
            message = "its permissions are written down and not checked: whoever comes in may do everything"
            yield Hit(("access_points", point.name, "control"), message)


def expiring_client_key(scene: Scene, values: Values) -> Iterator[Hit]:
    """Credentials of access points that end soon, or have."""
    days = values["days"]
    for each in scene.credentials:
        what = f"credential {each.id}"
        limit = int(days) if isinstance(days, int | float) else 0
        message = ending(what, each.ends, scene.today, limit, "then the application has no way in")
        if message is not None:
            yield Hit(("access_points", each.point), message)


def _allowed(scene: Scene) -> Iterator[tuple[DesiredPolicy, Grant]]:
    for policy, grants in scene.grants:
        for grant in grants:
            if grant.allow:
                yield policy, grant


def _principal_at(grant: Grant, place: int) -> Path:
    return grant.who_path if "native" in grant.path else (*grant.who_path, str(place))


def _short(who: Who) -> str:
    if who.kind == ACCOUNT:
        return _account(who)
    return who.kind if who.kind == EVERYONE else f"{who.kind}/{who.name}"


def _account(who: Who) -> str:
    return f"account {who.account}" if who.account else "the account"


def _listed(classes: Iterable[ActionClass]) -> str:
    given = set(classes)
    return ", ".join(each for each in ActionClass if each in given)
