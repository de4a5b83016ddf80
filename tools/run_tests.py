#!/usr/bin/env python3
"""Runs the tests of a build folder and counts cases, not programs.

1. Every test that meson knows (`meson introspect --tests`), a few at a time. A cmocka program prints one TAP line per case; a
   program without TAP counts as one case by its exit code (77: skipped). A program that ends badly without having reported a
   failed case counts one failure.
2. pytest on tests/, counted from its JUnit file; the binary under test is in NONET_BIN.

Failures are shown in full, the last line is `N passed, N failed`, with `, N skipped` where there are any. Exit 1 on a failure, and
when nothing ran at all.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
TAP_CASE = re.compile(r"^(not ok|ok) (?:\d+ )?(?:- |# SKIP )?(.*)$")


class Totals:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def n_cases(self):
        return self.passed + self.failed + self.skipped

    def __str__(self):
        line = f"{self.passed} passed, {self.failed} failed"
        return line + (f", {self.skipped} skipped" if self.skipped else "")


def read_tap(output):
    """Cases of a TAP stream. cmocka writes a skipped case as `not ok 3 # SKIP name`."""
    totals = Totals()
    for line in output.splitlines():
        match = TAP_CASE.match(line)
        if not match:
            continue
        if re.match(r"^(not )?ok \d+ # SKIP", line):
            totals.skipped += 1
        elif match.group(1) == "ok":
            totals.passed += 1
        else:
            totals.failed += 1
    return totals


def read_exit(code, totals):
    """The exit code on top of what the program reported."""
    if totals.n_cases() == 0:
        return Totals(passed=int(code == 0), skipped=int(code == 77), failed=int(code not in (0, 77)))
    if code != 0 and totals.failed == 0:
        totals.failed += 1
    return totals


def read_junit(path):
    totals = Totals()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            totals.failed += 1
        elif "skipped" in kinds:
            totals.skipped += 1
        else:
            totals.passed += 1
    return totals


LEAST_TIMEOUT_S = 120  # a hang is ended; a machine that is busy with other work is not taken for one


def run_program(test, timeout_factor):
    start = time.monotonic()
    environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", LC_ALL="C.UTF-8", **test.get("env", {}))
    timeout = max(test["timeout"], LEAST_TIMEOUT_S) * timeout_factor if test["timeout"] > 0 else None
    try:
        done = subprocess.run(test["cmd"], cwd=test.get("workdir") or ROOT, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        code, output = done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as expired:
        code, output = 124, (expired.stdout or b"").decode("utf-8", "replace") + f"\nended after {timeout} s\n"
    return code, output, read_exit(code, read_tap(output)), time.monotonic() - start


def run_programs(tests, jobs, timeout_factor):
    totals = Totals()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        pending = {pool.submit(run_program, test, timeout_factor): test for test in tests}
        for future in concurrent.futures.as_completed(pending):
            test = pending[future]
            code, output, cases, seconds = future.result()
            totals.add(cases)
            print(f"{'FAIL' if cases.failed else 'ok  '} {test['name']:<28} {cases}  ({seconds:.1f} s)", flush=True)
            if cases.failed:
                print(f"---- {' '.join(test['cmd'])} (exit {code})\n{output}----", flush=True)
    return totals


def run_pytest(build, arguments, jobs):
    if not any((ROOT / "tests").rglob("test_*.py")):
        return Totals()
    with tempfile.TemporaryDirectory() as folder:
        junit = pathlib.Path(folder, "junit.xml")
        environment = dict(os.environ, NONET_BIN=str(build / "cli" / "nonet"), NONET_BUILD=str(build))
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), f"--junitxml={junit}", *arguments, str(ROOT / "tests")]
        code = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
        totals = read_junit(junit) if junit.exists() else Totals()
        if code not in (0, 1, 5) and totals.failed == 0:
            totals.failed += 1  # pytest itself broke: 2 interrupted, 3 internal, 4 usage
        return totals


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path, help="the build folder")
    parser.add_argument("--suite", action="append", help="only these suites of meson's tests, and no pytest")
    parser.add_argument("--long", action="store_true", help="the long tests as well")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout-factor", type=float, default=1.0, help="sanitizers are slow")
    parser.add_argument("--totals", type=pathlib.Path, help="also write the totals, as JSON, here")
    options = parser.parse_args()
    build = options.build.resolve()

    python = ROOT / ".venv" / "bin" / "python"
    if python.exists() and pathlib.Path(sys.prefix) != ROOT / ".venv":
        os.execv(python, [str(python), __file__, *sys.argv[1:]])

    meson = pathlib.Path(sys.prefix) / "bin" / "meson"
    known = json.loads(subprocess.run([str(meson), "introspect", "--tests", str(build)], check=True, capture_output=True).stdout)

    def wanted(test):
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if options.suite:
            return bool(suites & set(options.suite))
        return options.long or "long" not in suites

    totals = run_programs([test for test in known if wanted(test)], options.jobs, options.timeout_factor)
    if not options.suite:
        totals.add(run_pytest(build, [] if options.long else ["-m", "not long"], options.jobs))
    if options.totals:
        options.totals.write_text(json.dumps(vars(totals)))
    print(totals)
    return int(totals.failed > 0 or totals.passed == 0)


if __name__ == "__main__":
    sys.exit(main())
