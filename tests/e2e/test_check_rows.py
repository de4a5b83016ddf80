"""nonet check over rows of every kind: formats, batches, samples, nulls, weights, training rows, tasks and commands.

Small models of tests/golden/models over 600 made rows. Expected values are numpy's, or those of a run that must agree; the models' own
answers (e0 ...) are their runtimes' (make_models.py).
"""

import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, close, estimate, evidence, nonet

MODELS = ROOT / "tests" / "golden" / "models"
N = 600
FEATURES = ["x0", "x1", "x2", "x3"]


def made_rows():
    random = np.random.default_rng(7)
    x = {name: random.integers(-32, 33, N) / 16.0 for name in FEATURES}  # exact as float, double and text
    y = (x["x0"] - x["x1"] + 0.5 * x["x2"] + random.normal(0, 1, N) > 0).astype(int)
    g = pa.array([None if i % 7 == 0 else "ab"[i % 2] for i in range(N)])
    return pa.table({**x, "y": y, "g": g, "w": random.integers(1, 5, N) / 2.0, "c": random.integers(0, 120, N), "id": [f"r{i}" for i in range(N)]})


ROWS = made_rows()
ORDER = np.random.default_rng(8).permutation(N)


@pytest.fixture
def folder(tmp_path):
    pq.write_table(ROWS, tmp_path / "rows.parquet")
    return tmp_path


def configure(folder, candidate="{onnx: sigmoid.onnx}", baseline=None, test="rows.parquet", data="label: y", more=""):
    def placed(model):
        for ending in (".onnx", ".json"):
            name = model.split(":", 1)[1].strip(" }").split(",")[0].strip() if model.startswith(("{onnx", "{xgboost")) else ""
            if name.endswith(ending) and "/" not in name:
                return model.replace(name, str(MODELS / name))
        return model

    models = f"  candidate: {placed(candidate)}\n" + (f"  baseline: {placed(baseline)}\n" if baseline else "")
    path = folder / "nonet.yaml"
    path.write_text(f"nonet: 1\nmodels:\n{models}data: {{test: {test}, {data}}}\n{more}")
    return path


def query(sql):
    return '{query: "' + sql + '"}'


def check(path, *more, only="correctness.auc", codes=(0, 1, 2)):
    return evidence("check", path, "--store", "none", "--only", only, *more, codes=codes, cwd=path.parent)


def refused(code, path, *says, only="correctness.auc", more=()):
    got, out, err = nonet("check", path, "--store", "none", "--only", only, *more, cwd=path.parent)
    assert (got, out) == (code, ""), err
    for word in says:
        assert word in err, f"{word!r} is missing: {err}"
    return err


def command(folder, line, names="'score'"):
    """A model that is a program: `line` makes the columns of the answer from d, the rows as lists."""
    (folder / "model.py").write_text(
        "import sys, math, time, pyarrow as pa\nw = None\n"
        "for b in pa.ipc.open_stream(sys.stdin.buffer):\n"
        f"    d = b.to_pydict()\n    r = pa.record_batch({line}, names=[{names}])\n"
        "    w = w or pa.ipc.new_stream(sys.stdout.buffer, r.schema)\n    w.write_batch(r)\n    sys.stdout.buffer.flush()\n"
    )
    return f"{{command: [{sys.executable}, model.py], batch_rows: 100}}"


# ---- the same bytes -----------------------------------------------------------------------------------------------------

# boost_binary adds up the leaves a row falls into: nothing of its batch is in an answer, so rows may be in any order. sigmoid and fixed
# are matrix products, whose last digit may hang on a row's place in its batch: they are held to the order of the rows.
PAIRS = {"trees": ("{xgboost: boost_binary.json}", "{xgboost: boost_unnamed.json}"), "products": ("{onnx: sigmoid.onnx}", "{onnx: fixed.onnx}")}
ROLES = "label: y, groups: [g], weight: w, cluster: c, id: id, features: [x0, x1, x2, x3]"


def digest(folder, pair, *more, test="rows.parquet"):
    document = check(configure(folder, *PAIRS[pair], test=test, data=ROLES), *more, only="correctness")
    assert len(document["estimates"]) > 50 and document["judgements"]
    return document["digest"]


