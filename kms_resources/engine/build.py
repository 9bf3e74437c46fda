"""Builds the Pulumi engine from Go modules: the way for machines that reach only package mirrors."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from kms_resources.engine import cache
from kms_resources.engine.errors import EngineError
from kms_resources.engine.types import Engine, Origin, Report
from kms_resources.engine.version import ENGINE_VERSION

SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
PLAIN_LINE_SECONDS = 30.0
"""Without a terminal: one line each half minute, so that a pipeline's log shows life and stays short."""

_OWN_FLAGS = {
    "-C", "-asan", "-buildmode", "-cover", "-ldflags", "-mod", "-modfile", "-msan", "-o", "-overlay", "-race",
    "-tags", "-toolexec", "-trimpath", "-work",
}  # fmt: skip
_TAIL_LINES = 6


def module_files() -> tuple[Path, Path]:
    """Return go.mod and go.sum: of the checkout, or of the installed package."""
    here = Path(__file__).resolve()
    for directory in (here.parents[2] / "tools" / "engine", here.with_name("build")):
        go_mod, go_sum = directory / "go.mod", directory / "go.sum"
        if go_mod.is_file() and go_sum.is_file():
            return go_mod, go_sum
    raise EngineError(
        "The engine's go.mod and go.sum are neither in this package nor in tools/engine of a checkout.",
        "Install kms-resources from its wheel, or run from a complete checkout.",
    )


def required_go(go_mod: Path) -> str:
    """Return the Go version that go.mod asks for."""
    match = re.search(r"^go (\S+)$", go_mod.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise EngineError(f"{go_mod} has no `go` line.", "Restore the file from the release.")
    return match[1]


def clean_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the build: the user's mirrors stay, flags that would change the result go.

    Values in GOFLAGS that we set ourselves are dropped (`-mod=vendor` alone would stop the build); the rest, such as
    `-modcacherw`, is the user's business.
    """
    environment = dict(base)
    flags = [
        flag for flag in base.get("GOFLAGS", "").split() if flag.replace("--", "-", 1).split("=")[0] not in _OWN_FLAGS
    ]
    environment |= {"CGO_ENABLED": "0", "GOFLAGS": " ".join(flags), "GOWORK": "off", "GO111MODULE": "on"}
    for name in ("GOOS", "GOARCH", "GOEXPERIMENT"):  # the engine runs here, whatever the user builds elsewhere
        environment.pop(name, None)
    return environment


def build(report: Report) -> Engine:
    """Build the engine and put it into the cache. The caller holds the lock."""
    go_mod, go_sum = module_files()
    needed = required_go(go_mod)
    go = shutil.which("go")
    if go is None:
        raise EngineError(
            f"The Pulumi engine must be built here, and that needs Go {needed} or later, which is not on PATH.",
            "Install Go from your package mirror, or put a `pulumi` of your own on PATH.",
        )
    environment = clean_environment(os.environ)
    with tempfile.TemporaryDirectory(prefix="kms-engine-") as module, cache.staging_directory() as staging:
        for file in (go_mod, go_sum):
            shutil.copyfile(file, Path(module) / file.name)
        found = _go_version(go, needed, Path(module), environment)
        report(f"Building Pulumi {ENGINE_VERSION} with {found}: several minutes the first time, then never again.")
        engine = staging / "engine"
        engine.mkdir()
        command = [
            go, "build", "-mod=readonly", "-trimpath", "-tags", "osusergo",
            "-ldflags", f"-s -w -X {SDK_MODULE}/go/common/version.Version={ENGINE_VERSION}",
            "-o", str(engine / "pulumi"), CLI_PACKAGE,
        ]  # fmt: skip
        with _progress(report):
            _run(command, Path(module), environment, "go build")
        listing = [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK_MODULE]
        sdk = Path(_run(listing, Path(module), environment, "go list").strip())
        shutil.copyfile(sdk / "python" / "cmd" / "pulumi-language-python-exec", engine / "pulumi-language-python-exec")
        cache.copy_own_files(engine)
        return cache.publish(engine, Origin.BUILT)


def _go_version(go: str, needed: str, module: Path, environment: Mapping[str, str]) -> str:
    """Return the Go that will build; Go itself fetches a newer toolchain through the module proxy where it may."""
    result = subprocess.run(  # noqa: S603 -- the Go on PATH, fixed arguments
        [go, "env", "GOVERSION"], cwd=module, env=environment, capture_output=True, text=True, check=False
    )
    found = result.stdout.strip()
    if result.returncode != 0 or _number(found.removeprefix("go")) < _number(needed):
        reason = f"this one is {found}" if found else f"`{go} env` says: {_tail(result.stderr)}"
        raise EngineError(
            f"Building the Pulumi engine needs Go {needed} or later; {reason}.",
            "Install a newer Go, or let this one fetch it (GOTOOLCHAIN=auto), or put a `pulumi` of your own on PATH.",
        )
    return found


def _number(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def _run(command: list[str], directory: Path, environment: Mapping[str, str], name: str) -> str:
    with subprocess.Popen(  # noqa: S603 -- the Go on PATH, fixed arguments
        command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            output, errors = process.communicate()
        except BaseException:  # Ctrl-C: go's own children end with it
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        raise EngineError(
            f"`{name}` of the Pulumi engine failed with exit code {process.returncode}: {_tail(errors)}",
            "If modules could not be fetched, point GOPROXY to your mirror; then run `kms engine` again.",
        )
    return output


def _tail(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-_TAIL_LINES:]) or "no output"


@contextmanager
def _progress(report: Report) -> Iterator[None]:
    """Show that time passes: a spinner on a terminal, a plain line now and then elsewhere."""
    started = time.monotonic()
    done = threading.Event()
    console = Console(stderr=True)
    terminal = console.is_terminal and sys.stderr.isatty()

    def elapsed() -> str:
        minutes, seconds = divmod(int(time.monotonic() - started), 60)
        return f"Building Pulumi {ENGINE_VERSION}: {minutes}:{seconds:02d}"

    def plain() -> None:
        while not done.wait(PLAIN_LINE_SECONDS):
            report(elapsed())

    def spin() -> None:
        with console.status(elapsed()) as status:
            while not done.wait(1.0):
                status.update(elapsed())

    thread = threading.Thread(target=spin if terminal else plain, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
