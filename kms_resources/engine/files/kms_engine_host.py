"""Our Python language host: the gRPC service through which the Pulumi engine runs Python programs and policy packs.

It runs as a file copied beside the engine, under any Python that has the Pulumi SDK, and imports nothing of ours but
the watcher beside it. The engine reads the first line of our output as the port; all that follows is shown to the user.
"""

import contextlib
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import grpc  # type: ignore[import-untyped]  # no stubs are published with it
from google.protobuf import empty_pb2, json_format  # type: ignore[import-untyped]  # nor with this one
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

SHOWN_TO_USER = 32
"""Exit code of pulumi-language-python-exec when it has already told the user what went wrong."""

MESSAGE_LIMIT = 400 * 1024 * 1024
"""The engine's own limit for one message, in bytes."""

WORKERS = 32
"""The program and each policy pack occupy one for the whole run; short calls come on top."""

GRACE_SECONDS = 5.0
"""For a policy pack between being asked to end and being killed."""

TOOLCHAINS = {"", "pip"}
"""Toolchains whose environment is a plain one: named by `virtualenv`, or the one we run in."""

_PACKAGES = """
import importlib.metadata as m, json, re
found = {d.metadata["Name"]: (d.version, d.requires or []) for d in m.distributions() if d.metadata["Name"]}
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
needed = {plain(re.match(r"[A-Za-z0-9._-]+", r)[0]) for _, rs in found.values() for r in rs if "extra ==" not in r}
print(json.dumps(sorted((name, version, plain(name) in needed) for name, (version, _) in found.items())))
"""


