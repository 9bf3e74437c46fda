"""Links to files and headings lead somewhere, and nothing names a machine or an index of packages."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import ROOT, anchors, links, name_of, pages, read, tracked

PLACES = re.compile(r"(?<![\w.$}~])/(?:root|home/\w+|Users/\w+)/")
PUBLIC = {"pypi.org", "files.pythonhosted.org", "proxy.golang.org", "sum.golang.org", "127.0.0.1", "localhost"}


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_to_files_and_headings_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if urlsplit(link).scheme:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_file_names_in_code_marks_exist(page: Path) -> None:
    named = re.findall(
        r"`((?:kms_resources|kms_emulator|tests|tools|docs|schema|changelog\.d)/[a-z\d_./-]*)`", read(page)
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_tracked_file_names_a_persons_folder() -> None:
    found = [name_of(path) for path in tracked() if path.suffix != ".sum" and PLACES.search(text_of(path))]
    assert found == []


def test_no_tracked_file_names_the_index_that_this_machine_uses() -> None:
    hosts = index_hosts() - PUBLIC
    found = [(name_of(path), host) for path in tracked() for host in hosts if host in text_of(path)]
    assert found == []


def test_the_pinned_dependencies_name_no_index_and_have_hashes() -> None:
    text = read(ROOT / "requirements.txt")
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host", text)
    pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
    assert pins
    assert len(pins) == len(re.findall(r"^[\w.\[\]-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE))


def index_hosts() -> set[str]:
    """The hosts from which this machine fetches packages."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = (
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "UV_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "GOPROXY",
        "NPM_CONFIG_REGISTRY",
    )
    places = settings + " " + " ".join(os.environ.get(name, "") for name in names)
    return {host for url in re.findall(r"https?://[^\s'\",|]+", places) if (host := urlsplit(url).hostname)}


def text_of(path: Path) -> str:
    """The text of any file."""
    return path.read_text(encoding="utf-8", errors="ignore")