@pytest.mark.parametrize("pair", PAIRS)
def test_same_bytes(folder, pair):
    expected = digest(folder, pair)
    for more in (["--threads", 1], ["--threads", 2], ["--threads", 7], ["--batch-rows", 1000], ["--batch-rows", 65536]):
        assert digest(folder, pair, *more) == expected, more
    pyarrow.csv.write_csv(ROWS, folder / "rows.csv")
    (folder / "rows.json").write_text("\n".join(map(json.dumps, ROWS.to_pylist())))
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, ROWS.schema) as writer:
        writer.write_table(ROWS, max_chunksize=77)
    for name in ("rows.csv", "rows.json", "rows.arrow"):
        assert digest(folder, pair, test=name) == expected, name


def test_same_bytes_in_any_order(folder):
    pq.write_table(ROWS.take(ORDER), folder / "shuffled.parquet", row_group_size=100)
    assert digest(folder, "trees", test="shuffled.parquet") == digest(folder, "trees")


# ---- which rows ---------------------------------------------------------------------------------------------------------


def test_a_query_is_a_source(folder):
    document = check(configure(folder, test=query("select * from 'rows.parquet' where x0 > 0")))
    assert document["inputs"]["data"][0]["rows"] == int((ROWS["x0"].to_numpy() > 0).sum())


def test_a_query_is_the_same_look_by_its_rows(folder):
    path, store = configure(folder, baseline="{onnx: fixed.onnx}", test=query("select * from 'rows.parquet' where x0 > 0")), folder / "n.db"

    def look():
        document = evidence("check", path, "--store", store, "--only", "correctness.auc", codes=(0, 1, 2), cwd=folder)
        return document["judgements"][0]["look"]

    assert (look(), look()) == (1, 1)
    pq.write_table(ROWS.slice(0, 500), folder / "rows.parquet")
    assert look() == 2


@pytest.mark.parametrize("more", ["", "positive: 1, classes: ['0', '1'], "])
def test_no_rows(folder, more):
    pq.write_table(ROWS.slice(0, 0), folder / "none.parquet")
    refused(65, configure(folder, test="none.parquet", data=more + "label: y", more="task: binary\n"), "no rows", "none.parquet")


def test_a_sample_larger_than_the_table_is_the_table(folder):
    path = configure(folder)
    whole, sampled = check(path), check(path, "--sample", 100000)
    assert whole["digest"] == sampled["digest"]
    assert sampled["inputs"]["data"][0]["rows_used"] == N


def test_a_sample_keeps_the_shares(folder):
    """Largest remainders: each class and group within one row of its share."""
    path = configure(folder, data="label: y, groups: [g], sample: {rows: 101, seed: 3, stratify: [y, g]}")
    document = check(path, only="correctness.prevalence,correctness.auc")
    assert document["inputs"]["data"][0]["rows_used"] == 101
    assert document["inputs"]["data"][0]["left_out"]["not_sampled"] == N - 101
    y, g = ROWS["y"].to_numpy(), np.array(ROWS["g"].to_pylist(), dtype=object)
    for group in ("a", "b", None):
        rows = np.array([value == group for value in g])
        found = estimate(document, "correctness.prevalence", "candidate", {"kind": "group", "by": {"g": group}})
        assert abs(found["n"] - 101 * rows.mean()) < 2
        assert abs(found["value"] * found["n"] - 101 * (rows & (y == 1)).mean()) < 1.001
    assert abs(estimate(document, "correctness.prevalence")["value"] - y.mean()) < 2 / 101


def test_no_such_stratum(folder):
    refused(65, configure(folder, data="label: y, sample: {rows: 100, stratify: [gg]}"), "'gg'", "'g'")


def test_an_id_twice_is_told(folder):
    twice = pa.concat_tables([ROWS, ROWS.slice(5, 1)])
    pq.write_table(twice, folder / "rows.parquet")
    err = refused(65, configure(folder, data="label: y, id: id"), "id: ", "rows.parquet", "'r5'")
    assert "--" not in err  # a configuration has keys, not options


def test_a_null_feature_names_the_row(folder):
    x = ROWS["x1"].to_pylist()
    x[41] = None
    pq.write_table(ROWS.set_column(1, "x1", pa.array(x, pa.float64())), folder / "rows.parquet")
    err = refused(65, configure(folder), "row 42", "rows.parquet")
    assert "--" not in err


