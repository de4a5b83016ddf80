"""The store of runs through the program: history as table, chart and JSON; several processes at once; a newer, damaged, foreign,
or full store: the exit code, one clear message, nothing lost."""

import json
import resource
import signal
import sqlite3
import subprocess
import sys

import jsonschema
import pytest
from conftest import ROOT, nonet, strict_json
from store_kit import keep, run

SCHEMA = json.loads((ROOT / "docs" / "schema" / "history-1.json").read_text())


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "nonet.db"
    runs = [
        run(started="2026-01-01T10:00:00Z", auc=0.88, candidate="aa"),
        run(started="2026-01-02T10:00:00Z", auc=0.91, candidate="bb"),
        run(started="2026-01-03T10:00:00Z", auc=0.905, candidate="cc", baseline="bb", difference=(-0.005, 0.003)),
        run(started="2026-01-04T10:00:00Z", auc=0.5, source="other.csv"),
    ]
    assert keep(path, *runs) == (0, "")
    return path


def history(*args, code=0):
    got, out, err = nonet("history", *args, "--json", "-")
    assert got == code, err
    document = strict_json(out)
    jsonschema.validate(document, SCHEMA)
    return document


def count(path):
    database = sqlite3.connect(path)
    n = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("runs", "data")]
    assert n[0] == n[1], "a run without its rows"
    database.close()
    return n[0]


def test_runs(store):
    document = history("--store", store)
    assert [r["started"][:10] for r in document["runs"]] == ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    first = document["runs"][0]
    assert (first["verdict"], first["context"], first["context_version"]) == ("PASS", "real-time", 2)
    assert (first["candidate"], first["source"], first["n_rows"]) == ("boost.onnx", "rows.parquet", 1000)
    code, out, err = nonet("history", "--store", store)
    assert (code, err) == (0, "")
    assert out.count("PASS") == 4 and first["id"][:8] in out


def test_series(store):
    document = history("--store", store, "--measure", "correctness.auc")
    assert [s["source"] for s in document["series"]] == ["rows.parquet", "other.csv"]
    changes = [p["change"] for p in document["series"][0]["points"]]
    assert changes[0] is None
    # .91 − .88 with half-widths .02 and .02: .03 ± .0283
    assert changes[1]["method"] == "mover" and changes[1]["excludes_0"]
    assert abs(changes[1]["low"] - (0.03 - 0.02 * 2**0.5)) < 1e-12
    # measured beside the run before on the same rows: its own paired interval
    assert (changes[2]["method"], changes[2]["excludes_0"]) == ("paired", True)
    assert abs(changes[2]["difference"] + 0.005) < 1e-12
    assert document["series"][1]["points"][0]["change"] is None
    code, out, err = nonet("history", "--store", store, "--measure", "correctness.auc")
    assert (code, err) == (0, "")
    marks = [line for line in out.splitlines() if "▲" in line or "▼" in line]
    assert len(marks) == 2 and "2026-01-02" in marks[0] and "2026-01-03" in marks[1]


def test_json_file(store, tmp_path):
    out = tmp_path / "history.json"
    assert nonet("history", "--store", store, "--json", out, "--quiet") == (0, "", "")
    jsonschema.validate(json.loads(out.read_text()), SCHEMA)


def test_nothing_kept(tmp_path):
    home = {"XDG_DATA_HOME": str(tmp_path / "data")}
    code, out, err = nonet("history", env=home)
    assert (code, err) == (0, "") and "No run is kept" in out
    assert not (tmp_path / "data").exists()
    assert nonet("history", "--store", "none")[0] == 0
    code, out, err = nonet("history", "--store", tmp_path / "nowhere.db")
    assert (code, out) == (66, "") and "nowhere.db" in err


def test_default_place(tmp_path):
    folder = tmp_path / "nonet"
    folder.mkdir()
    assert keep(folder / "nonet.db", run()) == (0, "")
    code, out, err = nonet("history", env={"XDG_DATA_HOME": str(tmp_path)})
    assert (code, err) == (0, "") and "boost.onnx" in out


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--measure", "correctness.acu"], 65, "did you mean 'correctness.auc'"),
        (["--measure", "correctness.auc{sex=Female}"], 65, "scope"),
        (["run.json"], 64, "no operand"),
        (["--json", "missing/folder/out.json"], 73, "missing"),
    ],
)
def test_refused(store, args, code, says):
    got, out, err = nonet("history", "--store", store, *args)
    assert (got, out) == (code, "") and says in err


def test_server(tmp_path):
    code, out, err = nonet("history", "--store", "postgresql://me:secret@host/db")
    assert (code, out) == (69, "") and "not built yet" in err and "secret" not in err


@pytest.mark.parametrize("damage", ["newer", "foreign", "text", "cut", "flipped"])
def test_no_store_of_ours(store, damage):
    if damage in ("newer", "foreign"):
        database = sqlite3.connect(store)
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("PRAGMA user_version=9" if damage == "newer" else "PRAGMA application_id=7")
        database.close()
    else:
        data = bytearray(store.read_bytes())
        if damage == "text":
            data = b"y,p\n" * 3000
        elif damage == "cut":
            data = data[: len(data) // 3]
        else:
            for at in range(100, len(data), 97):
                data[at] ^= 0xFF
        store.write_bytes(data)
    before = store.read_bytes()
    for args in ([], ["--measure", "correctness.auc"]):
        code, out, err = nonet("history", "--store", store, *args)
        assert (code, out) == (65, ""), err
        assert str(store) in err and len(err.splitlines()) <= 12
        assert damage != "newer" or ("version 9" in err and "up to 1" in err)
    status, message = keep(store, run(auc=0.7))
    assert status == 65 and str(store) in message
    assert damage in ("cut", "flipped") or store.read_bytes() == before


WRITER = """
import sys
sys.path.insert(0, {here!r})
from store_kit import keep, run
for i in range({n}):
    status, message = keep({path!r}, run(candidate=f"{name}-{{i}}"))
    assert status == 0, message
"""


def writer(path, name, n):
    here = str(ROOT / "tests" / "e2e")
    return subprocess.Popen([sys.executable, "-c", WRITER.format(here=here, path=str(path), name=name, n=n)], stderr=subprocess.PIPE, text=True)


def test_two_processes_at_once(tmp_path):
    path = tmp_path / "nonet.db"  # made by whoever is first
    writers = [writer(path, name, 12) for name in ("a", "b", "c")]
    for process in writers:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert count(path) == 36
    assert len(history("--store", path)["runs"]) == 36


def test_killed_writers(tmp_path):
    path = tmp_path / "nonet.db"
    assert keep(path, run()) == (0, "")
    for seconds in (0.3, 0.5):
        process = writer(path, f"k{seconds}", 10000)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    n = count(path)
    assert n >= 1
    for one in history("--store", path)["runs"]:
        assert one["n_rows"] == 1000
    assert keep(path, run(auc=0.6)) == (0, "")
    assert count(path) == n + 1


def test_full_disk(store):
    before = len(history("--store", store)["runs"])
    size = store.stat().st_size
    script = WRITER.format(here=str(ROOT / "tests" / "e2e"), path=str(store), name="full", n=400)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, preexec_fn=limit, timeout=120)
    assert done.returncode != 0 and "AssertionError" in done.stderr, done.stderr
    assert "disk is full while" in done.stderr or "the store failed" in done.stderr
    after = history("--store", store)["runs"]
    assert len(after) >= before and count(store) == len(after)


def test_same_run_again(store):
    assert keep(store, run(started="2026-01-01T10:00:00Z", auc=0.88, candidate="aa")) == (0, "")
    assert count(store) == 4
