"""The command line's promises: exit codes, one clear message, no partial file, stdout and stderr, help and completion.

Everything here is about how nonet behaves; what the numbers are is tested in test_golden.py and test_peers.py.
"""

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import time

import pytest
from conftest import DATA_HOME, ROOT, binary, evidence, nonet, strict_json

CRASH = "examples/crash/predictions.parquet"
ROLES = ["--label", "dead", "--score", "candidate"]
MEASURE = ["measure", CRASH, *ROLES]
COMPARE = ["compare", CRASH, *ROLES, "--baseline-score", "baseline"]
BUILT = ["check", "init", "context", "measure", "compare", "data", "merge", "catalogue", "history", "report", "selftest", "rebalance", "completion"]
PLANNED = ["remedy", "label", "serve", "scan", "elicit"]
GOOD_CSV = "y,p\n0,0.1\n1,0.9\n0,0.4\n1,0.6\n0,0.7\n1,0.3\n"


def refused(code, *args, says=(), **more):
    """Run a command that must fail: its code, nothing on stdout, a short message with all of `says`."""
    got, out, err = nonet(*args, **more)
    line = f"nonet {shlex.join(map(str, args))}\n{err}"
    assert got == code, f"exit {got}, expected {code}: {line}"
    assert out == "", f"stdout of a failed run: {out[:200]!r}"
    lines = err.splitlines()
    assert 1 <= len(lines) <= 12, f"{len(lines)} lines on stderr: {line}"
    assert lines[0].startswith("nonet"), line
    for word in [says] if isinstance(says, str) else says:
        assert word in err, f"{word!r} is missing: {line}"
    return err


def table(folder, text, name="rows.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# ---- usage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "no command"),
        (["meassure"], "'measure'"),
        (["--quiet", "measure"], "--quiet"),
        ([CRASH], "nonet measure"),
        (["measure"], "FILE"),
        (["measure", CRASH, CRASH, *ROLES], "glob"),
        (["completion", "bash", "zsh"], "one operand"),
        (["measure", CRASH, "--lable", "dead"], "--label"),
        (["measure", CRASH, "--label"], "needs a value"),
        (["measure", CRASH, "--label", "--score", "p"], "needs a value"),
        (["measure", CRASH, "--label", "a", "--label", "b"], "twice"),
        (["measure", CRASH, "--label="], "empty"),
        (["measure", CRASH, "--quiet=yes"], "no value"),
        (["measure", CRASH, "-x"], "-x"),
        (["measure", CRASH, "--margin", "correctness.auc=0.01"], "compare"),
        (["measure", CRASH, "--score", "candidate"], "--label"),
        (["measure", CRASH, "--label", "dead"], "--score"),
        ([*MEASURE, "--threads", "-1"], "--threads"),
        ([*MEASURE, "--threads", "two"], "'two'"),
        ([*MEASURE, "--replicates", "0"], "--replicates"),
        ([*MEASURE, "--seed", "99999999999999999999"], "--seed"),
        ([*MEASURE, "--seed", "1.5"], "--seed"),
        ([*MEASURE, "--memory", "4X"], "--memory"),
        ([*MEASURE, "--memory", "-4G"], "--memory"),
        ([*MEASURE, "--level", "nan"], "--level"),
        ([*MEASURE, "--level", "95"], "--level"),
        ([*MEASURE, "--threshold", "0x1"], "--threshold"),
        ([*MEASURE, "--log-level", "loud"], "--log-level"),
        ([*MEASURE, "--task", "binry"], "--task"),
        ([*MEASURE, "--invalid", "skip"], "--invalid"),
        ([*MEASURE, "--intersections", "0"], "--intersections"),
        ([*MEASURE, "--only", "correctness.acuracy"], "correctness.accuracy"),
        ([*MEASURE, "--query", "select 1"], "--query"),
        ([*MEASURE, "--json", CRASH], "overwrite"),
        ([*MEASURE, "--json", "/tmp/same", "--state", "/tmp/same"], "two files"),
        (["compare", CRASH, *ROLES], "--baseline-score"),
        ([*COMPARE, "--margin", "correctness.aus=0.01"], "correctness.auc"),
        ([*COMPARE, "--context", "generl"], "general"),
        (["merge"], "--state"),
        (["catalogue", "correctness.mccc"], "correctness.mcc"),
        (["completion"], "bash"),
        (["completion", "bsh"], "bash"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else None,
)
def test_usage_error(args, says):
    refused(64, *args, says=says)


@pytest.mark.parametrize("name", PLANNED)
def test_planned_subcommand_says_so(name):
    refused(64, name, says=["not built yet", *BUILT])


def test_exit_code_of_what_was_asked():
    assert nonet(*MEASURE, "--quiet") == (0, "", "")
    for margin, state in [("correctness.auc=0.2", 0), ("correctness.auc=0.000001", None)]:
        code, out, err = nonet(*COMPARE, "--margin", margin, "--json", "-")
        document = strict_json(out)
        expected = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 2, "NONE": 0}[document["verdict"]["state"]]
        assert code == expected, err
        assert state is None or code == state


