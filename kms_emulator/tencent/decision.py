"""Whether CAM documents allow a call: deny beats allow, and what nobody allows is refused.

``decide`` is a pure function without store, clock or network; a tester can call it by the hundred thousand:

    from kms_emulator.tencent.decision import CallFacts, decide
    facts = CallFacts("kms:Encrypt", "qcs::kms:ap-guangzhou:uin/100000000001:key/creatorUin/100000000001/1111",
                      owner_uin="100000000001", uin="100000000003", source_ip="10.0.0.1", now=1_700_000_000)
    allowed, why = decide([document, ...], facts)

Documents are parsed JSON that ``policy_documents.check`` accepts. Which documents count (own and groups', or the
role's), that the main account needs none, and that a session policy is decided on its own and must allow too, is up to
whoever asks (see ``authorisation``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kms_emulator.tencent.decision_conditions import holds
from kms_emulator.tencent.readings import Rules

OPERATION_LEVEL = "*"
_NO_ADDRESS = frozenset({"kms:BindCloudResource"})
# The newer table of authorisable actions wants * for these, the older one has key/* too.
_ON_ALL_KEYS = frozenset({"kms:CreateKey", "kms:GetServiceStatus", "kms:ListKeys", "kms:ListKeyDetail",
                          "kms:ListDataKeys", "kms:ListDataKeyDetail"})  # fmt: skip
_SHORT_REGIONS = {"gz": "ap-guangzhou", "sh": "ap-shanghai"}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class CallFacts:
    """What CAM knows of a call on one resource; a call on several is allowed if it is on each.

    ``resource`` is a name of six full segments, or ``*`` for a call at operation level, whose ``region`` then counts;
    ``also_named`` are other names of the same thing. Tags are pairs as the vendor writes them, ``key&value``. ``uin``
    is the user's, or the role's id; ``owner_uin`` the main account's, to which the documents belong as well.
    """

    action: str
    resource: str
    owner_uin: str
    uin: str
    region: str = ""
    also_named: tuple[str, ...] = ()
    source_ip: str = ""
    now: float | None = None
    resource_tags: tuple[str, ...] = ()
    request_tags: tuple[str, ...] = ()
    app_id: str = ""
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a condition key; none if the call does not have it."""
        return self._own.get(key) or self.more.get(key, ())

    @functools.cached_property
    def _own(self) -> Mapping[str, tuple[str, ...]]:
        address = () if self.action in _NO_ADDRESS or not self.source_ip else (self.source_ip,)
        return {
            "qcs:ip": address, "qcs:current_time": () if self.now is None else (repr(self.now),),
            "qcs:resource_tag": self.resource_tags, "qcs:request_tag": self.request_tags, "qcs:uin": (self.uin,),
            "qcs:owner_uin": (self.owner_uin,),
        }  # fmt: skip


class Decision(NamedTuple):
    """The outcome, and the statement that brought it about."""

    allowed: bool
    why: str


def decide(documents: Iterable[Mapping[str, Any]], call: CallFacts, rules: Rules | None = None) -> Decision:
    """Whether these documents, taken together, allow the call."""
    reading = rules or Rules()
    allowing = ""
    for number, document in enumerate(documents, 1):
        for place, statement in enumerate(listed(document["statement"]), 1):
            if not applies(statement, call, reading):
                continue
            if statement["effect"] == "deny":
                return Decision(False, f"statement {place} of document {number} denies")
            allowing = allowing or f"statement {place} of document {number} allows"
    return Decision(bool(allowing), allowing or "no statement allows")


def applies(statement: Mapping[str, Any], call: CallFacts, rules: Rules) -> bool:
    """Whether a statement is about this call: its action, its resource, and every condition."""
    return (
        any(_action_fits(pattern, call.action, rules) for pattern in listed(statement["action"]))
        and any(_resource_fits(pattern, call, rules) for pattern in listed(statement["resource"]))
        and conditions_hold(statement, call, rules)
    )


def conditions_hold(statement: Mapping[str, Any], call: CallFacts, rules: Rules) -> bool:
    """Blocks AND, keys AND; the values of one key OR, which ``holds`` knows."""
    return all(
        holds(operator, [_filled(str(value), call, rules) for value in listed(values)], call.values(key), rules)
        for operator, keys in statement.get("condition", {}).items()
        for key, values in keys.items()
    )


def listed(value: Any) -> Sequence[Any]:
    """One thing stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _action_fits(pattern: str, action: str, rules: Rules) -> bool:
    wanted = pattern.removeprefix("name/")
    if rules.action_case == "ignored":
        wanted, action = wanted.lower(), action.lower()
    return fits(wanted, action)


def _resource_fits(pattern: str, call: CallFacts, rules: Rules) -> bool:
    if pattern == "*":
        return True
    if call.resource == OPERATION_LEVEL:
        return _reaches_operations(pattern, call, rules)
    return any(_names(pattern, name, call, rules) for name in (call.resource, *call.also_named))


def _reaches_operations(pattern: str, call: CallFacts, rules: Rules) -> bool:
    paths = ("*", "key/*") if call.action in _ON_ALL_KEYS else ("*",)
    service = call.action.partition(":")[0]
    name = f"qcs::{service}:{call.region}:uin/{call.owner_uin}:"
    return any(pattern.endswith(f":{path}") and _names(pattern, name + path, call, rules) for path in paths)


def _names(pattern: str, name: str, call: CallFacts, rules: Rules) -> bool:
    given, asked = pattern.split(":", 5), name.split(":", 5)
    if len(given) != 6 or given[0] != "qcs":
        return False
    _, project, service, region, account, path = given
    _, _, asked_service, asked_region, asked_account, asked_path = asked
    if rules.short_regions == "known":
        region = _SHORT_REGIONS.get(region, region)
    own = account in ("", "uin/")
    return (
        project in ("", "id/0")
        and service in ("", asked_service)
        and (region in ("", asked_region) or (region == "*" and rules.region_star == "all"))
        and (f"uin/{call.owner_uin}" if own else account) == asked_account
        and _path_fits(_filled(path, call, rules), asked_path, rules)
    )


def _path_fits(pattern: str, path: str, rules: Rules) -> bool:
    if rules.directory == "below" and pattern.endswith("/"):
        return fits(pattern + "*", path)
    return fits(pattern, path)


def _filled(text: str, call: CallFacts, rules: Rules) -> str:
    if "${" not in text:
        return text
    known = {"uin": call.uin, "owner_uin": call.owner_uin}
    if rules.app_id == "filled in" and call.app_id:
        known["app_id"] = call.app_id
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), text)


def fits(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which ``*`` is any run of characters."""
    return pattern == text or ("*" in pattern and _compiled(pattern).fullmatch(text) is not None)


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