class UserError(Exception):
    """Something the user can put right; the text is one sentence."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):  # type: ignore[misc,unused-ignore]
    """The service. Method names are the protocol's."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._here = Path(__file__).resolve().parent

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802, D102
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802, D102
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802, D102
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Name none: dynamic providers come with the SDK, and nothing may be downloaded behind the user's back."""
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Run the program to its end."""
        try:
            python, environment = _interpreter(request.info, dict(os.environ))
        except UserError as error:
            return language_pb2.RunResponse(error=str(error))
        environment["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        environment["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        pwd = request.pwd or request.info.program_directory
        options = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        command = [python, "-u", str(self._here / "pulumi-language-python-exec")]
        for name, value in options.items():
            if value:
                command += [f"--{name}", value]
        command += [request.info.entry_point or request.program or ".", *request.args]
        try:
            process = subprocess.Popen(command, cwd=pwd or None, env=environment)  # noqa: S603
        except OSError as error:
            return language_pb2.RunResponse(error=f"The Python program can't be started: {error}.")
        context.add_callback(process.terminate)
        code = process.wait()
        if code == SHOWN_TO_USER:
            return language_pb2.RunResponse(bail=True)
        if code < 0:
            return language_pb2.RunResponse(error=f"The Python program was ended by {signal.Signals(-code).name}.")
        return language_pb2.RunResponse(error=f"The Python program ended with exit code {code}." if code else "")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Run a policy pack and pass its output on, piece by piece."""
        if request.kind not in {"", "analyzer"}:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"This language host runs programs and policy packs, no plug-ins of kind {request.kind!r}: "
                "these need an official Pulumi on PATH.",
            )
        passed = dict(entry.split("=", 1) for entry in request.env if "=" in entry)
        pack = request.info.program_directory or request.program
        try:
            python, environment = _interpreter(request.info, {**os.environ, **passed})
        except UserError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        process = subprocess.Popen(  # noqa: S603
            [python, "-u", "-m", "pulumi.policy", self._engine, pack],
            cwd=pack,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # Told to end from a thread of its own: after a cancelled call nobody reads on here, nor waits for the pack.
        context.add_callback(lambda: threading.Thread(target=_end, args=(process,), daemon=True).start())
        for name, piece in _pieces(process):
            yield _plugin_output(name, piece)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: ARG002, N802
        """Install nothing: the environment belongs to the user's own tools. Say so."""
        text = "Nothing is installed by this language host: the Python environment is the one in use.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802, D102
        return language_pb2.RuntimeOptionsResponse()

    def Template(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802, D102
        return language_pb2.TemplateResponse()

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Say which Python runs the program."""
        python = self._python_or_abort(request.info, context)
        version = _ask(python, "import platform; print(platform.python_version())").strip()
        return language_pb2.AboutResponse(executable=python, version=version)

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        """List the installed distributions; without the transitive ones only those nobody else asks for."""
        found = json.loads(_ask(self._python_or_abort(request.info, context), _PACKAGES))
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version, needed in found
                if request.transitiveDependencies or not needed
            ]
        )

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Do nothing: the engine lets running operations end, and the program ends with them."""
        return empty_pb2.Empty()

    def _python_or_abort(self, info: Any, context: Any) -> str:
        try:
            return _interpreter(info, dict(os.environ))[0]
        except UserError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise  # abort() has raised already; this tells the type checker


def _interpreter(info: Any, environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Choose the Python for a program or pack: the runtime option `virtualenv`, else the one we run in."""
    options = json_format.MessageToDict(info.options)
    toolchain, named = str(options.get("toolchain") or ""), str(options.get("virtualenv") or "")
    if toolchain not in TOOLCHAINS and not named:
        raise UserError(
            f"The runtime option toolchain: {toolchain} is not known here: "
            "remove it and activate the environment, or name the environment with `virtualenv`."
        )
    if not named:
        return sys.executable, dict(environment)
    directory = Path(os.path.normpath(Path(info.root_directory or info.program_directory) / named))
    if not os.access(directory / "bin" / "python", os.X_OK):
        raise UserError(
            f"The runtime option virtualenv names {directory}, which is not a virtual environment: "
            "create it there, or correct the option."
        )
    changed = {name: value for name, value in environment.items() if name != "PYTHONHOME"}
    changed["VIRTUAL_ENV"] = str(directory)
    changed["PATH"] = f"{directory / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return str(directory / "bin" / "python"), changed


def _ask(python: str, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S603


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _plugin_output(name: str, piece: bytes) -> Any:
    if name == "stdout":
        return language_pb2.RunPluginResponse(stdout=piece)
    return language_pb2.RunPluginResponse(stderr=piece)


def _pieces(process: "subprocess.Popen[bytes]") -> Iterator[tuple[str, bytes]]:
    """Yield what the process writes, as it writes it, until both its outputs are closed."""
    pieces: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def pump(name: str, pipe: IO[bytes]) -> None:
        while piece := os.read(pipe.fileno(), 1 << 16):
            pieces.put((name, piece))
        pieces.put((name, b""))

    outputs = {"stdout": process.stdout, "stderr": process.stderr}
    for name, pipe in outputs.items():
        if pipe is not None:
            threading.Thread(target=pump, args=(name, pipe), daemon=True).start()
    still_open = len(outputs)
    while still_open:
        name, piece = pieces.get()
        if piece:
            yield name, piece
        else:
            still_open -= 1


def _load_watcher() -> Any:
    """Load the file beside this one by its path: under PYTHONSAFEPATH our folder is not on sys.path."""
    path = Path(__file__).resolve().with_name("kms_engine_watch.py")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is missing")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _serve() -> None:
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=WORKERS),
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)],
    )
    # The engine's address comes last, after its logging flags.
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


def main() -> None:
    """Serve until the engine interrupts us or is gone."""
    watch = _load_watcher()
    watch.end_with_engine()
    with contextlib.suppress(KeyboardInterrupt):
        watch.interrupt_on((signal.SIGINT, signal.SIGTERM))
        _serve()
    os._exit(0)  # a worker may still wait for a program that ends in its own time; it must not hold the engine up


if __name__ == "__main__":
    main()
