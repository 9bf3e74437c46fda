"""Two stacks of 1,000 keys with 10 statements each, reviewed: reading, checking and comparing, in one process.

`python -m benchmarks.review [--keys N] [--statements N]`. Three changes: one key in a hundred, every key alike, and
every key in its own way, which is the worst case. The time of a plain YAML reader on the same two files is printed
beside each, because it says how fast the machine is today. It is the time of the processor: one thread, no waiting.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import click
import yaml

from kms_resources.review import review
from kms_resources.review.snapshot import assemble_both

LIMIT_SECONDS = 5.0
HEAD = "version: 1\ntargets:\n  hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}\nkeys:\n"


@dataclass(frozen=True)
class Kind:
    """A way in which HEAD differs from BASE."""

    name: str
    own: bool
    """Whether every key has principals of its own."""
    changed: Callable[[int], bool]


KINDS = (
    Kind("1 key in 100 changes", True, lambda number: number % 100 == 0),
    Kind("every key changes alike", False, lambda _: True),
    Kind("every key changes in its own way", True, lambda _: True),
)


def text_of(kind: Kind, keys: int, statements: int, *, head: bool) -> bytes:
    """A stack file."""
    lines = [HEAD]
    for number in range(keys):
        lines.append(f"  key-{number}:\n    target: hz\n    spec: AES_256\n    policy:\n")
        changed = head and kind.changed(number)
        for place in range(statements):
            who = f"app-{number}-{place}" if kind.own else f"app-{place}"
            actions = "encrypt, decrypt" if changed and place == 3 else "encrypt"
            block = f"conditions: {{source_ip: [192.0.{place}.0/24]}}"
            lines.append(f"      s{place}: {{principals: [user/{who}], actions: [{actions}], {block}}}\n")
    return "".join(lines).encode()


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor for one run."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measured(kind: Kind, keys: int, statements: int) -> tuple[float, float, int]:
    """Seconds of the review and of the plain reader, and how many keys were found to change."""
    texts = [text_of(kind, keys, statements, head=head) for head in (False, True)]
    found = []

    def whole() -> None:
        base, head = (("", "prod.yaml", data) for data in texts)
        found.append(review(*assemble_both(("base", [base]), ("head", [head]))))

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    plain = timed(lambda: [yaml.load(data, Loader=loader) for data in texts])
    gc.collect()
    gc.disable()  # as `kms review` does
    try:
        seconds = timed(whole)
    finally:
        gc.enable()
    return seconds, plain, len(found[0].subjects)


@click.command()
@click.option("--keys", default=1000, show_default=True)
@click.option("--statements", default=10, show_default=True)
def main(keys: int, statements: int) -> None:
    """Measure, and fail when an ordinary change takes longer than the limit."""
    slow = False
    for kind in KINDS:
        seconds, plain, subjects = measured(kind, keys, statements)
        click.echo(
            f"{kind.name}: {keys} keys x {statements} statements reviewed in {seconds:.2f} s, {subjects} with changes; "
            f"plain YAML {plain:.2f} s, ratio {seconds / plain:.1f}"
        )
        slow = slow or (kind is KINDS[0] and seconds > LIMIT_SECONDS)
    if slow:
        raise click.ClickException(f"slower than {LIMIT_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
