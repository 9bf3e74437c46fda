"""Sets of requests as unions of boxes: a box is a product of sets, one per dimension, each set a bit mask.

Principals, actions, every attribute and every open rule is a dimension; its bits are the classes (atoms). Statements
are boxes because their parts are combined by *and*; documents are unions of boxes; deny and comparison are differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import lshift

Box = tuple[int, ...]


def lowest(mask: int) -> int:
    """The first class of a set that is not empty."""
    return (mask & -mask).bit_length() - 1


def meet(left: Box, right: Box) -> Box | None:
    """What two boxes have in common; None: nothing."""
    common = tuple(one & other for one, other in zip(left, right, strict=True))
    return None if 0 in common else common


def tidy(boxes: Iterable[Box]) -> list[Box]:
    """Without doubles and without boxes that lie inside another one."""
    unique = list(dict.fromkeys(boxes))
    packed = _packed(unique)
    return [box for box, bits in zip(unique, packed, strict=True) if not _inside_another(bits, packed)]


def _packed(boxes: Sequence[Box]) -> list[int]:
    """Each box as one number, its masks side by side: whether one lies inside another is then a single question."""
    if not boxes:
        return []
    widths = [max(masks).bit_length() for masks in zip(*boxes, strict=True)]
    starts = list(accumulate(widths, initial=0))[:-1]
    return [sum(map(lshift, box, starts)) for box in boxes]


def _inside_another(bits: int, packed: Sequence[int]) -> bool:
    for other in packed:  # noqa: SIM110  (asked for every pair of boxes)
        if bits & other == bits and bits != other:
            return True
    return False


def cut(box: Box, away: Box) -> list[Box]:
    """What is left of a box: disjoint boxes."""
    for one, other in zip(box, away):  # noqa: B905  (boxes of one space; this is the innermost loop)
        if not one & other:
            return [box]
    left = []
    current = list(box)
    for index, other in enumerate(away):
        outside = current[index] & ~other
        if outside:
            left.append((*current[:index], outside, *current[index + 1 :]))
            current[index] &= other
    return left


def subtract(boxes: Iterable[Box], away: Sequence[Box]) -> list[Box]:
    """What is left of a union of boxes. Each box of the result lies inside one box of the input."""
    left = list(boxes)
    for each in away:
        if not left:
            break
        left = [piece for box in left for piece in cut(box, each)]
    return left


def intersect(left: Iterable[Box], right: Sequence[Box]) -> list[Box]:
    """What two unions have in common."""
    return tidy(common for one in left for other in right if (common := meet(one, other)))


def project(boxes: Iterable[Box], full: Box, dimensions: Sequence[int]) -> list[Box]:
    """Forget some dimensions: a request is in the result if it is in the input for some value there."""
    forget = set(dimensions)
    return tidy(tuple(full[index] if index in forget else mask for index, mask in enumerate(box)) for box in boxes)


def everywhere(boxes: Sequence[Box], full: Box, dimensions: Sequence[int]) -> list[Box]:
    """The requests that are in the input for every value of some dimensions."""
    if all(box[index] == full[index] for box in boxes for index in dimensions):
        return list(boxes)
    missing = project(subtract([full], boxes), full, dimensions)
    return subtract([full], missing)
