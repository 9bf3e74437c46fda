"""How this emulator reads the rules of CAM that the vendor leaves open, each with its certainty mark.

Marks: ``v`` the vendor says so, ``i`` inferred, ``o`` the vendor is silent or two of its pages disagree. A reading with
a field of ``Rules`` can be switched; outside, the switch is ``tencent.access_<field>``.

Sources: the CAM guide (tencentyun/qcloud-documents: element reference, syntax structure, evaluation logic, resource
description, policy variables, conditions), cloud.tencent.com/document/product/598/69971, 598/57129, 598/10605,
573/10128, and for ``_if_exist`` the COS page on conditions of bucket policies, which is of another product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

from kms_emulator.contract import Switch


@dataclass(frozen=True)
class Rules:
    """The open rules that can be read in two ways."""

    action_case: str = "kept"
    region_star: str = "all"
    short_regions: str = "nothing"
    directory: str = "exact"
    absent_negated: str = "fails"
    several_values: str = "any"
    app_id: str = "filled in"


class Reading(NamedTuple):
    """One rule: its mark, what was decided, and the values of its switch (default first; none: not switchable)."""

    mark: str
    rule: str
    field: str = ""
    choices: tuple[str, ...] = ()


READINGS: tuple[Reading, ...] = (
    Reading("o", "case of action names", "action_case", ("kept", "ignored")),
    Reading("o", "a region segment * means all regions", "region_star", ("all", "nothing")),
    Reading("o", "regions by their old names, gz and sh", "short_regions", ("nothing", "known")),
    Reading("o", "a path that ends in / is itself only, or all below it too", "directory", ("exact", "below")),
    Reading("o", "a negated operator on a key the call does not have", "absent_negated", ("fails", "holds")),
    Reading("o", "an operator without for_any_value on a key with several values: some value fits, or never",
            "several_values", ("any", "never")),
    Reading("o", "the variable ${app_id}", "app_id", ("filled in", "unknown")),
    Reading("o", "${uin} of a role session is the role's id"),
    Reading("v", "keywords are lower case, condition keys keep their case"),
    Reading("i", "a call at operation level is asked on *; a statement reaches it by * or a name whose path is *"),
    Reading("i", "CreateKey, GetServiceStatus and the listings are reached by the path key/* too; ListAlgorithms, "
                 "GetRegions and GenerateRandom are not"),
    Reading("i", "a deny limited to single resources does not touch calls at operation level"),
    Reading("v", "an empty region means all, an empty account the caller's own, an empty service every service"),
    Reading("v", "a name of another account opens nothing; only sts:AssumeRole is asked on roles of other accounts"),
    Reading("i", "an account segment * or uin/* opens nothing; uin/ without a number counts as empty"),
    Reading("i", "the project segment is empty or id/0; a name with another project opens nothing"),
    Reading("i", "* is any run of characters, none included; ? is a plain character"),
    Reading("i", "unknown variables stay as they are; they count in the last segment and in condition values only"),
    Reading("i", "negated operators: no value of the document may fit a value of the call"),
    Reading("i", "for_any_value: some value of the call; for_all_value: every one, and none at all holds"),
    Reading("i", "a key of which the call has no value is absent; tags of a call without one resource are absent"),
    Reading("i", "BindCloudResource has no qcs:ip, since the vendor offers no address condition for it"),
    Reading("i", "ReEncrypt is asked on the source and on the destination, as kms:ReEncrypt"),
    Reading("o", "calls on a hosted data key are asked on the key it was made with"),
    Reading("o", "actions of tag and CAM are asked at operation level"),
    Reading("o", "a key that does not exist cannot be asked about: the call goes on to the error of the service"),
    Reading("i", "dates are UTC, with or without seconds"),
    Reading("i", "a role that is asked for by its id or by its name may be named either way in a statement"),
)  # fmt: skip

SWITCHES = {
    f"access_{reading.field}": Switch(reading.choices[0], f"open rule of CAM: {reading.rule}", reading.choices)
    for reading in READINGS if reading.field
}  # fmt: skip


def rules(switch: Callable[[str], object]) -> Rules:
    """The rules as the switches say."""
    return Rules(**{field.name: str(switch(f"access_{field.name}")) for field in fields(Rules)})