def test_weights_and_clusters_are_those_of_columns(folder):
    """The model's own answers, as a column, with the same roles: the same numbers to what float32 costs."""
    rows = pa.ipc.open_stream(MODELS / "sigmoid.arrow").read_all()
    y = (np.random.default_rng(1).random(50) < rows["e0"].to_numpy()).astype(int)
    rows = rows.append_column("y", pa.array(y)).append_column("w", pa.array(np.arange(50) % 3 + 0.5)).append_column("c", pa.array(np.arange(50) // 2))
    pq.write_table(rows, folder / "rows.parquet")
    data = "label: y, weight: w, cluster: c"
    asked = check(configure(folder, data=data), only="correctness")
    kept = check(configure(folder, candidate="{columns: {score: e0}}", data=data), only="correctness")
    numbers = [[e for e in d["estimates"] if e["measure"].split(".")[1] not in ("worst_slice", "label_noise")] for d in (asked, kept)]  # read features
    assert [(e["measure"], e["method"]) for e in numbers[0]] == [(e["measure"], e["method"]) for e in numbers[1]]
    for a, b in zip(*numbers, strict=True):
        for key in ("value", "low", "high"):
            assert (a[key] is None) == (b[key] is None) and (a[key] is None or close(a[key], b[key], 1e-4)), (a, b)


def test_a_null_group_is_a_group(folder):
    path = configure(folder, data="label: y, groups: [g]", more='require:\n  - "correctness.recall{g=null} >= 0.05"\n')
    document = check(path, only="correctness.recall")
    found = estimate(document, "correctness.recall", "candidate", {"kind": "group", "by": {"g": None}})
    rows = np.array([value is None for value in ROWS["g"].to_pylist()])
    assert found["n"] == int((rows & (ROWS["y"].to_numpy() == 1)).sum())
    assert [j["state"] for j in document["judgements"] if j["kind"] == "requirement"] == ["MET"]


# ---- training rows ------------------------------------------------------------------------------------------------------

GAP = "correctness.auc,correctness.generalisation_gap"


def gap_reason(path):
    return {s["measure"]: s["reason"] for s in check(path, only=GAP)["skipped"]}["correctness.generalisation_gap"]


@pytest.mark.parametrize(
    ("train", "says"),
    [
        (query("select x0, x1, y from 'rows.parquet'"), ("x2", "training rows")),
        (query("select * exclude (y) from 'rows.parquet'"), ("label: ", "'y'")),
        (query("select * from 'rows.parquet' where y = 0"), ("one class only", "'0'")),
    ],
    ids=["no feature", "no label", "one class"],
)
def test_training_rows_that_do_not_fit_are_a_reason(folder, train, says):
    reason = gap_reason(configure(folder, data=f"label: y, train: {train}"))
    assert reason.startswith("failed: ")
    for word in says:
        assert word in reason


def test_training_rows_that_are_not_there(folder):
    path = configure(folder, data="label: y, train: nowhere.parquet")
    refused(66, path, "nowhere.parquet", "nonet.yaml:4", only=GAP)
    check(path)  # nobody asks for them
    refused(78, configure(folder, data='label: y, train: "-"'), "stdin")


def test_no_gap_over_the_same_rows(folder):
    document = check(configure(folder, data="label: y, train: rows.parquet"), only=GAP)
    gap = estimate(document, "correctness.generalisation_gap")
    assert gap["value"] == 0 and gap["low"] < 0 < gap["high"]


def test_the_sample_holds_for_training_rows_too(folder):
    document = check(configure(folder, data="label: y, train: rows.parquet"), "--sample", 300, only=GAP)
    assert [d["rows_used"] for d in document["inputs"]["data"]] == [300, 300]


# ---- threshold, tasks, kinds of model -------------------------------------------------------------------------------------


def test_the_cheapest_threshold(folder):
    """Elkan 2001: fp/(fp + fn) = 0.2."""
    by_cost = check(configure(folder, more="threshold: {cost: {fp: 1, fn: 4}}\n"), only="correctness.recall")
    by_number = check(configure(folder, more="threshold: 0.2\n"), only="correctness.recall")
    assert by_cost["estimates"] == by_number["estimates"]
    assert by_cost["estimates"] != check(configure(folder), only="correctness.recall")["estimates"]


def best_f1(y, scores):
    """The threshold with the largest F1, by trying every one; of equal ones the highest."""
    f1 = {t: 2 * ((scores >= t) & (y == 1)).sum() / ((scores >= t).sum() + (y == 1).sum()) for t in np.unique(scores)}
    return max(sorted(f1, reverse=True), key=f1.get), max(f1.values())


def test_the_best_threshold_on_the_training_rows(folder):
    """Each model its own, of scores that other software has written down."""
    rows = ROWS.slice(0, 400).append_column("s", pa.array(np.sin(np.arange(400)) + ROWS["y"].to_numpy()[:400] * 0.4))
    train, test = rows.slice(0, 200), rows.slice(200)
    train, test = (t.append_column("p", pa.array(np.round(t["s"].to_numpy() * 3) / 3)) for t in (train, test))
    pq.write_table(train, folder / "train.parquet")
    pq.write_table(test, folder / "test.parquet")
    path = configure(folder, "{columns: {score: s}}", "{columns: {score: p}}", test="test.parquet", data="label: y, train: train.parquet",
                     more="threshold: {maximise: f1, on: train}\n")
    document = check(path, only="correctness.recall")
    config = document["inputs"]["config"]
    assert config["threshold_chosen"]["rows"] == 200 and config["threshold_chosen"]["maximise"] == "correctness.f1"
    y = train["y"].to_numpy()
    for role, column, key in (("candidate", "s", "threshold"), ("baseline", "p", "baseline_threshold")):
        threshold, value = best_f1(y, train[column].to_numpy())
        assert config[key] == config["threshold_chosen"][role]["threshold"] == threshold
        assert close(config["threshold_chosen"][role]["value"], value)
        on_test = test["y"].to_numpy() == 1
        assert close(estimate(document, "correctness.recall", role)["value"], (test[column].to_numpy()[on_test] >= threshold).mean())


def test_a_threshold_that_cannot_be_chosen(folder):
    wanted = "threshold: {maximise: f1, on: train}\n"
    refused(78, configure(folder, more=wanted), "nonet.yaml:5", "data: train:")
    refused(78, configure(folder, data="label: y, train: rows.parquet", more="threshold: {maximise: auc, on: train}\n"), "nonet.yaml:5")
    columns = "{columns: {score: x0}}"
    refused(78, configure(folder, columns, data="label: x1, train: rows.parquet", more="task: regression\n" + wanted), "binary task")


def regression_rows(folder):
    rows = pa.ipc.open_stream(MODELS / "regression.arrow").read_all()
    e0 = rows["e0"].to_numpy()
    random = np.random.default_rng(2)
    y, old = e0 + random.normal(0, 1, 50), e0 + random.normal(0, 1, 50)
    pq.write_table(rows.append_column("y", pa.array(y)).append_column("old", pa.array(old)), folder / "rows.parquet")
    return e0, y, old


def test_regression(folder):
    e0, y, old = regression_rows(folder)
    path = configure(folder, "{onnx: regression.onnx}", "{columns: {score: old}}", data="label: y, features: [x0, x1, x2, x3]",
                     more="margins: {correctness.rmse: 50%}\nrequire: [correctness.r2 >= 0.5]\n")
    document = check(path, only="correctness")
    assert close(estimate(document, "correctness.rmse")["value"], np.sqrt(np.mean((e0 - y) ** 2)), 1e-5)
    assert close(estimate(document, "correctness.mae", "baseline")["value"], np.abs(old - y).mean(), 1e-9)
    assert close(estimate(document, "correctness.r2")["value"], 1 - ((e0 - y) ** 2).sum() / ((y - y.mean()) ** 2).sum(), 1e-5)
    gate = next(j for j in document["judgements"] if j["measure"] == "correctness.rmse")
    assert gate["scale"] == "log_ratio" and close(gate["margin"], np.log(1.5))
    assert close(gate["difference"], -np.log(np.sqrt(np.mean((e0 - y) ** 2)) / np.sqrt(np.mean((old - y) ** 2))), 1e-5)
    assert [j["state"] for j in document["judgements"] if j["kind"] == "requirement"] == ["MET"]


def test_what_another_task_has_is_not_applicable(folder):
    regression_rows(folder)
    path = configure(folder, "{onnx: regression.onnx}", data="label: y, features: [x0, x1, x2, x3]")
    skipped = {s["measure"]: s["reason"] for s in check(path, only="correctness.auc,correctness.rmse")["skipped"]}
    assert skipped == {"correctness.auc": "not applicable: the task is regression"}


THREE = query("select *, case when x0 + x1 / 4 < 0 then 'lo' when x0 + x1 / 4 < 1 then 'mid' else 'hi' end as z from 'rows.parquet'")


def test_multiclass_by_decisions_alone(folder):
    model = command(folder, "[['lo' if v < 0 else 'mid' if v < 1 else 'hi' for v in d['x0']]]", "'prediction'")
    document = check(configure(folder, model, test=THREE, data="label: z, features: [x0]"), only="correctness")
    x0, x1 = ROWS["x0"].to_numpy(), ROWS["x1"].to_numpy()
    right = np.digitize(x0, [0, 1]) == np.digitize(x0 + x1 / 4, [0, 1])
    assert close(estimate(document, "correctness.accuracy")["value"], right.mean())
    skipped = {s["measure"]: s["reason"] for s in document["skipped"]}
    assert "only decisions were given" in skipped["correctness.auc_ovr@macro"]
    refused(65, configure(folder, model, test=THREE, data="label: z, features: [x0]"), "decisions", only="correctness.log_loss")


def test_a_class_of_a_requirement_is_looked_up_first(folder):
    model = command(folder, "[['lo'] * b.num_rows]", "'prediction'")
    more = 'require: ["correctness.recall{class=low} >= 0.5"]\n'
    refused(78, configure(folder, model, test=THREE, data="label: z, features: [x0]", more=more), "nonet.yaml:5", "class=low", "'z'")
    more = 'require: ["correctness.recall{class=1} >= 0.5"]\n'
    refused(78, configure(folder, more=more), "nonet.yaml:5", "binary")


def test_a_command_is_as_good_as_a_file(folder):
    """Against the same formula in numpy. (Intervals are drawn by the rows' values, and an exponential may differ in its last digit.)"""
    line = "[[1 / (1 + math.exp(-(a - b + c / 2))) for a, b, c in zip(d['x0'], d['x1'], d['x2'])]]"
    model = command(folder, line)
    asked = check(configure(folder, model, data="label: y, features: [x0, x1, x2, x3]"), only="correctness")
    p = 1 / (1 + np.exp(-(ROWS["x0"].to_numpy() - ROWS["x1"].to_numpy() + ROWS["x2"].to_numpy() / 2)))
    pq.write_table(ROWS.append_column("p", pa.array(p)), folder / "rows.parquet")
    kept = check(configure(folder, "{columns: {score: p}}"), only="correctness")
    assert {m["role"]: m["kind"] for m in asked["inputs"]["models"]} == {"candidate": "command"}
    for measure in ("correctness.auc", "correctness.log_loss", "correctness.recall", "correctness.brier"):
        assert close(estimate(asked, measure)["value"], estimate(kept, measure)["value"], 1e-12), measure


@pytest.mark.parametrize("name", ["candidate_score", "score", "candidate", "prediction"])
def test_no_name_of_a_column_is_in_the_way(folder, name):
    """The table may have any column, also as a baseline and a group; the model's answers are beside it."""
    x = ROWS["x0"].to_numpy() > 0
    pq.write_table(ROWS.append_column(name, pa.array(x)).append_column("p", pa.array((ROWS["x0"].to_numpy() + 3) / 6)), folder / "rows.parquet")
    document = check(configure(folder, data=f"label: y, groups: [{name}]", baseline="{columns: {score: p}}"))
    assert estimate(document, "correctness.auc")["value"] != estimate(document, "correctness.auc", "baseline")["value"]
    assert estimate(document, "correctness.auc", "candidate", {"kind": "group", "by": {name: "true"}})["n"] == int(x.sum())


def test_a_command_that_breaks_off(folder):
    model = command(folder, "[[0.5 if 'done' not in globals() else sys.exit('no more') for _ in d['x0']]]; done = True")
    document = check(configure(folder, model, data="label: y, features: [x0]"), codes=(2,))
    assert "no more" in document["verdict"]["because"][0] and document["verdict"]["state"] == "INCONCLUSIVE"


def test_too_many_gates_are_a_mistake_of_the_file(folder):
    ids = ("auc", "accuracy", "recall", "precision", "f1", "brier")
    margins = "margins: {" + ", ".join(f"correctness.{name}: 0.1" for name in ids) + "}\n"
    refused(78, configure(folder, baseline="{onnx: fixed.onnx}", more=margins), "nonet.yaml", "6 gates", only="correctness")
