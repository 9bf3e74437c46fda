"""The language host's answers, asked over its real gRPC service; the program's Python is a script of the test."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from kms_resources.engine.cache import OWN_FILES
from tests.engine.conftest import Executable
from tests.support.engine import wait_until

SECONDS = 30.0


class RunningHost:
    """A host process and a connection to it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", OWN_FILES / "kms_engine_host.py", "--logtostderr", "127.0.0.1:1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def close(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def host() -> Iterator[RunningHost]:
    running = RunningHost()
    yield running
    running.close()


@pytest.fixture
def program(tmp_path: Path, executable: Executable) -> Any:
    """Return the description of a program whose Python is the script `body`."""

    def describe(body: str, **options: str) -> Any:
        executable(tmp_path / "venv" / "bin" / "python", body)
        settings = struct_pb2.Struct()
        settings.update({"virtualenv": "venv"} | options)
        return language_pb2.ProgramInfo(
            root_directory=str(tmp_path), program_directory=str(tmp_path), entry_point=".", options=settings
        )

    return describe


def run(host: RunningHost, info: Any, **fields: Any) -> Any:
    request = language_pb2.RunRequest(
        info=info, pwd=info.program_directory, project="p", stack="s", organization="o", parallel=8,
        monitor_address="127.0.0.1:2", **fields,
    )  # fmt: skip
    return host.stub.Run(request, timeout=SECONDS)


def test_a_program_that_ends_well_is_reported_as_such(host: RunningHost, program: Any) -> None:
    assert language_pb2.RunResponse() == run(host, program("exit 0"))


def test_exit_32_means_the_user_has_been_told(host: RunningHost, program: Any) -> None:
    assert language_pb2.RunResponse(bail=True) == run(host, program("exit 32"))


def test_any_other_exit_code_is_named(host: RunningHost, program: Any) -> None:
    assert run(host, program("exit 3")).error == "The Python program ended with exit code 3."


def test_a_program_that_was_killed_is_reported_with_the_signal(host: RunningHost, program: Any) -> None:
    assert run(host, program("kill -9 $$")).error == "The Python program was ended by SIGKILL."


def test_the_program_gets_the_address_of_the_handshake_and_all_settings(
    host: RunningHost, program: Any, tmp_path: Path
) -> None:
    host.stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:3"), timeout=SECONDS)
    run(host, program('echo "$@" > called'), dryRun=True)
    called = (tmp_path / "called").read_text(encoding="utf-8")
    for expected in (
        "--monitor 127.0.0.1:2", "--engine 127.0.0.1:3", "--project p", "--stack s", "--organization o", "--parallel 8",
        "--dry_run true", f"--root_directory {tmp_path}", f"--pwd {tmp_path} ",
    ):  # fmt: skip
        assert expected in called


def test_configuration_travels_in_the_environment_and_not_in_the_arguments(
    host: RunningHost, program: Any, tmp_path: Path
) -> None:
    info = program('printf "%s\\n%s\\n%s" "$PULUMI_CONFIG" "$PULUMI_CONFIG_SECRET_KEYS" "$*" > called')
    run(host, info, config={"p:token": "fake-token"}, configSecretKeys=["p:token"])
    config, secret_keys, arguments = (tmp_path / "called").read_text(encoding="utf-8").splitlines()
    assert json.loads(config) == {"p:token": "fake-token"}
    assert json.loads(secret_keys) == ["p:token"]
    assert "fake-token" not in arguments


def test_an_environment_that_is_missing_is_named(host: RunningHost, program: Any, tmp_path: Path) -> None:
    info = program("exit 0", virtualenv="nowhere")
    assert f"virtualenv names {tmp_path / 'nowhere'}, which is not" in run(host, info).error


def test_a_toolchain_we_do_not_know_is_refused_by_name(host: RunningHost, program: Any) -> None:
    assert "toolchain: uv is not known here" in run(host, program("exit 0", virtualenv="", toolchain="uv")).error


def test_a_policy_pack_runs_in_its_folder_and_its_output_is_passed_on(
    host: RunningHost, program: Any, tmp_path: Path
) -> None:
    info = program('echo 4711; echo "$PACK_SETTING" >&2; echo "$@" > called; exit 5')
    request = language_pb2.RunPluginRequest(
        info=info, kind="analyzer", args=["127.0.0.1:1"], env=["PACK_SETTING=strict=yes"]
    )
    pieces = list(host.stub.RunPlugin(request, timeout=SECONDS))
    assert b"".join(piece.stdout for piece in pieces) == b"4711\n"
    assert b"".join(piece.stderr for piece in pieces) == b"strict=yes\n"
    assert pieces[-1].exitcode == 5
    assert (tmp_path / "called").read_text(encoding="utf-8").strip() == f"-u -m pulumi.policy 127.0.0.1:1 {tmp_path}"


def test_a_policy_pack_ends_when_the_engine_lets_go_of_it(host: RunningHost, program: Any, tmp_path: Path) -> None:
    info = program("echo $$ > pid; echo started; exec sleep 600")
    call = host.stub.RunPlugin(language_pb2.RunPluginRequest(info=info, kind="analyzer"), timeout=SECONDS)
    assert next(call).stdout == b"started\n"
    call.cancel()
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), SECONDS, "the pack has ended")


