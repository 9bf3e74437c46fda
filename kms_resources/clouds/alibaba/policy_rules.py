"""What key policies of Alibaba Cloud can say, with the words for people that the translation leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from kms_resources.access.alibaba.actions import ACTIONS, ALL, listed
from kms_resources.access.alibaba.parse import parse
from kms_resources.access.alibaba.translate import ON_KEY, draft
from kms_resources.access.equal import same_document
from kms_resources.access.lockout import locked_out
from kms_resources.access.patterns import glob
from kms_resources.access.translating import expand
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Effect,
    Native,
    Problem,
    Resource,
    ResourceKind,
    Statement,
    World,
)
from kms_resources.clouds.access import PolicyKey
from kms_resources.clouds.drafting import unknown_actions
from kms_resources.model import Target

NAME = "default"
CHANGES_POLICY = "kms:SetKeyPolicy"


class AlibabaRules:
    """`AccessRules` of Alibaba Cloud."""

    kind = DocumentKind.KEY_POLICY

    def refusal(self, target: Target) -> str:
        """Keys outside of instances have none."""
        if target.instance:
            return ""
        return "only keys of a KMS instance have a policy, and this target names none"

    def draft(
        self, statements: tuple[Statement, ...], key: PolicyKey
    ) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """One document with a statement for each of ours."""
        resource = _resource(key)
        documents, refusals = draft(statements, resource)
        problems = [*unknown_actions(statements, ACTIONS, _fits), *refusals]
        if any(problem.fatal for problem in problems):
            return (), tuple(problems)
        return documents, (*problems, *_doubts(statements))

    def native(self, body: Native, key: PolicyKey) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:  # noqa: ARG002
        """The document as it is."""
        document = Document(self.kind, body, NAME)
        return (document,), parse(document).problems

    def same(self, one: Native, other: Native, account: str) -> bool:  # noqa: ARG002
        """By meaning."""
        return same_document("alibaba", Document(self.kind, one), Document(self.kind, other))

    def lockout(self, documents: tuple[Document, ...], key: PolicyKey) -> str:
        """Whether nobody could surely call SetKeyPolicy, now or at a time to come: no RAM policy outweighs a deny.

        [I] Without a deny the account itself always can. Who deploys is not told by any call of KMS, so a deny for
        that one identity is not seen here; `kms review` is told who it is.
        """
        # Only a deny can lock out: without one there is nothing to read.
        denying = [
            rule.sid
            for document in documents
            for rule in (parse(document).rules if _denies(document) else ())
            if rule.effect is Effect.DENY
            and any(_fits(action, CHANGES_POLICY) for action in rule.actions) != rule.not_actions
        ]
        if not denying or not _is_shut(key, documents):
            return ""
        return (
            f"{' and '.join(denying)} denies {CHANGES_POLICY} to the whole account, the identity that deploys "
            "included: nobody could take it back"
        )


def _is_shut(key: PolicyKey, documents: tuple[Document, ...]) -> bool:
    return locked_out(World("alibaba", key.account, _resource(key), documents), datetime.now(UTC))


def _resource(key: PolicyKey) -> Resource:
    return Resource(ResourceKind.KEY, key.account, key.target.region, key.id, instance=key.target.instance)


def _denies(document: Document) -> bool:
    statements = document.body.get("Statement")
    return isinstance(statements, list) and any(
        isinstance(one, Mapping) and one.get("Effect") == "Deny" for one in statements
    )


def _fits(word: str, action: str) -> bool:
    return glob(word, action, ignore_case=True)


def _doubts(statements: tuple[Statement, ...]) -> Iterator[Problem]:
    """Words of which nothing is in the published list of what takes effect; KMS stores them all the same."""
    for statement in statements:
        for place, word in enumerate(statement.actions):
            if not _may_have_effect(word):
                what = f"{word} is perhaps without effect: the documents of 2024 do not list it for key policies"
                yield Problem(f"{statement.sid}.actions[{place}]", what, fatal=False)
        if statement.conditions.private_ip and not statement.conditions.vpc:
            what = "addresses inside a VPC say little without the VPC; write vpc beside it"
            yield Problem(f"{statement.sid}.conditions.private_ip", what, fatal=False)


@lru_cache(maxsize=4096)
def _may_have_effect(word: str) -> bool:
    meant = expand([word], ON_KEY)
    return ALL in meant or any(listed(action) or "*" in action for action in meant)


RULES = AlibabaRules()
