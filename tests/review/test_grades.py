"""The grade follows from the table, and from nothing else."""

import pytest

from kms_resources.access.lockout import Reach
from kms_resources.access.words import ActionClass
from kms_resources.review.grades import CHANGES, grade_of_gain
from kms_resources.review.words import Grade, worst

WIDER = [
    (Reach.EVERYONE, Reach.OTHER_ACCOUNT),
    (Reach.OTHER_ACCOUNT, Reach.WHOLE_ACCOUNT),
    (Reach.WHOLE_ACCOUNT, Reach.USER),
    (Reach.USER, Reach.OWNER),
]


@pytest.mark.parametrize(
    ("kind", "reach", "grade"),
    [
        (ActionClass.USE_DECRYPT, Reach.EVERYONE, Grade.CRITICAL),
        (ActionClass.USE_DECRYPT, Reach.OTHER_ACCOUNT, Grade.HIGH),
        (ActionClass.USE_DECRYPT, Reach.ASSUMABLE_ROLE, Grade.HIGH),
        (ActionClass.POLICY, Reach.WHOLE_ACCOUNT, Grade.HIGH),
        (ActionClass.DELETE, Reach.ROLE, Grade.MEDIUM),
        (ActionClass.USE_ENCRYPT, Reach.USER, Grade.LOW),
        (ActionClass.ADMINISTER, Reach.EVERYONE, Grade.HIGH),
        (ActionClass.READ, Reach.EVERYONE, Grade.MEDIUM),
        (ActionClass.READ, Reach.USER, Grade.LOW),
        (ActionClass.USE_VERIFY, Reach.OWNER, Grade.NONE),
    ],
)
def test_a_gain_has_the_grade_of_its_cell(kind: ActionClass, reach: Reach, grade: Grade) -> None:
    assert grade_of_gain(kind, reach) is grade


@pytest.mark.parametrize("kind", ActionClass)
@pytest.mark.parametrize(("wide", "narrow"), WIDER)
def test_who_reaches_further_is_never_graded_lower(kind: ActionClass, wide: Reach, narrow: Reach) -> None:
    assert grade_of_gain(kind, wide) >= grade_of_gain(kind, narrow)


@pytest.mark.parametrize("reach", Reach)
def test_every_class_has_a_grade_for_every_reach(reach: Reach) -> None:
    assert {grade_of_gain(kind, reach) for kind in ActionClass} <= set(Grade)


def test_the_worst_of_nothing_is_none() -> None:
    assert worst([]) is Grade.NONE
    assert worst([Grade.LOW, Grade.CRITICAL, Grade.MEDIUM]) is Grade.CRITICAL


def test_what_gets_safer_is_grade_none() -> None:
    safer = {"deletion-prevented", "window-longer", "rotation-shorter", "protection-on", "ignore-ssl-off"}
    assert {CHANGES[name] for name in safer} == {Grade.NONE}
