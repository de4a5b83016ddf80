"""The runner counts cases as the programs report them."""

import importlib.util
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[2] / "tools" / "run_tests.py"
SPEC = importlib.util.spec_from_file_location("run_tests", PATH)
run_tests = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run_tests)

# What cmocka 1.1.5 prints for one failing, one passing, one skipped and one crashing case, and a second group.
TAP = """1..4
noise of the program
not ok 1 - a
# 0x1 != 0x2
ok 2 - b
not ok 3 # SKIP c
not ok 4 - d
# Test failed with exception: Segmentation fault(11)
# not ok - t
1..1
ok 1 - b
# ok - u
"""


def counts(totals):
    return totals.passed, totals.failed, totals.skipped


def test_tap_cases_are_counted():
    assert counts(run_tests.read_tap(TAP)) == (2, 2, 1)


def test_a_bad_end_without_a_failed_case_is_a_failure():
    assert counts(run_tests.read_exit(-6, run_tests.read_tap("1..2\nok 1 - a\n"))) == (1, 1, 0)


def test_a_failed_case_is_not_counted_twice():
    assert counts(run_tests.read_exit(1, run_tests.read_tap("not ok 1 - a\n"))) == (0, 1, 0)


def test_a_program_without_cases_is_one_by_its_exit_code():
    assert counts(run_tests.read_exit(0, run_tests.Totals())) == (1, 0, 0)
    assert counts(run_tests.read_exit(77, run_tests.Totals())) == (0, 0, 1)
    assert counts(run_tests.read_exit(3, run_tests.Totals())) == (0, 1, 0)


def test_junit_is_counted(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text(
        "<testsuites><testsuite><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='c'><skipped/></testcase>"
        "<testcase name='d'><error/></testcase></testsuite></testsuites>"
    )
    assert counts(run_tests.read_junit(path)) == (1, 2, 1)


def test_the_last_line():
    assert str(run_tests.Totals(3, 0)) == "3 passed, 0 failed"
    assert str(run_tests.Totals(3, 1, 2)) == "3 passed, 1 failed, 2 skipped"
