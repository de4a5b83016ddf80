"""The layer check says what it must say on small trees, and nothing on a sound one."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check-layers"


def run(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, str(CHECK), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout


def test_sound_tree_is_quiet(tmp_path):
    files = {
        "src/base/error.c": '#include "base/error.h"\n#include <nonet/status.h>\n#include <jansson.h>\n',
        "src/base/error.h": "",
        "src/stats/interval.c": '#include "base/error.h"\n#include <math.h>\n',
        "src/stats/interval_test.c": '#include <cmocka.h>\n#include <stdio.h>\n#include "stats/interval.h"\n',
        "src/measure/measure.h": '#include "summary/summary.h"\n',
        "src/measure/correctness/rank.c": '#include "measure/measure.h"\n',
        "src/measure/catalogue.c": '#include "measure/correctness/rank.h"\n',
        "src/report/terminal.c": '#include "evidence/evidence.h"\n',
        "cli/main.c": '#include <nonet/nonet.h>\n#include "options.h"\n',
    }
    assert run(tmp_path, files) == ""


@pytest.mark.parametrize(
    "path, line, says",
    [
        ("src/base/error.c", '#include "stats/interval.h"', "base may not include from stats"),
        ("src/stats/interval.c", '#include "table/table.h"', "stats may not include from table"),
        ("src/stats/interval.c", "#include <jansson.h>", "pure kernels"),
        ("src/table/table.c", '#include "stats/interval.h"', "table may not include from stats"),
        ("src/policy/context.c", '#include "judge/judge.h"', "policy may not include from judge"),
        ("src/report/terminal.c", '#include "measure/measure.h"', "report may not include from measure"),
        ("src/judge/judge.c", "#include <nanoarrow/nanoarrow.h>", "belongs in"),
        ("src/judge/judge.c", '#include "judge.h"', "from the roof"),
        ("cli/main.c", '#include "base/text.h"', "cli may not include from base"),
        ("include/nonet/nonet.h", "#include <jansson.h>", "C standard"),
        ("src/measure/view.c", '#include "measure/correctness/rank.h"', "points up inside measure"),
        ("src/measure/correctness/rank.c", '#include "measure/catalogue.h"', "points up inside measure"),
        ("src/measure/fairness/gap.c", '#include "measure/correctness/rank.h"', "another"),
    ],
)
def test_what_points_up_is_named_with_its_line(tmp_path, path, line, says):
    out = run(tmp_path, {path: f"/* idea */\n{line}\n"})
    assert out.startswith(f"{path}:2: ") and says in out


def test_names_are_unique(tmp_path):
    assert "rank.c stands in several places" in run(tmp_path, {"src/stats/rank.c": "", "src/measure/correctness/rank.c": ""})
