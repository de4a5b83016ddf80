"""Published values, through the command line: tests/golden/golden.json names the source of each."""

import json
import os
from pathlib import Path

import pytest
from conftest import ROOT, close, estimate, evidence

CASES = json.loads((ROOT / "tests" / "golden" / "golden.json").read_text())["cases"]


def table(case, folder):
    if "data" in case:
        extra = os.environ.get("NONET_EXTRA_DATA")
        if not extra:
            pytest.skip(f"{case['data']} is not ours to ship; set NONET_EXTRA_DATA to its folder")
        return Path(extra) / case["data"]
    lines = [",".join(case["columns"])]
    counts = case.get("counts", [1] * len(case["rows"]))
    for row, count in zip(case["rows"], counts, strict=True):
        lines += [",".join(map(str, row))] * count
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_published_value(case, tmp_path):
    only = ",".join(dict.fromkeys(e["measure"] for e in case["expected"]))
    document = evidence("measure", table(case, tmp_path), *case["args"], "--only", only, "--quiet")
    for e in case["expected"]:
        got = estimate(document, e["measure"], e.get("role", "candidate"), e.get("scope"))
        assert got is not None, f"{e['measure']} was not measured: {document['skipped']}"
        for field in ("value", "low", "high"):
            if field in e:
                found = f"{e['measure']} {field}: {got[field]!r}, published {e[field]!r} ({case['source']})"
                assert close(got[field], e[field], e["tolerance"]), found
