"""nonet check when something ends it: Ctrl-C while models are asked and while they are timed, a full disk, a closed stdout, two at once.

After each, nothing is left: no file in the temporary folder, no half-written output, no process.
"""

import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, binary, nonet, strict_json

MODELS = ROOT / "tests" / "golden" / "models"
SLOW = """
import sys, time, pathlib, pyarrow as pa
w = None
for b in pa.ipc.open_stream(sys.stdin.buffer):
    pathlib.Path("asked").touch()
    time.sleep(0.3)
    r = pa.record_batch([[0.5] * b.num_rows], names=["score"])
    w = w or pa.ipc.new_stream(sys.stdout.buffer, r.schema)
    w.write_batch(r)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def folder(tmp_path):
    table = pa.table({f"x{k}": [(i * (k + 3)) % 17 / 8 - 1 for i in range(600)] for k in range(4)})
    table = table.append_column("y", pa.array([(i * 7) % 11 > 4 for i in range(600)]))
    pq.write_table(table, tmp_path / "rows.parquet")
    (tmp_path / "slow.py").write_text(SLOW)
    return tmp_path


def configure(folder, candidate, baseline=None):
    models = f"  candidate: {candidate}\n" + (f"  baseline: {baseline}\n" if baseline else "")
    (folder / "nonet.yaml").write_text(f"nonet: 1\nmodels:\n{models}data: {{test: rows.parquet, label: y, features: [x0, x1, x2, x3]}}\n")


SIGMOID, FIXED = f"{{onnx: {MODELS / 'sigmoid.onnx'}}}", f"{{onnx: {MODELS / 'fixed.onnx'}}}"


def processes_of(session):
    """Everything alive that this session of processes left, and what is dead and waits for its parent, unless that is init."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session and (fields[0], fields[1]) != ("Z", "1"):
            found.append(int(entry))
    return found


def stopped(folder, is_ready, *more):
    """Starts a check, waits until it is where it should be stopped, stops it; all traces must be gone."""
    temporary = folder / "temporary"
    temporary.mkdir()
    command = [binary(), "check", "--store", "none", "--json", folder / "out.json", "--html", folder / "out.html", *more]
    env = {**os.environ, "TMPDIR": str(temporary), "NO_COLOR": "1"}
    before = set(os.listdir(folder))
    child = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 20
    while not is_ready(child) and time.monotonic() < end:
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.02)
    assert is_ready(child)
    start = time.monotonic()
    os.killpg(child.pid, signal.SIGINT)  # a terminal tells all of the group
    assert child.wait(timeout=20) == 130
    assert time.monotonic() - start < 3
    assert child.stdout.read() == ""
    assert re.fullmatch(r"nonet.*: stopped on request\n", child.stderr.read())
    assert list(temporary.iterdir()) == []
    assert set(os.listdir(folder)) - before <= {"asked", "__pycache__"}
    assert processes_of(child.pid) == []


def test_stopped_while_asking(folder):
    configure(folder, f"{{command: [{sys.executable}, slow.py], batch_rows: 4}}")
    stopped(folder, lambda child: (folder / "asked").exists(), "--only", "correctness.auc")


def test_stopped_while_timing(folder):
    configure(folder, SIGMOID, FIXED)

    def is_timing(child):
        return any(b"nonet-probe" in open(f"/proc/{pid}/cmdline", "rb").read() for pid in processes_of(child.pid) if os.path.exists(f"/proc/{pid}"))

    stopped(folder, is_timing, "--only", "efficiency.latency_p99", "--budget", "60s")


def test_a_runtime_leaves_and_sends_nothing(folder):
    """ONNX Runtime's official builds keep an id of the device under the home and events to send: nonet switches that off."""
    configure(folder, SIGMOID, FIXED)
    home, temporary = folder / "home", folder / "temporary"
    home.mkdir()
    temporary.mkdir()
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home), "TMPDIR": str(temporary)}
    code, _, err = nonet("check", "--store", "none", "--only", "correctness.auc,deployability.loads", cwd=folder, env=env)
    assert code in (0, 1, 2), err
    assert list(home.rglob("*")) + list(temporary.rglob("*")) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("output", ["--json", "--html", "--markdown"])
def test_full_disk(folder, output):
    configure(folder, SIGMOID, FIXED)
    code, out, err = nonet("check", "--store", "none", "--only", "correctness.auc", output, "/dev/full", cwd=folder)
    assert (code, out) == (74, "") and "/dev/full" in err and len(err.splitlines()) == 1


def limit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_full_disk_under_the_store(folder):
    """A disk that fills while the run is kept: 74, and the runs that were kept before are whole."""
    configure(folder, SIGMOID, FIXED)
    run = [binary(), "check", "--store", "runs.db", "--only", "correctness.auc"]
    assert subprocess.run(run, cwd=folder, capture_output=True, timeout=60).returncode <= 2
    done = subprocess.run(run, cwd=folder, preexec_fn=limit, restore_signals=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 74 and "runs.db" in done.stderr, done.stderr
    store = sqlite3.connect(folder / "runs.db")
    assert store.execute("pragma integrity_check").fetchone() == ("ok",)
    store.close()
    code, out, err = nonet("history", "--store", "runs.db", cwd=folder)
    assert code == 0 and len([line for line in out.splitlines() if "INCONCLUSIVE" in line or "PASS" in line]) == 1, out + err


def test_closed_stdout_is_quiet(folder):
    configure(folder, SIGMOID, FIXED)
    reading, writing = os.pipe()
    os.close(reading)
    command = [binary(), "check", "--store", "none", "--only", "correctness.auc", "--json", "out.json"]
    done = subprocess.run(command, cwd=folder, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    strict_json((folder / "out.json").read_text())


def test_two_at_once_in_one_store(folder):
    """The same question at the same moment: both are kept, and both are the first look."""
    configure(folder, SIGMOID, FIXED)
    command = [binary(), "check", "--store", "runs.db", "--only", "correctness.auc", "--json", "-"]
    children = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [child.communicate(timeout=60) for child in children]
    assert {child.returncode for child in children} <= {0, 1, 2}, [err for _, err in answers]
    documents = [json.loads(out) for out, _ in answers]
    assert len({document["digest"] for document in documents}) == 1
    assert {judgement["look"] for document in documents for judgement in document["judgements"]} == {1}
    store = sqlite3.connect(folder / "runs.db")
    assert store.execute("pragma integrity_check").fetchone() == ("ok",)
    assert store.execute("select count(*) from runs").fetchone() == (4,)