# ---- bad input -----------------------------------------------------------------------------------------------------------


def test_no_such_file():
    refused(66, "measure", "nowhere.csv", *ROLES, says="nowhere.csv")


def test_no_such_column():
    refused(65, "measure", CRASH, "--label", "daed", "--score", "candidate", says="'dead'")
    refused(65, "measure", CRASH, "--label", "dead", "--score", "candidat", says="'candidate'")
    refused(65, *MEASURE, "--group", "sxe", says="'sex'")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ()),
        ("y,p\n", "row"),
        ("y,p\n1,0.5\n1,0.6\n1,0.7\n", ()),
        ("y,p\n0,0.5\n1,0.6\n2,0.7\n", ()),
        ("y,p\n0,0.5\n1,0.6,7\n0,0.7\n", "3"),
        ("y,p\n0,0.5\n1,nan\n0,0.7\n1,0.8\n", "row 2"),
        ("y,p,p\n0,0.5,0.5\n1,0.6,0.6\n", "p"),
    ],
    ids=["no bytes", "no rows", "one class", "three labels", "ragged", "NaN", "two columns of one name"],
)
def test_bad_rows(text, says, tmp_path):
    path = table(tmp_path, text)
    target = tmp_path / "out.json"
    refused(65, "measure", path, "--label", "y", "--score", "p", "--task", "binary", "--json", target, says=says)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rows.csv"]


def test_scores_outside_the_unit_interval(tmp_path):
    path = table(tmp_path, "y,p\n0,-3\n1,2.5\n0,0.25\n1,4\n0,1\n1,0.5\n")
    args = ["measure", path, "--label", "y", "--score", "p"]
    document = evidence(*args)
    assert any(e["measure"] == "correctness.auc" for e in document["estimates"])
    assert any(s["measure"] == "correctness.log_loss" for s in document["skipped"])
    refused(65, *args, "--only", "correctness.log_loss", says=["log_loss"])


def test_first_fraction_far_down(tmp_path):
    rows = [f"{i % 2},{i % 3 % 2}" for i in range(30000)] + ["1,0.5", "0,0.25"]
    path = table(tmp_path, "y,p\n" + "\n".join(rows) + "\n")
    document = evidence("measure", path, "--label", "y", "--score", "p", "--only", "correctness.accuracy")
    assert document["inputs"]["data"][0]["rows"] == 30002


