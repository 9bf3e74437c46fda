"""KMS actions that list keys or describe the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kms_emulator.tencent import facts
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
    start, limit = _page(given)
    page = work.keys.collection.list(where=("plain", str(_role(given))), start=start, limit=limit)
    return {"Keys": [{"KeyId": key["id"]} for key in page.items], "TotalCount": page.total}


def list_key_detail(given: Given, work: Work) -> Result:
    """ListKeyDetail. Without ``KeyUsage`` it shows symmetric keys only."""
    if given.text("HsmClusterId") != SHARED_CLUSTER:
        no_cluster(given)
    start, limit = _page(given)
    listing = Listing(_role(given), _usage(given), _state(given), _origin(given))
    page = work.keys.collection.list(
        where=("listing", listing.value), match=_match(given, work), start=start, limit=limit,
        newest_first=_choice(given, "OrderType", (0, 1)) == 0,
    )  # fmt: skip
    return {"KeyMetadatas": [metadata(key) for key in page.items], "TotalCount": page.total}


def _match(given: Given, work: Work) -> Match | None:
    tests: list[Match] = []
    sought = given.text("SearchKeyAlias")
    if sought:
        tests.append(lambda key: sought in str(key["alias"]) or sought in str(key["id"]))
    filters = [(entry.text("TagKey"), entry.texts("TagValue")) for entry in given.tables("TagFilters")]
    if filters:
        tagged = Resource.key_ids(work.tags.matching(filters), work.region)
        tests.append(lambda key: key["id"] in tagged)
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda key: all(test(key) for test in tests)


def _page(given: Given) -> tuple[int, int]:
    start, limit = given.number("Offset"), given.number("Limit", facts.PAGE)
    if start < 0 or not 1 <= limit <= facts.LARGEST_PAGE:
        raise ApiError(Code.INVALID_PARAMETER, f"`Offset` is 0 or more, `Limit` 1 to {facts.LARGEST_PAGE}.")
    return start, limit


def _choice(given: Given, name: str, allowed: tuple[int, ...]) -> int:
    value = given.number(name)
    if value not in allowed:
        raise ApiError(Code.INVALID_PARAMETER, f"`{name}` is {value}; allowed are {', '.join(map(str, allowed))}.")
    return value


def _role(given: Given) -> int:
    return _choice(given, "Role", (0, 1))


def _state(given: Given) -> str:
    number = _choice(given, "KeyState", (0, *facts.LISTED_STATES))
    return facts.LISTED_STATES[number].value if number else ALL


def _origin(given: Given) -> str:
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
    symmetric = "SM4" if facts.mainland(work.region) else "AES_256"
    return {
        "SymmetricAlgorithms": _algorithms({Usage.ENCRYPT_DECRYPT: symmetric}, offered),
        "AsymmetricAlgorithms": _algorithms(
            {Usage.DECRYPT_RSA_2048: "RSA_2048", Usage.DECRYPT_SM2: "SM2"}, offered),
        "AsymmetricSignVerifyAlgorithms": _algorithms({
            Usage.SIGN_SM2: "SM2", Usage.SIGN_RSA_2048: "RSA_2048", Usage.SIGN_ECC: "ECC_P256_R1",
            Usage.SIGN_ECDSA384: "ECDSA384",
        }, offered),
    }  # fmt: skip


def _algorithms(names: Mapping[Usage, str], offered: tuple[Usage, ...]) -> list[dict[str, str]]:
    return [{"KeyUsage": usage.value, "Algorithm": name} for usage, name in names.items() if usage in offered]


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
        "CmkLimit": int(work.context.switch("cmk_limit")), "ExclusiveHSMList": [], "IsAllowedDataKeyHosted": False,
        "DataKeyLimit": 0, "FreeDataKeyLimit": 0, "DataKeyUsedCount": 0, "SyncTaskList": [], "IsAllowedSync": False,
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