def test_other_kinds_of_plugin_are_refused_by_name(host: RunningHost, program: Any) -> None:
    call = host.stub.RunPlugin(language_pb2.RunPluginRequest(info=program("exit 0"), kind="resource"), timeout=SECONDS)
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "no plug-ins of kind 'resource'" in caught.value.details()


def test_nothing_is_ever_asked_to_be_downloaded_or_installed(host: RunningHost) -> None:
    required = host.stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(), timeout=SECONDS)
    assert list(required.packages) == []
    plugins = host.stub.GetRequiredPlugins(language_pb2.GetRequiredPluginsRequest(), timeout=SECONDS)
    assert list(plugins.plugins) == []
    installed = list(host.stub.InstallDependencies(language_pb2.InstallDependenciesRequest(), timeout=SECONDS))
    assert b"Nothing is installed" in installed[0].stdout


def test_small_questions_are_answered(host: RunningHost) -> None:
    assert host.stub.GetPluginInfo(empty_pb2.Empty(), timeout=SECONDS).version
    assert host.stub.Cancel(empty_pb2.Empty(), timeout=SECONDS) == empty_pb2.Empty()
    options = host.stub.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest(), timeout=SECONDS)
    assert list(options.prompts) == []
    assert host.stub.Template(language_pb2.TemplateRequest(), timeout=SECONDS) == language_pb2.TemplateResponse()


def test_about_names_the_python_that_runs_programs(host: RunningHost) -> None:
    answer = host.stub.About(language_pb2.AboutRequest(), timeout=SECONDS)
    assert (sys.executable, sys.version.split()[0]) == (answer.executable, answer.version)


def test_about_with_a_missing_environment_fails_in_one_sentence(host: RunningHost, program: Any) -> None:
    request = language_pb2.AboutRequest(info=program("exit 0", virtualenv="nowhere"))
    with pytest.raises(grpc.RpcError) as caught:
        host.stub.About(request, timeout=SECONDS)
    assert "which is not a virtual environment" in caught.value.details()


def test_dependencies_of_dependencies_are_listed_only_on_demand(host: RunningHost) -> None:
    def names(transitive: bool) -> set[str]:
        request = language_pb2.GetProgramDependenciesRequest(transitiveDependencies=transitive)
        return {found.name for found in host.stub.GetProgramDependencies(request, timeout=SECONDS).dependencies}

    assert {"grpcio", "pytest-xdist"} <= names(True)
    assert "grpcio" not in names(False)
    assert "pytest-xdist" in names(False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_host_ends_quietly_when_the_engine_interrupts_it(host: RunningHost, number: signal.Signals) -> None:
    os.kill(host.process.pid, number)
    assert host.process.wait(SECONDS) == 0
    assert host.process.stdout is not None
    assert host.process.stdout.read() == b""


def test_the_host_and_its_program_end_when_the_engine_is_gone(host: RunningHost, program: Any, tmp_path: Path) -> None:
    request = language_pb2.RunRequest(info=program("echo $$ > pid; exec sleep 600"), pwd=str(tmp_path))
    call = host.stub.Run.future(request, timeout=SECONDS)
    pid_file = tmp_path / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text(encoding="utf-8"), SECONDS, "the program runs")
    assert host.process.stdin is not None
    host.process.stdin.close()  # what the kernel does when the engine dies
    assert host.process.wait(SECONDS) == -signal.SIGKILL
    assert call.exception(SECONDS).code() is grpc.StatusCode.UNAVAILABLE
    pid = int(pid_file.read_text(encoding="utf-8"))
    wait_until(lambda: not Path(f"/proc/{pid}/cmdline").exists(), SECONDS, "the program has ended")


SIGNAL_IN_ANOTHER_THREAD = """
import importlib.util, signal, sys, threading
specification = importlib.util.spec_from_file_location("watch", sys.argv[1])
watch = importlib.util.module_from_spec(specification)
specification.loader.exec_module(watch)
try:
    watch.interrupt_on((signal.SIGINT,))
    threading.Thread(target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)).start()
    threading.Event().wait()
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_that_another_thread_receives_still_ends_the_wait() -> None:
    command = [sys.executable, "-c", SIGNAL_IN_ANOTHER_THREAD, str(OWN_FILES / "kms_engine_watch.py")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert (result.stdout, result.stderr) == ("interrupted\n", "")
