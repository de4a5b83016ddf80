"""The loops that `nonet init --from` writes: run as they stand, with real models where their packages are installed.

NONET_LOOP_PYTHON names a Python with pyarrow, pandas, joblib and scikit-learn (or torch); without it these count as skipped: the
build's own environment has none of them.
"""
import os
import pathlib
import subprocess

import pyarrow as pa
import pytest

LOOPS = pathlib.Path(__file__).parents[2] / "src/model/loops"
PYTHON = os.environ.get("NONET_LOOP_PYTHON")


def has(module):
    return PYTHON and subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


def ask(loop, model, batches):
    """Speaks to a loop as nonet does: one batch out, one batch in, on one process."""
    child = subprocess.Popen([PYTHON, LOOPS / loop, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answers, reader = [], None
    with pa.ipc.new_stream(child.stdin, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            child.stdin.flush()
            reader = reader or pa.ipc.open_stream(child.stdout)
            answers.append(reader.read_next_batch())
    child.stdin.close()
    assert child.wait(timeout=30) == 0
    return answers


def make(code, path):
    subprocess.run([PYTHON, "-c", code, path], check=True)


@pytest.fixture
def batches():
    table = pa.table({"x": [0.0, 1.0, 2.0, 3.0], "kind": ["a", "b", "a", "b"]})
    return table.to_batches(max_chunksize=3)


@pytest.mark.skipif(not has("sklearn, joblib, pandas, pyarrow"), reason="NONET_LOOP_PYTHON has no scikit-learn")
class TestSklearn:
    FIT = """
import sys, joblib, pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.{module} import {name}
rows = pd.DataFrame({{"x": [0., 1., 2., 3.], "kind": list("abab")}})
encode = ColumnTransformer([("kind", OneHotEncoder(), ["kind"])], remainder="passthrough")
model = make_pipeline(encode, {name}()).fit(rows, {labels})
joblib.dump(model, sys.argv[1])
"""

    def test_classes(self, batches, tmp_path):
        make(self.FIT.format(module="linear_model", name="LogisticRegression", labels=["no", "no", "yes", "yes"]), tmp_path / "m")
        answers = ask("from_sklearn.py", tmp_path / "m", batches)
        assert [a.num_rows for a in answers] == [3, 1]
        assert answers[0].schema.names == ["no", "yes"]
        assert answers[0]["yes"][0].as_py() < 0.5 < answers[1]["yes"][0].as_py()
        assert answers[0]["yes"][0].as_py() + answers[0]["no"][0].as_py() == pytest.approx(1)

    def test_labels_alone(self, batches, tmp_path):
        make(self.FIT.format(module="svm", name="LinearSVC", labels=["no", "no", "yes", "yes"]), tmp_path / "m")
        answers = ask("from_sklearn.py", tmp_path / "m", batches)
        assert answers[0].schema.names == ["prediction"]
        assert answers[0]["prediction"].to_pylist() == ["no", "no", "yes"]

    def test_regression(self, batches, tmp_path):
        make(self.FIT.format(module="linear_model", name="LinearRegression", labels=[0, 1, 2, 3]), tmp_path / "m")
        answers = ask("from_sklearn.py", tmp_path / "m", batches)
        assert answers[0]["score"].to_pylist() == pytest.approx([0, 1, 2])
        assert answers[1]["score"].to_pylist() == pytest.approx([3])


@pytest.mark.skipif(not has("torch, numpy, pyarrow"), reason="NONET_LOOP_PYTHON has no torch")
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_pytorch(tmp_path, n_outputs):
    make(f"import sys, torch; m = torch.nn.Linear(2, {n_outputs}); torch.nn.init.constant_(m.weight, 1.); torch.nn.init.zeros_(m.bias); torch.jit.script(m).save(sys.argv[1])", tmp_path / "m")
    table = pa.table({"x": [0.0, 1.0, 2.0], "z": [1, 2, 3]})
    (answer,) = ask("from_pytorch.py", tmp_path / "m", table.to_batches())
    expected = [1, 3, 5] if n_outputs == 1 else [[1] * 3, [3] * 3, [5] * 3]
    assert answer["score"].to_pylist() == expected


def test_plain_loops_compile():
    """Whatever is installed: both are Python, short, and keep print off stdout."""
    for name in ("from_sklearn.py", "from_pytorch.py"):
        text = (LOOPS / name).read_text()
        compile(text, name, "exec")
        assert len(text.splitlines()) <= 26
        assert "sys.stdout.buffer, sys.stderr" in text and "out.flush()" in text


