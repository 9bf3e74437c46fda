"""Tags at CTYun against a scripted server."""

from __future__ import annotations

import pytest

from kms_resources.clouds.ctyun import connect_tags
from kms_resources.clouds.ctyun.tags import CtyunTags, Tag
from kms_resources.errors import WrongStateError
from kms_resources.model import KeyId
from tests.unit.clouds.ctyun.cloud import KEY_ID, SmallCloud, failure, metadata, success
from tests.unit.clouds.ctyun.test_convert import TARGET
from tests.unit.clouds.loopback import Loopback

KEY = KeyId(KEY_ID)


@pytest.fixture
def client(server: Loopback) -> CtyunTags:
    environ = {"KMS_ENDPOINT_CTYUN": server.url, "CTYUN_AK": "AK-FAKE", "CTYUN_SK": "SK-FAKE"}
    return connect_tags(TARGET, environ)


def test_tags_are_made_changed_bound_and_taken_away(client: CtyunTags, server: Loopback) -> None:
    server.script(success({"tagId": "t-1"}), success())
    tag = client.create_tag("owner", "payments")
    client.update_tag(Tag(tag.id, "owner", "orders"))
    client.bind(KEY, [tag.id])
    client.unbind(KEY, [tag.id])
    client.delete_tag(tag.id)
    assert [(request.path, request.json) for request in server.requests] == [
        ("/v1/tag/createTag", {"tagKey": "owner", "tagValue": "payments"}),
        ("/v1/tag/updateTag", {"tagId": "t-1", "tagKey": "owner", "tagValue": "orders"}),
        ("/v1/tag/bindResource", {"cmkUuid": KEY_ID, "tagIds": ["t-1"]}),
        ("/v1/tag/unbindResource", {"cmkUuid": KEY_ID, "tagIds": ["t-1"]}),
        ("/v1/tag/deleteTag", {"tagId": "t-1"}),
    ]


def test_tags_are_listed(client: CtyunTags, server: Loopback) -> None:
    rows = [{"tagId": "t-1", "tagKey": "owner", "tagValue": "payments"}, {"tagId": "t-2", "tagKey": "x"}]
    server.script(success({"totalCount": 2, "list": rows}))
    assert list(client.list_tags()) == [Tag("t-1", "owner", "payments"), Tag("t-2", "x", "")]


def test_a_404_on_binding_is_explained_by_the_key(client: CtyunTags, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="PendingDeletion"))
    cloud.refusals["bindResource"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError, match="PendingDeletion"):
        client.bind(KEY, ["t-1"])
