"""What a reader must know about the limits of a review: what was not seen, and which open rules matter."""

from __future__ import annotations

from collections.abc import Iterable

from kms_resources.review.snapshot import Side
from kms_resources.review.words import Subject

_UNSEEN = {
    "alibaba": "Alibaba Cloud: RAM policies are not part of a stack; what they allow or deny besides is not seen",
    "tencent": "Tencent Cloud: CAM policies, groups and roles outside of the stack are not seen",
    "ctyun": "CTYun: what users and roles of the account may do is not published, and is the same on both sides here",
}


def notes_of(base: Side, head: Side, subjects: Iterable[Subject], account: str) -> tuple[str, ...]:
    """Notes, once each, only where they matter."""
    if not any(one.access for one in subjects):
        return ()
    clouds = {
        target.cloud for side in (base, head) for one in side.stacks.values() for target in one.stack.targets.values()
    }
    notes = [text for cloud, text in _UNSEEN.items() if cloud in clouds]
    if not account and not head.identities:
        notes.append("the number of the own account is not known; --account tells it")
    return tuple(notes)


def open_rules_of(subjects: Iterable[Subject]) -> tuple[str, ...]:
    """Every open rule that a finding depends on."""
    found = {
        rule
        for subject in subjects
        if subject.access
        for grant in (*subject.access.gains, *subject.access.losses)
        for rule in grant.open_rules
    }
    return tuple(sorted(found))
