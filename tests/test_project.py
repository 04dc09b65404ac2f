"""The project's own files: workflows, forms, style, and what must never stand in them."""

import os
import re
import subprocess
import sys

import pytest

from pipeline.descriptor import ROOT


def tracked():
    names = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    return [ROOT / name for name in names if name]


@pytest.mark.parametrize(
    "schema,files",
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/report*.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    ],
)
def test_files_for_github_keep_githubs_schemas(schema, files):
    paths = [str(path) for path in ROOT.glob(files)]
    assert paths
    result = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *paths], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_action_is_pinned_to_a_commit():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        uses = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
        assert uses and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use) for use in uses)


def test_code_is_formatted_and_free_of_lint():
    for command in (["check"], ["format", "--check"]):
        result = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout


def test_lock_files_have_hashes_and_no_address():
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9]\S*==", text, re.MULTILINE)
        assert len(pins) > 30 and text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_continuous_integration_runs_the_readmes_test_command():
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("\nmake test")
    assert "\nmake test " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_no_source_text_beyond_the_figures_words(checked):
    for row in checked.tables["evidence"].rows:
        assert len(row["says"].split()) <= 12, row


def test_generated_folders_are_ignored():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/dist/", "/build/", "/.venv/"} <= set(ignored)
    assert not [path for path in tracked() if path.stat().st_size > 1024 * 1024]
