"""The commands and snippets of docs/tasks run as they stand, from the root of the tree.

A page is one test: its fenced blocks in order. `sh` must end with 0; `console` holds commands after `$ `, which read what
the page's `python` blocks wrote; a page with Python needs its library and counts as skipped without it, after its sh blocks ran.
"""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, binary

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "tasks").glob("*.md"))]
BLOCK = re.compile(r"^```(sh|console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}  # python3 is this one
LIBRARIES = {"from-scikit-learn": ("sklearn", "pandas"), "from-pytorch": ("torch",)}


def shell(command):
    command = command.replace("build/cli/nonet", f"'{binary()}'")
    done = subprocess.run(["sh", "-euc", command], cwd=ROOT, capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
    assert done.returncode == 0, f"exit {done.returncode}:\n{command}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_runs(page):
    blocks = BLOCK.findall(page.read_text())
    assert blocks, "no block to run"
    for kind, text in blocks:
        if kind == "sh":
            shell(text)
    for library in LIBRARIES.get(page.stem, ()):
        pytest.importorskip(library)
    snippet = "\n".join(text for kind, text in blocks if kind == "python")
    if snippet:
        subprocess.run([sys.executable, "-c", snippet], cwd=ROOT, check=True, timeout=300)
    for kind, text in blocks:
        if kind == "console":
            for line in text.splitlines():
                assert line.startswith("$ ")
                shell(line[2:])
