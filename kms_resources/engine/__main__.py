"""`python -m kms_resources.engine`: make sure there is an engine, link it, say where it is."""

import sys

from kms_resources.engine import Engine, EngineError, Host, Origin, ensure_engine, link_into_environment

_HOW = {
    Origin.PATH: "found on PATH",
    Origin.INSTALLER: "Pulumi's own release, checksum verified",
    Origin.BUILT: "built from Go modules",
}
_HOST = {Host.OFFICIAL: "with Pulumi's own language host", Host.OURS: "with our language host"}


def describe(engine: Engine) -> str:
    """Return one line: version, place, how it got there, whose language host."""
    return f"Pulumi {engine.version} at {engine.path} ({_HOW[engine.origin]}; {_HOST[engine.host]})"


def main() -> int:
    """Run; 0 when there is an engine, 3 when there is none to be had."""
    try:
        engine = ensure_engine(lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201 -- this is the command
        link = link_into_environment(engine)
    except EngineError as error:
        print(f"{error.message}\n{error.advice}", file=sys.stderr)  # noqa: T201
        return 3
    print(describe(engine))  # noqa: T201
    if link is not None:
        print(f"Linked as {link}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
