"""Finds, fetches or builds the Pulumi engine, for users who may have nothing but package mirrors."""

from kms_resources.engine import build, cache, installer
from kms_resources.engine.errors import EngineError
from kms_resources.engine.find import find_engine
from kms_resources.engine.link import link_into_environment
from kms_resources.engine.types import Engine, Host, Origin, Report
from kms_resources.engine.version import ENGINE_VERSION, MINIMUM_VERSION

__all__ = [
    "ENGINE_VERSION",
    "MINIMUM_VERSION",
    "Engine",
    "EngineError",
    "Host",
    "Origin",
    "Report",
    "ensure_engine",
    "find_engine",
    "link_into_environment",
]


def ensure_engine(report: Report) -> Engine:
    """Return a usable engine, fetching or building it when there is none. Raises `EngineError`."""
    engine = find_engine(report)
    if engine is not None:
        return engine
    try:
        with cache.sole_installer(report):
            engine = find_engine()  # another process may have finished while we waited
            if engine is not None:
                return engine
            try:
                return installer.install(report)
            except installer.UnreachableError as error:
                report(f"Pulumi's own release is not used ({error}); building from Go modules.")
            return build.build(report)
    except OSError as error:
        raise EngineError(
            f"The Pulumi engine can't be installed: {error}.",
            "Check the free space and permissions of the cache folder, or set XDG_CACHE_HOME to another one.",
        ) from error
