"""KMS actions that list keys or describe the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kms_emulator.tencent import facts, uses
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import Origin, Usage
from kms_emulator.tencent.fields import MEMBER, NUMBER, TAG_FILTER, TEXT, Given, Many, may
from kms_emulator.tencent.key_actions import no_cluster
from kms_emulator.tencent.keys import ALL, SHARED_CLUSTER, Listing, metadata
from kms_emulator.tencent.tagstore import Resource
from kms_emulator.tencent.work import Action, Result, Work

Match = Callable[[Mapping[str, object]], bool]


def list_keys(given: Given, work: Work) -> Result:
    """ListKeys: ids only, without keys that are archived or pending deletion."""
    no_cluster(given)
    start, limit = asked_page(given)
    page = work.keys.collection.list(where=("plain", str(asked_role(given))), start=start, limit=limit)
    return {"Keys": [{"KeyId": key["id"]} for key in page.items], "TotalCount": page.total}


def list_key_detail(given: Given, work: Work) -> Result:
    """ListKeyDetail. Without ``KeyUsage`` it shows symmetric keys only."""
    if given.text("HsmClusterId") != SHARED_CLUSTER:
        no_cluster(given)
    start, limit = asked_page(given)
    listing = Listing(asked_role(given), _usage(given), _state(given), asked_origin(given))
    page = work.keys.collection.list(
        where=("listing", listing.value), match=_match(given, work), start=start, limit=limit,
        newest_first=choice(given, "OrderType", (0, 1)) == 0,
    )  # fmt: skip
    return {"KeyMetadatas": [metadata(key) for key in page.items], "TotalCount": page.total}


def _match(given: Given, work: Work) -> Match | None:
    tests = searched(given, work, "alias")
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda key: all(test(key) for test in tests)


def searched(given: Given, work: Work, name: str) -> list[Match]:
    """The conditions of ``SearchKeyAlias`` (part of the id or of the field ``name``) and ``TagFilters``."""
    tests: list[Match] = []
    sought = given.text("SearchKeyAlias")
    if sought:
        tests.append(lambda key: sought in str(key[name]) or sought in str(key["id"]))
    filters = [(entry.text("TagKey"), entry.texts("TagValue")) for entry in given.tables("TagFilters")]
    if filters:
        tagged = Resource.key_ids(work.tags.matching(filters), work.region)
        tests.append(lambda key: key["id"] in tagged)
    return tests


def asked_page(given: Given) -> tuple[int, int]:
    """``Offset`` and ``Limit``."""
    start, limit = given.number("Offset"), given.number("Limit", facts.PAGE)
    if start < 0 or not 1 <= limit <= facts.LARGEST_PAGE:
        raise ApiError(Code.INVALID_PARAMETER, f"`Offset` is 0 or more, `Limit` 1 to {facts.LARGEST_PAGE}.")
    return start, limit


def choice(given: Given, name: str, allowed: tuple[int, ...]) -> int:
    """A number out of few; 0 when left out."""
    value = given.number(name)
    if value not in allowed:
        raise ApiError(Code.INVALID_PARAMETER, f"`{name}` is {value}; allowed are {', '.join(map(str, allowed))}.")
    return value


def asked_role(given: Given) -> int:
    """``Role``: 0 for the user's own, 1 for those that products made."""
    return choice(given, "Role", (0, 1))


def _state(given: Given) -> str:
    number = choice(given, "KeyState", (0, *facts.LISTED_STATES))
    return facts.LISTED_STATES[number].value if number else ALL


def asked_origin(given: Given) -> str:
    """``Origin``, or ALL."""
    return _word(given, "Origin", ALL, [ALL, *Origin])


def _usage(given: Given) -> str:
    return _word(given, "KeyUsage", Usage.ENCRYPT_DECRYPT, [ALL, *Usage])


def _word(given: Given, name: str, default: str, allowed: list[str]) -> str:
    value = given.text(name) or default
    if value not in allowed:
        raise ApiError(Code.INVALID_PARAMETER, f"`{name}` is `{value}`; allowed are {', '.join(allowed)}.")
    return str(value)


def list_algorithms(given: Given, work: Work) -> Result:
    """ListAlgorithms."""
    del given
    offered = facts.offered(work.region)
    symmetric = uses.SYMMETRIC_KINDS[facts.MODULE_SM if facts.mainland(work.region) else facts.MODULE_FIPS]
    signing = [(usage, name) for usage, names in uses.SIGNATURES.items() for name in names]
    return {
        "SymmetricAlgorithms": _algorithms([(Usage.ENCRYPT_DECRYPT, symmetric)], offered),
        "AsymmetricAlgorithms": _algorithms(
            [(Usage.DECRYPT_RSA_2048, "RSA_2048"), (Usage.DECRYPT_SM2, "SM2")], offered),
        # The names that signing calls take: their documentation says that this action tells them [S1].
        "AsymmetricSignVerifyAlgorithms": _algorithms(signing, offered),
    }  # fmt: skip


def _algorithms(entries: Iterable[tuple[str, str]], offered: tuple[Usage, ...]) -> list[dict[str, str]]:
    return [{"KeyUsage": usage, "Algorithm": name} for usage, name in entries if usage in offered]


def get_regions(given: Given, work: Work) -> Result:
    """GetRegions."""
    del given
    allowed = work.context.directory.regions(work.principal.cloud, work.account)
    return {"Regions": list(allowed or facts.REGIONS)}


def get_service_status(given: Given, work: Work) -> Result:
    """GetServiceStatus: the basic edition, in good standing."""
    del given
    return {
        "ServiceEnabled": True, "InvalidType": 1, "UserLevel": 0, "ProExpireTime": 0, "ProRenewFlag": 0,
        "ProResourceId": "", "ExclusiveVSMEnabled": False, "ExclusiveHSMEnabled": False, "SubscriptionInfo": "",
        "CmkUserCount": work.keys.collection.count(where=("quota", "user")),
        "CmkLimit": int(work.context.switch("cmk_limit")), "ExclusiveHSMList": [], "IsAllowedDataKeyHosted": True,
        "DataKeyLimit": int(work.context.switch("data_key_limit")), "FreeDataKeyLimit": 0,
        "DataKeyUsedCount": work.data_keys.used, "SyncTaskList": [], "IsAllowedSync": False,
        "QpsLimit": facts.RATE, "QpsTotalLimit": facts.RATE, "RegionsQps": [], "ResourceZone": 0,
        "ResourceRegion": 0, "MultiAccountLimit": 0, "MultiAccountUsedCount": 0,
    }  # fmt: skip


ACTIONS: Mapping[str, Action] = {
    "ListKeys": Action(list_keys, {
        "Offset": may(NUMBER), "Limit": may(NUMBER), "Role": may(NUMBER), "HsmClusterId": may(TEXT),
    }),
    "ListKeyDetail": Action(list_key_detail, {
        "Offset": may(NUMBER), "Limit": may(NUMBER), "Role": may(NUMBER), "OrderType": may(NUMBER),
        "KeyState": may(NUMBER), "SearchKeyAlias": may(TEXT), "Origin": may(TEXT), "KeyUsage": may(TEXT),
        "TagFilters": may(Many(TAG_FILTER)), "HsmClusterId": may(TEXT), "MemberAccounts": may(Many(MEMBER)),
    }),
    "ListAlgorithms": Action(list_algorithms),
    "GetRegions": Action(get_regions),
    "GetServiceStatus": Action(get_service_status),
}  # fmt: skip
