"""Many resources in one program."""

import re
import time
from collections.abc import Callable

from kms_resources.providers.program import KEYS_IN_FLIGHT
from tests.support.clouds import Clouds, Shop

KEYS = 1500
TOO_LONG = 300.0
"""Seconds: several times what it takes, so that a busy machine stays green and a quadratic step does not."""


def test_a_preview_of_three_thousand_resources_runs_through(
    shop: Shop, record_property: Callable[[str, object], None]
) -> None:
    shop.stack(
        "keys:\n"
        + "".join(
            f"  k{number}: {{target: {('guangzhou', 'north')[number % 2]}, spec: SM4, aliases: [scale-{number}]}}\n"
            for number in range(KEYS)
        )
    )
    begun = time.monotonic()
    text = shop.ok("preview", "--suppress-progress")
    seconds = time.monotonic() - begun
    record_property("seconds", round(seconds, 1))
    # Besides keys and aliases: the stack and two targets.
    assert re.search(rf"\+ {2 * KEYS + 3} to create", text), text[-2000:]
    assert seconds < TOO_LONG


def test_an_alias_does_not_wait_for_the_last_key(shop: Shop, clouds: Clouds) -> None:
    keys = 3 * KEYS_IN_FLIGHT
    shop.stack(
        "keys:\n"
        + "".join(f"  k{number}: {{target: north, spec: SM4, aliases: [soon-{number}]}}\n" for number in range(keys))
    )
    before = clouds.mark()
    shop.up(env={"PULUMI_SKIP_CHECKPOINTS": "true"})
    done = clouds.actions(before, "ctyun")
    last_key = len(done) - done[::-1].index("createKey")
    # Not all: the engine is given the next keys while it works on an alias.
    assert done[:last_key].count("createAlias") > keys / 2