def test_half_a_parquet(tmp_path):
    whole = (ROOT / CRASH).read_bytes()
    refused(65, "measure", table(tmp_path, whole[: len(whole) // 2], "half.parquet"), *ROLES, says="half.parquet")


def test_a_folder(tmp_path):
    refused(65, "measure", tmp_path, *ROLES)


def test_negative_weights(tmp_path):
    path = table(tmp_path, "y,p,w\n0,0.5,1\n1,0.6,-2\n0,0.7,1\n")
    refused(65, "measure", path, "--label", "y", "--score", "p", "--weight", "w", says="row 2")


def test_duplicate_ids(tmp_path):
    path = table(tmp_path, "y,p,i\n0,0.5,a\n1,0.6,b\n0,0.7,a\n")
    refused(65, "measure", path, "--label", "y", "--score", "p", "--id", "i", says="a")


def test_subquery_in_an_expression():
    refused(64, "measure", CRASH, "--label", "(select max(dead) from x)", "--score", "candidate", says="subquery")


def test_not_a_state(tmp_path):
    refused(65, "merge", table(tmp_path, "not a state\n", "a.state"), says="a.state")
    refused(66, "merge", tmp_path / "none.state", says="none.state")


def test_merge_gives_what_one_run_gives(tmp_path):
    rows = GOOD_CSV.splitlines()[1:]
    for name, part in [("a", rows[:2]), ("b", rows[2:])]:
        path = table(tmp_path, "y,p\n" + "\n".join(part) + "\n", f"{name}.csv")
        code, _, err = nonet("measure", path, "--label", "y", "--score", "p", "--state", tmp_path / f"{name}.state", "--quiet")
        assert code == 0, err
    whole = evidence("measure", table(tmp_path, GOOD_CSV), "--label", "y", "--score", "p")
    merged = evidence("merge", tmp_path / "b.state", tmp_path / "a.state")
    assert merged["digest"] == whole["digest"]
    refused(65, "merge", tmp_path / "a.state", tmp_path / "a.state", says="a.state")


# ---- outputs ---------------------------------------------------------------------------------------------------------------


def test_json_on_stdout_is_alone():
    code, out, err = nonet(*MEASURE, "--json", "-")
    assert (code, err) == (0, "")
    assert strict_json(out)["schema"] == "nonet/evidence/1"
    assert out.endswith("}\n")


def test_json_in_a_file(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old")
    code, out, err = nonet(*MEASURE, "--json", target)
    assert code == 0, err
    assert "auc" in out
    assert strict_json(target.read_text())["run"]["command"] == "measure"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_json_target_is_checked_before_the_work(tmp_path):
    start = time.monotonic()
    slow = "select i % 2 as y, (i % 97) / 100.0 as p from range(5000000000) t(i)"
    refused(73, "measure", "--query", slow, "--label", "y", "--score", "p", "--json", tmp_path / "no" / "out.json", says="no")
    assert time.monotonic() - start < 5
    refused(73, *MEASURE, "--json", tmp_path)


def test_failed_run_keeps_an_older_file(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old")
    refused(65, "measure", CRASH, "--label", "nothing", "--score", "candidate", "--json", target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_full_disk():
    refused(74, *MEASURE, "--quiet", "--json", "/dev/full", says="/dev/full")
    for more in [[], ["--json", "-"], ["--help"]]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([binary(), *MEASURE, *more], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 74
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("args", [MEASURE, [*MEASURE, "--json", "-"], ["measure", "--help"], ["--version"], ["catalogue"], COMPARE])
def test_closed_stdout_is_quiet(args):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([binary(), *args], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_stdout_that_was_never_open(tmp_path):
    target = tmp_path / "out.json"
    command = shlex.join(map(str, [binary(), *MEASURE, "--json", target]))
    done = subprocess.run(["bash", "-c", f"{command} >&-"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    strict_json(target.read_text())  # the report went nowhere, and not into the record


def test_stdin():
    document = evidence("measure", "-", "--label", "y", "--score", "p", stdin=GOOD_CSV)
    assert document["inputs"]["data"][0]["rows"] == 6


# ---- stopping --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "source",
    [["-", "--format", "csv"], ["--query", "select i % 2 as y, random() as p from range(5000000000) t(i)"]],
    ids=["silent stdin", "long query"],
)
def test_stopped(source, number, tmp_path):
    target = tmp_path / "out.json"
    command = [binary(), "measure", *source, "--label", "y", "--score", "p", "--json", target]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    assert process.poll() is None, process.stderr.read()
    process.send_signal(number)
    assert process.wait(timeout=20) == 130
    assert process.stdout.read() == ""
    assert re.fullmatch(r"nonet.*: stopped on request\n", process.stderr.read())
    assert list(tmp_path.iterdir()) == []
    process.stdin.close()


ONE_ANSWER = "select y, count(*) / 1e12 as p from (select (a.i * b.i) % 2 as y from range(1000000) a(i), range(1000000) b(i)) group by y"
SPILLING = "select i % 2 as y, hash(i) / 18446744073709551616.0 as p from range(2000000000) t(i) order by p"


@pytest.mark.parametrize("query", [ONE_ANSWER, SPILLING], ids=["cross join", "spilling sort"])
def test_stopped_inside_a_query(query, tmp_path):
    """The engine has nothing to hand out for minutes: only a cancel of the query ends it, before the grace of 3 s is over."""
    target, temporary = tmp_path / "out.json", tmp_path / "temporary"
    temporary.mkdir()
    command = [binary(), "measure", "--query", query, "--label", "y", "--score", "p", "--memory", "256MB", "--json", target]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(temporary)})
    time.sleep(3)
    assert process.poll() is None, process.stderr.read()
    (folder,) = temporary.iterdir()
    assert query != SPILLING or list(folder.iterdir()), "it does not spill"
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)  # a hand that is impatient
    assert process.wait(timeout=20) == 130
    assert time.monotonic() - start < 2.5
    assert re.fullmatch(r"nonet.*: stopped on request\n", process.stderr.read())
    assert list(temporary.iterdir()) == [] and not target.exists()


# ---- how it looks ----------------------------------------------------------------------------------------------------------


def in_terminal(args, **env):
    """What a terminal of 90 columns shows, stdout and stderr together."""
    main, side = pty.openpty()
    subprocess.run(["stty", "cols", "90", "rows", "40"], stdin=side, check=True)
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LC_ALL")}
    process = subprocess.Popen(
        [binary(), *args], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=side, stderr=side, env={**base, "TERM": "xterm", "LANG": "C.UTF-8", **env}
    )
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    assert process.wait(timeout=60) == 0
    return shown.decode()


def test_colour_only_on_a_terminal():
    assert "\x1b[" not in nonet(*MEASURE, env={"NO_COLOR": "", "TERM": "xterm"})[1]
    assert "\x1b[" in in_terminal(MEASURE)
    for args, env in [(MEASURE, {"NO_COLOR": "1"}), ([*MEASURE, "--no-color"], {}), (MEASURE, {"TERM": "dumb"})]:
        assert not re.search("\x1b\\[[0-9;]*m", in_terminal(args, **env))
    assert re.search("\x1b\\[[0-9;]*m", in_terminal(MEASURE, NO_COLOR=""))  # no-color.org: empty does not count


def test_report_fits_the_terminal():
    report = in_terminal([*MEASURE, "--group", "sex"]).split("\r\x1b[K")[-1]  # what stands after the bar
    shown = re.sub("\x1b\\[[0-9;]*m", "", report).replace("\r", "")
    to_copy = [line for line in shown.splitlines() if line.startswith("    nonet ")]  # a command stays whole
    assert to_copy and max(len(line) for line in shown.splitlines() if line not in to_copy) <= 90


def test_ascii_where_the_locale_says_so():
    assert nonet(*MEASURE, env={"LC_ALL": "C"})[1].isascii()


def test_progress_only_on_a_terminal():
    slow = ["measure", "--query", "select i % 2 as y, (i % 97) / 100.0 as p from range(30000000) t(i)", "--label", "y", "--score", "p"]
    slow += ["--only", "correctness.accuracy"]
    code, _, err = nonet(*slow)
    assert (code, err) == (0, "")
    shown = in_terminal(slow)
    assert "rows" in shown and "\r\x1b[K" in shown
    assert "\r\x1b[K" not in in_terminal([*slow, "--quiet"])
    last = shown.rindex("\r\x1b[K")
    assert "accuracy" in shown[last:], "the bar is not erased before the report"


def test_log_level():
    assert "nonet: measuring\n" in nonet(*MEASURE, "--log-level", "info")[2]
    assert nonet(*MEASURE, "--log-level", "error")[2] == ""


# ---- help, version, completion, catalogue --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", BUILT)
def test_help(command):
    code, out, err = nonet(command, "--help")
    assert (code, err) == (0, "")
    assert nonet("help", command) == (0, out, "")
    assert nonet(command, "-h") == (0, out, "")
    lines = out.splitlines()
    assert lines[0].startswith(f"nonet {command} - ")
    assert len(lines) <= 100
    text, example = out.split("\nExample:\n")
    assert max(map(len, text.splitlines())) <= 80
    assert example.strip()
    for line in example.splitlines():
        assert line.startswith("  nonet ")
        done = subprocess.run(
            line.replace("nonet", shlex.quote(str(binary())), 1), shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120,
            env={**os.environ, "XDG_DATA_HOME": DATA_HOME},
        )
        assert done.returncode in ((0, 1, 2) if command in ("compare", "check") else (0,)), f"{line}\n{done.stderr}"


def test_help_names_every_command():
    code, out, _ = nonet("--help")
    assert code == 0
    assert len(out.splitlines()) <= 40
    for name in BUILT + PLANNED:
        assert re.search(rf"\b{name}\b", out)


def test_version():
    code, out, err = nonet("--version")
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert re.fullmatch(r"nonet \d+\.\d+\.\d+ \(commit (unknown|[0-9a-f]{7,}(-dirty)?)\)", first)
    assert any(re.fullmatch(r"duckdb \d+\.\d+\.\d+", line) for line in rest)
    assert any(line.startswith("adbc driver manager") for line in rest)


def test_missing_engine_says_how_to_get_it(tmp_path):
    env = {"NONET_DUCKDB": str(tmp_path / "libduckdb.so")}
    code, out, err = nonet("--version", env=env)
    assert (code, err) == (0, "")
    assert "duckdb: not available" in out
    refused(69, *MEASURE, env=env, says="libduckdb.so")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(shell, tmp_path):
    code, out, err = nonet("completion", shell)
    assert (code, err) == (0, "")
    for word in [*BUILT, "baseline-score", "correctness.auc"]:
        assert word in out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed; the script was written")
    script = table(tmp_path, out, f"nonet.{shell}")
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nonet", "me"], {"measure", "merge"}),
        (["nonet", "measure", "--baseline-s"], {"--baseline-score"}),
        (["nonet", "merge", "--lab"], set()),
        (["nonet", "measure", "--format", "pa"], {"parquet"}),
        (["nonet", "measure", "--only", "correctness.log"], {"correctness.log_loss"}),
        (["nonet", "completion", "z"], {"zsh"}),
        (["nonet", "measure", "examples/crash/pred"], {CRASH}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bash_completes(words, expected):
    script = f"source <({shlex.quote(str(binary()))} completion bash)\nCOMP_WORDS=({shlex.join(words)})\nCOMP_CWORD={len(words) - 1}\n"
    script += '_nonet\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    done = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    assert set(done.stdout.split()) == expected


def test_catalogue():
    code, out, err = nonet("catalogue", "--json", "-")
    assert (code, err) == (0, "")
    document = strict_json(out)
    assert document["schema"] == "nonet/catalogue/1"
    by_id = {m["id"]: m for m in document["measures"]}
    assert by_id["correctness.accuracy"]["range"] == [0, 1]
    assert by_id["correctness.auc"]["primary"] is True
    listed = nonet("catalogue")[1]
    for name in by_id:
        assert name in listed
    assert list(json.loads(nonet("catalogue", "correctness.auc", "--json", "-")[1])["measures"][0]) == list(by_id["correctness.auc"])
    told = nonet("catalogue", "correctness.auc")[1]
    assert by_id["correctness.auc"]["title"] in told and "interval" in told
