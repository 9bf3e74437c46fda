"""`kms review`: inputs from git and from files, exit codes, bad input in one clear sentence."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kms_resources.cli import main

HEAD = """version: 1
targets:
  hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
keys:
"""
SAFE = HEAD + "  orders: {target: hz, spec: AES_256, rotation: {every_days: 90}}\n"
OFF = HEAD + "  orders: {target: hz, spec: AES_256}\n"
LONGER = HEAD + "  orders: {target: hz, spec: AES_256, rotation: {every_days: 365}}\n"
WRONG = HEAD + "  orders: {target: nowhere, spec: AES_256}\n"
CASES = Path(__file__).parent / "cases"


def run(*args: str, rules: bool = False) -> Result:
    return CliRunner().invoke(main, ["review", *args, *([] if rules else ["--no-rules"])], catch_exceptions=False)


def git(*args: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *args], capture_output=True, text=True, check=True).stdout


def commit(text: str, path: str = "stacks/prod.yaml") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", "a state")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git("init", "--quiet", "--initial-branch=main")
    commit(SAFE)
    return tmp_path


def files(folder: Path, base: str, head: str) -> tuple[str, str]:
    for name, text in (("base.yaml", base), ("head.yaml", head)):
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder / "base.yaml"), str(folder / "head.yaml")


def test_the_working_tree_is_head_unless_one_is_named(repository: Path) -> None:
    (repository / "stacks/prod.yaml").write_text(OFF, encoding="utf-8")
    result = run("main")
    assert result.exit_code == 1
    assert result.stdout.startswith("main → working tree\n")
    assert "automatic rotation is switched off (every 90 days → off)  stacks/prod.yaml:5" in result.stdout


def test_two_revisions_are_compared_without_touching_the_working_tree(repository: Path) -> None:
    commit(OFF)
    (repository / "stacks/prod.yaml").write_text("not a stack", encoding="utf-8")
    before = git("status", "--porcelain")
    result = run("HEAD~1", "HEAD")
    assert (result.exit_code, "grade medium" in result.stdout) == (1, True)
    assert git("status", "--porcelain") == before
    assert (repository / "stacks/prod.yaml").read_text(encoding="utf-8") == "not a stack"


def test_a_review_works_in_a_folder_below_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(SAFE, "team/stacks/prod.yaml")
    commit(OFF, "team/stacks/prod.yaml")
    monkeypatch.chdir(repository / "team")
    result = run("HEAD~1", "HEAD")
    assert "stacks/prod.yaml:5" in result.stdout
    assert "1 key" in result.stdout


def test_a_merge_request_is_compared_with_where_it_began(repository: Path) -> None:
    git("switch", "--quiet", "-c", "feature")
    commit(LONGER)
    git("switch", "--quiet", "main")
    commit(HEAD + "  other: {target: hz, spec: AES_256}\n", "stacks/other.yaml")
    assert "key other" in run("main", "feature").stdout
    result = run("main", "feature", "--merge-base")
    assert ("key other" in result.stdout, "key orders" in result.stdout) == (False, True)


def test_a_file_that_base_does_not_have_is_all_new(repository: Path) -> None:
    commit(HEAD + "  fresh: {target: hz, spec: AES_256}\n", "stacks/new.yaml")
    report = json.loads(run("HEAD~1", "HEAD", "--format", "json").stdout)
    assert [(one["name"], one["status"]) for one in report["subjects"]] == [("fresh", "added")]


def test_a_file_that_head_does_not_have_is_all_gone(repository: Path) -> None:
    (repository / "stacks/prod.yaml").unlink()
    report = json.loads(run("main", "--format", "json").stdout)
    assert [(one["name"], one["status"]) for one in report["subjects"]] == [("orders", "removed")]


def test_files_can_be_named(repository: Path) -> None:
    commit(SAFE, "kms/one.yaml")
    commit(OFF, "kms/one.yaml")
    assert run("HEAD~1", "HEAD").exit_code == 0
    assert run("HEAD~1", "HEAD", "--file", "kms/*.yaml").exit_code == 1


def test_an_invalid_stack_of_base_is_named_with_revision_and_place(repository: Path) -> None:
    commit(WRONG)
    commit(SAFE)
    result = run("HEAD~1", "HEAD")
    assert result.exit_code == 2
    assert 'error: HEAD~1:stacks/prod.yaml:5:20: keys.orders.target: there is no target "nowhere"' in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["no-such-branch"], 'there is no revision "no-such-branch"'),
        (["--", "--upload-pack=x"], 'there is no revision "--upload-pack=x"'),
        (["main", "--file", "kms/*.yaml"], 'neither side has a file "kms/*.yaml"'),
        (["main", "--file", "/etc/*.yaml"], "must be a path below this directory"),
        (["main", "--file", "../x.yaml"], "must be a path below this directory"),
        ([], "BASE is missing"),
        (["stacks/prod.yaml"], "is a file, so HEAD has to be one too"),
        (["main", "--deployer", "ci"], "is not a principal"),
        (["main", "--account", "acme"], "is no account"),
        (["main", "main", "--cloud"], "there is no HEAD"),
        (["main", "-o", "no/such/folder/report"], "cannot be written"),
    ],
)
def test_bad_input_is_one_clear_sentence(repository: Path, args: list[str], said: str) -> None:
    result = (
        run(*args[: args.index("--")], "--no-rules", *args[args.index("--") :], rules=True)
        if "--" in args
        else run(*args)
    )
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def test_outside_of_a_repository_revisions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    result = run("main")
    assert (result.exit_code, "is not inside a git repository" in result.stderr) == (2, True)


def test_a_link_in_a_revision_is_not_followed(repository: Path) -> None:
    (repository / "stacks/link.yaml").symlink_to("prod.yaml")
    git("add", "--all")
    git("commit", "--quiet", "-m", "a link")
    result = run("HEAD", "HEAD")
    assert (result.exit_code, "is a link there, not a file" in result.stderr) == (2, True)


def test_without_git_revisions_are_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    result = run("main")
    assert (result.exit_code, "git is not installed" in result.stderr) == (2, True)


def test_the_exit_code_follows_the_grade(tmp_path: Path) -> None:
    assert run(*files(tmp_path, SAFE, SAFE)).exit_code == 0
    assert run(*files(tmp_path, SAFE, LONGER)).exit_code == 0
    assert run(*files(tmp_path, SAFE, LONGER), "--fail-on", "low").exit_code == 1
    assert run(*files(tmp_path, SAFE, OFF)).exit_code == 1
    assert run(*files(tmp_path, SAFE, OFF), "--fail-on", "high").exit_code == 0
    assert run(*files(tmp_path, SAFE, WRONG)).exit_code == 2


def test_narrower_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "06-deny-added-before-allow")
    assert run("base.yaml", "head.yaml", "--fail-on", "low").exit_code == 0


def test_a_lockout_blocks_whatever_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "36-locked-out-by-a-tag")
    assert run("base.yaml", "head.yaml", "--fail-on", "critical").exit_code == 4


def test_the_report_can_go_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    result = run(*files(tmp_path, SAFE, OFF), "--format", "markdown", "-o", str(target))
    assert (result.exit_code, result.stdout) == (1, "")
    assert target.read_text(encoding="utf-8").startswith("<!-- kms-review -->\n")


def test_mandatory_findings_of_rules_count_and_old_advice_is_only_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    door = "gateway: {endpoint: kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com, ignore_ssl: true}}"
    open_ = SAFE.replace("bvyyr5x}", f"bvyyr5x, {door}")
    result = run(*files(tmp_path, open_, open_), "--format", "json", rules=True)
    report = json.loads(result.stdout)
    assert [one["id"] for one in report["findings"]] == ["ignore-ssl"]
    assert report["findings"][0]["what"].endswith("(BASE has it too)")
    assert (report["grade"], result.exit_code) == ("high", 1)
    assert [note for note in report["notes"] if note.endswith("of rules that BASE has too")] != []


def test_trust_documents_need_the_own_account(tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text("{}", encoding="utf-8")
    assert run(*files(tmp_path, SAFE, SAFE), "--trust", str(trust)).exit_code == 0
    trust.write_text(json.dumps({"alibaba": {"role/x": {"Version": "1", "Statement": []}}}), encoding="utf-8")
    result = run(*files(tmp_path, SAFE, SAFE), "--trust", str(trust))
    assert (result.exit_code, "Statement" in result.stderr) == (2, True)
    trust.write_text("[]", encoding="utf-8")
    assert "is not of the form" in run(*files(tmp_path, SAFE, SAFE), "--trust", str(trust)).stderr
