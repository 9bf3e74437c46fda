"""CTYun KMS OpenAPI `/v1`: tags of an account, bound to keys.

Only the titles of these six operations are published, every name is assumed [I?]. No call reads back which tags a key
has, so a stack cannot keep them; this is for programs that know what they bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import payload
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.ctyun.words import OPERATIONS, WORDS
from kms_resources.clouds.transport import Transport
from kms_resources.model import KeyId, Target


@dataclass(frozen=True)
class Tag:
    """A tag of the account."""

    id: str
    key: str
    value: str


class CtyunTags:
    """One method per operation. Instances may be shared by threads; errors as in `KmsClient`."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = Api(target, CtyunAuth(credentials), url, self._transport)

    def list_tags(self) -> Iterator[Tag]:
        """Operation listTags, 100 a page."""
        for row in self._api.pages("list_tags", "tag_id"):
            yield Tag(*(str(row.get(WORDS[word]) or "") for word in ("tag_id", "tag_key", "tag_value")))

    def create_tag(self, key: str, value: str) -> Tag:
        """Operation createTag. Never repeated."""
        answer = self._api.call("create_tag", tag_key=key, tag_value=value)
        return Tag(payload.text(OPERATIONS["create_tag"], answer, "tag_id"), key, value)

    def update_tag(self, tag: Tag) -> None:
        """Operation updateTag: another key or value for the tag of this id, wherever it is bound."""
        self._api.call("update_tag", tag_id=tag.id, tag_key=tag.key, tag_value=tag.value)

    def delete_tag(self, tag_id: str) -> None:
        """Operation deleteTag."""
        self._api.call("delete_tag", tag_id=tag_id)

    def bind(self, key_id: KeyId, tag_ids: Iterable[str]) -> None:
        """Operation bindResource."""
        self._api.on_key("bind_tags", key_id, tag_ids=list(tag_ids))

    def unbind(self, key_id: KeyId, tag_ids: Iterable[str]) -> None:
        """Operation unbindResource."""
        self._api.on_key("unbind_tags", key_id, tag_ids=list(tag_ids))
