"""ListKeys with its pages and filters, and what else can be looked up."""

import pytest

from kms_emulator.alibaba.facts import REGIONS
from tests.emulator.alibaba.support import ACCOUNT, HARDWARE, REGION, SOFTWARE, Client, in_state, tag_list


def test_keys_come_ten_at_a_time_in_order_of_creation(client: Client) -> None:
    keys = [client.key() for _ in range(12)]
    first = client.call("ListKeys")
    assert (first["PageNumber"], first["PageSize"], first["TotalCount"]) == (1, 10, 12)
    assert first["Keys"]["Key"][0] == {"KeyId": keys[0], "KeyArn": f"acs:kms:{REGION}:{ACCOUNT}:key/{keys[0]}"}
    assert [entry["KeyId"] for entry in first["Keys"]["Key"]] == keys[:10]
    assert client.ids(PageNumber=2, PageSize=10) == keys[10:]
    assert client.ids(PageNumber=3, PageSize=10) == []


@pytest.mark.parametrize(
    "given", [{"PageNumber": 0}, {"PageSize": 0}, {"PageSize": 101}, {"PageNumber": "x"}, {"PageNumber": "-1"}], ids=str
)
@pytest.mark.parametrize("action", ["ListKeys", "ListAliases", "ListKmsInstances"])
def test_other_pages_are_refused(client: Client, action: str, given: dict[str, object]) -> None:
    assert client.refused(action, **given) == (400, "InvalidParameter")


def test_every_filter_finds_its_keys(client: Client) -> None:
    client.set(many_default_keys=True)
    default = client.default_key()
    soft = client.key(Tags=tag_list(env="prod"))
    hard = client.key(DKMSInstanceId=HARDWARE, KeySpec="EC_SM2")
    off = in_state(client, "Disabled")
    client.call("CreateAlias", AliasName="alias/app", KeyId=soft)
    found = {
        (name, values): client.ids((name, list(values)))
        for name, values in [
            ("KeyState", ("Disabled",)), ("KeyState", ("Enabled", "Disabled")), ("KeySpec", ("EC_SM2",)),
            ("KeyUsage", ("SIGN/VERIFY",)), ("ProtectionLevel", ("SOFTWARE",)), ("CreatorType", ("User",)),
            ("CreatorType", ("Service",)), ("DKMSInstanceId", (HARDWARE,)), ("KeyId", (default, hard, "key-none")),
            ("AliasName", ("alias/app", "alias/none")), ("Creator", (ACCOUNT,)), ("TagKey", ("env",)),
            ("TagValue", ("prod", "test")), ("KeySpec", ("NoSuchSpec",)),
        ]
    }  # fmt: skip
    everything = [default, soft, hard, off]
    assert found == {
        ("KeyState", ("Disabled",)): [off], ("KeyState", ("Enabled", "Disabled")): everything,
        ("KeySpec", ("EC_SM2",)): [hard], ("KeyUsage", ("SIGN/VERIFY",)): [hard],
        ("ProtectionLevel", ("SOFTWARE",)): [soft, off], ("CreatorType", ("User",)): everything,
        ("CreatorType", ("Service",)): [], ("DKMSInstanceId", (HARDWARE,)): [hard],
        ("KeyId", (default, hard, "key-none")): [default, hard], ("AliasName", ("alias/app", "alias/none")): [soft],
        ("Creator", (ACCOUNT,)): everything, ("TagKey", ("env",)): [soft], ("TagValue", ("prod", "test")): [soft],
        ("KeySpec", ("NoSuchSpec",)): [],
    }  # fmt: skip


def test_different_filters_must_all_hold_and_the_same_one_is_merged(client: Client) -> None:
    one = client.key(Tags=tag_list(id="1"))
    two = client.key(Tags=tag_list(id="2"))
    client.call("DisableKey", KeyId=two)
    assert client.ids(("TagKey", ["id"]), ("TagValue", ["2"])) == [two]
    assert client.ids(("TagKey", ["id"]), ("KeyState", ["Enabled"]), ("DKMSInstanceId", [SOFTWARE])) == [one]
    assert client.ids(("TagValue", ["1"]), ("TagValue", ["2"])) == [one, two]
    assert client.ids(("KeyId", [one, two]), ("KeyState", ["Disabled"])) == [two]


def test_a_filtered_listing_is_counted_and_paged(client: Client) -> None:
    keys = [client.key() for _ in range(5)]
    client.call("DisableKey", KeyId=keys[1])
    listed = [{"Key": "KeyState", "Values": ["Enabled", "PendingDeletion"]}]
    answer = client.call("ListKeys", Filters=listed, PageSize=2, PageNumber=2)
    assert answer["TotalCount"] == 4
    assert [entry["KeyId"] for entry in answer["Keys"]["Key"]] == keys[3:]


@pytest.mark.parametrize(
    "filters",
    [
        "[", "{}", '["KeyState"]', '[{"Key":"Colour","Values":[]}]', '[{"Key":"KeyState","Values":"Enabled"}]',
        '[{"Key":"KeyState","Values":[1]}]', '[{"Key":["KeyState"]}]',
        '[{"Key":"KeyState","Values":["1","2","3","4","5","6","7","8","9","10","11"]}]',
        "[" + ",".join(['{"Key":"KeyState"}'] * 11) + "]",
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_bad_filters_are_refused(client: Client, filters: str) -> None:
    assert client.refused("ListKeys", Filters=filters) == (400, "InvalidParameter")


def test_a_filter_without_values_filters_nothing(client: Client) -> None:
    key = client.key()
    assert client.ids(("KeyState", [])) == [key]


def test_instances_of_the_seed_are_listed_and_described(client: Client) -> None:
    answer = client.call("ListKmsInstances")
    assert (answer["PageSize"], answer["TotalCount"]) == (20, 2)
    assert answer["KmsInstances"]["KmsInstance"][0] == {
        "KmsInstanceId": HARDWARE, "KmsInstanceArn": f"acs:kms:{REGION}:{ACCOUNT}:keystore/{HARDWARE}",
    }  # fmt: skip
    found = client.call("GetKmsInstance", KmsInstanceId=SOFTWARE)["KmsInstance"]
    assert (found["InstanceId"], found["Status"], found["KeyNum"], found["SecretNum"]) == (
        SOFTWARE, "Connected", 1000, "1000",
    )  # fmt: skip


def test_an_unknown_instance_is_answered_with_an_empty_id(client: Client) -> None:
    assert client.call("GetKmsInstance", KmsInstanceId="kst-none")["KmsInstance"] == {"InstanceId": ""}
    assert client.refused("GetKmsInstance") == (400, "MissingParameter")


def test_regions_and_the_account_are_told(client: Client) -> None:
    regions = client.call("DescribeRegions")["Regions"]["Region"]
    assert [entry["RegionId"] for entry in regions] == list(REGIONS)
    assert client.call("DescribeAccountKmsStatus")["AccountStatus"] == "Enabled"
    client.set(account_status="InDebt")
    assert client.call("DescribeAccountKmsStatus")["AccountStatus"] == "InDebt"
