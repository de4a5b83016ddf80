"""Helpers of the end-to-end tests: run the binary, read its evidence, hold it to the published schema.

`from conftest import nonet, evidence`. The binary is $NONET_BIN, by default build/cli/nonet; commands run in the root
of the tree, so paths in tests are those a reader would type.
"""

import atexit
import functools
import json
import math
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "evidence-1.json"
TIMEOUT_S = 120
DATA_HOME = tempfile.mkdtemp(prefix="nonet-e2e-")  # where the default store lands: never the person's own
atexit.register(shutil.rmtree, DATA_HOME, ignore_errors=True)


def binary():
    path = ROOT / os.environ.get("NONET_BIN", "build/cli/nonet")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: run `make`, or set NONET_BIN")
    return path


def nonet(*args, stdin=None, cwd=ROOT, env=None):
    """Run the binary; (exit code, stdout, stderr), both as text."""
    done = subprocess.run(
        [str(binary()), *map(str, args)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "XDG_DATA_HOME": DATA_HOME, **(env or {})},
        timeout=TIMEOUT_S,
    )
    return done.returncode, done.stdout, done.stderr


@functools.cache
def schema():
    validator = jsonschema.validators.validator_for(json.loads(SCHEMA.read_text()))
    return validator(json.loads(SCHEMA.read_text()))


def strict_json(text):
    def refuse(word):
        raise ValueError(f"{word} stands in the JSON")

    return json.loads(text, parse_constant=refuse)


def evidence(*args, codes=(0,), **more):
    """Run with `--json -`; the evidence, after the exit code, the JSON and the schema are checked."""
    code, out, err = nonet(*args, "--json", "-", **more)
    assert code in codes, f"exit {code}, expected one of {codes}: nonet {' '.join(map(str, args))}\n{err}"
    document = strict_json(out)
    problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in schema().iter_errors(document)]
    assert not problems, "not evidence/1:\n" + "\n".join(problems[:5])
    return document


def estimate(document, measure, role="candidate", scope=None):
    """The one estimate of a measure, role and scope; None if there is none."""
    scope = scope or {"kind": "all"}
    found = [e for e in document["estimates"] if (e["measure"], e["role"], e["scope"]) == (measure, role, scope)]
    assert len(found) <= 1, f"{len(found)} estimates of {measure}, {role}, {scope}"
    return found[0] if found else None


def close(got, expected, tolerance=1e-12):
    """Within the tolerance, relative above 1 and absolute below."""
    return got is not None and math.isfinite(got) and abs(got - expected) <= tolerance * max(1.0, abs(expected))
