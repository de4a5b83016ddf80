"""What a reader copies: the jobs of docs/tasks/pull-request-job.md, taken from the page as they stand, and the demo.

Each job runs in a folder with models, rows and a nonet.yaml, with `nonet` on the path, as a CI runs it (`bash -e`). What
it leaves in out/ must say the verdict that its exit code says.
"""

import json
import os
import re
import shutil
import subprocess
import textwrap
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import DATA_HOME, ROOT, binary

PAGE = (ROOT / "docs" / "tasks" / "pull-request-job.md").read_text()
CRASH = ROOT / "examples" / "crash"
QUICK = "measures: {only: [correctness, deployability.loads, efficiency.artifact_bytes]}\n"  # no seconds of timing
STATES = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 2}


def shell_job():
    return next(text for text in re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "exit $verdict" in text)


def github_step(name):
    """The commands of one step of the workflow."""
    found = re.search(rf"^ +- name: {name}\n(?: +if: .*\n)? +run: \|\n((?: {{10}}.*\n)+)", PAGE, re.MULTILINE)
    return textwrap.dedent(found.group(1))


def gitlab_job():
    script = re.search(r"^  script:\n((?:    - .*\n)+)", PAGE, re.MULTILINE).group(1)
    return "\n".join(line.removeprefix("    - ") for line in script.splitlines())


@pytest.fixture
def job(tmp_path):
    """Run commands in a project where the verdict will be `state`; the exit code and the folder."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "nonet").symlink_to(binary())
    gh = tools / "gh"  # stands for the code host: keeps the comment
    gh.write_text('#!/bin/sh\nwhile [ "$1" != --body-file ]; do shift; done\ncp "$2" out/comment.md\n')
    gh.chmod(0o755)
    for name in ("test.parquet", "train.parquet"):
        shutil.copy(CRASH / name, tmp_path / name)
    shutil.copytree(CRASH / "models", tmp_path / "models")

    def run(commands, state=None):
        text = (CRASH / "nonet.yaml").read_text() + QUICK
        if state == "PASS":
            text = text.replace("models/candidate.onnx", "models/baseline.onnx")
        elif state == "FAIL":
            text += "require: [correctness.auc >= 0.99]\n"
        if state is not None:
            (tmp_path / "nonet.yaml").write_text(text)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", commands],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "XDG_DATA_HOME": DATA_HOME,
                 "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")},
        )
        return done.returncode, tmp_path

    return run


def count(folder):
    """How many failures, skipped and all cases JUnit has."""
    suites = ElementTree.parse(folder / "out" / "nonet.xml").getroot()
    cases = list(suites.iter("testcase"))
    return sum(c.find("failure") is not None for c in cases), sum(c.find("skipped") is not None for c in cases), len(cases)


def sarif(folder):
    return json.loads((folder / "out" / "nonet.sarif").read_text())["runs"][0]["results"]


@pytest.mark.parametrize("state", STATES)
def test_shell_job(job, state):
    code, folder = job(shell_job(), state)
    assert code == STATES[state]
    assert json.loads((folder / "out" / "nonet.json").read_text())["verdict"]["state"] == state
    assert (folder / "out" / "nonet.md").read_text().startswith(f"### nonet: {state}")
    assert "<!doctype html>" in (folder / "out" / "nonet.html").read_text()[:200].lower()
    failures, skipped, cases = count(folder)
    found = ("correctness.worst_slice", "correctness.label_noise")  # findings, whatever the verdict
    kinds = [(r["kind"], r.get("level")) for r in sarif(folder) if r["ruleId"].startswith("correctness.") and r["ruleId"] not in found]
    assert cases >= 3
    if state == "PASS":
        assert (failures, kinds) == (0, [])
    elif state == "FAIL":
        assert failures == 2  # the verdict and the missed requirement
        assert kinds.count(("fail", "error")) == 1
    else:
        assert failures == 1 and skipped >= 1
        assert set(kinds) == {("open", None)}


def test_could_not_run_leaves_no_file(job, tmp_path):
    (tmp_path / "nonet.yaml").write_text("nonet: 1\nmodels: {candidate: {onnx: gone.onnx}}\ndata: {test: test.parquet, label: dead}\n")
    code, folder = job(shell_job())
    assert code == 66
    assert list((folder / "out").iterdir()) == []


@pytest.mark.parametrize("state", ("FAIL", "INCONCLUSIVE"))
def test_github_job(job, state):
    code, folder = job(github_step("Judge"), state)
    assert code == STATES[state]
    code, folder = job(re.sub(r"\$\{\{.*?\}\}", "7", github_step("Comment")))
    assert code == 0
    comment = (folder / "out" / "comment.md").read_text()
    assert comment.startswith(f"### nonet: {state}")
    assert (folder / "summary.md").read_text() == comment
    assert count(folder)[0] >= 1 and sarif(folder)


def test_gitlab_job(job):
    code, folder = job(gitlab_job(), "INCONCLUSIVE")
    assert code == 2
    assert count(folder)[0] == 1


def test_demo(tmp_path):
    """Both judgements with a reason each, and pages that are there; with little time for timing."""
    done = subprocess.run(["sh", "examples/crash/demo.sh"], cwd=ROOT, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "NONET_BIN": str(binary()), "DEMO_BUDGET": "2s", "DEMO_OUT": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    end = done.stdout[done.stdout.index("== Two places, two judgements"):]
    for place in ("safety-critical", "real-time"):
        state = json.loads((tmp_path / f"{place}.json").read_text())["verdict"]["state"]
        assert re.search(rf"\({place}\): +{state}.*\n  \S", end), end
        page = str(tmp_path / f"{place}.html")
        assert page in end and os.path.getsize(page) > 100_000
