"""Train the two models of the crash example and write what nonet reads.

The question: a car has crashed and was towed away; from what the car knows, how likely is this occupant to die?

* Data: nass_cds.parquet (SOURCE.md says where it comes from), one row per front-seat occupant, 1997-2002.
* Split in time: trained on 1997-2000, tested on 2001-02. The occupants of one vehicle share a case_id; the script
  stops if one case stands on both sides, and cross-validation keeps a case in one fold.
* Left out of the features: inj_severity (4 = killed: it gives the answer away), weight (a sampling weight, not a
  property of the crash), case_id, crash_year (the test years are not among the training years) and airbag
  (airbag_state says the same and more). The weight is not used in training either: the models learn the sample.
* Baseline: logistic regression. Candidate: gradient-boosted trees. Each has one setting chosen by the log-loss of
  five-fold cross-validation inside the training years, from a short list written down below; everything else is
  scikit-learn's default. The test years are predicted once, at the end.

Run it from anywhere, in its own virtual environment:

    python3 -m venv /tmp/crash && /tmp/crash/bin/pip install -r requirements.txt && /tmp/crash/bin/python train.py

It writes {train,test,predictions}.parquet and models/{candidate,baseline}.onnx beside itself, the same ones each time.
"""

import os
import sys
from pathlib import Path

if os.environ.get("PYTHONHASHSEED") != "0":  # the names inside an ONNX file come from sets: fix their order
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, *sys.argv])

import numpy as np
import onnxruntime
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, recall_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
SEED = 1
SPEEDS = ["1-9", "10-24", "25-39", "40-54", "55+"]  # impact_speed_kmh, slow to fast
CATEGORIES = ["seatbelt", "sex", "role", "airbag_state"]
NUMBERS = ["frontal", "age", "vehicle_year"]
FEATURES = ["impact_speed_kmh"] + CATEGORIES + NUMBERS
TEXT = ["impact_speed_kmh"] + CATEGORIES
AGE_EDGES = [15, 24, 44, 64, 200]
AGE_NAMES = ["16-24", "25-44", "45-64", "65+"]
ONNX_TOLERANCE = 1e-6  # ONNX computes in float32, scikit-learn in float64


def read_data():
    data = pd.read_parquet(HERE / "nass_cds.parquet")
    data[NUMBERS] = data[NUMBERS].astype("float32")
    train = data[data["crash_year"] <= 2000].reset_index(drop=True)
    test = data[data["crash_year"] >= 2001].reset_index(drop=True)
    assert len(train) + len(test) == len(data)
    straddling = set(train["case_id"]) & set(test["case_id"])
    if straddling:
        raise SystemExit(f"{len(straddling)} cases stand in training and test, e.g. {sorted(straddling)[:3]}")
    return train, test


def make_baseline():
    columns = ColumnTransformer(
        [
            ("text", OneHotEncoder(drop="first"), TEXT),
            ("number", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        ]
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=1000))
    return model, {"logisticregression__C": [0.1, 1.0, 10.0, 100.0]}


def make_candidate():
    columns = ColumnTransformer(
        [
            ("speed", OrdinalEncoder(categories=[SPEEDS]), ["impact_speed_kmh"]),
            ("category", OneHotEncoder(drop="if_binary", sparse_output=False), CATEGORIES),
            ("number", "passthrough", NUMBERS),
        ]
    )
    # Early stopping would set rows aside without regard to the case they belong to; the grid does its work.
    trees = HistGradientBoostingClassifier(early_stopping=False, random_state=SEED)
    return make_pipeline(columns, trees), {"histgradientboostingclassifier__max_iter": [12, 25, 50, 100, 200]}


def fit(name, model, grid, train):
    folds = GroupKFold(n_splits=5)
    search = GridSearchCV(model, grid, scoring="neg_log_loss", cv=folds)
    search.fit(train[FEATURES], train["dead"], groups=train["case_id"])
    losses = -search.cv_results_["mean_test_score"]
    for setting, loss in zip(search.cv_results_["params"], losses):
        print(f"  {name}: {setting} cross-validated log-loss {loss:.5f}")
    return search.best_estimator_


def export(name, model, test, expected):
    types = [(c, StringTensorType([None, 1]) if c in TEXT else FloatTensorType([None, 1])) for c in FEATURES]
    onnx = to_onnx(model, name=name, initial_types=types, options={id(model): {"zipmap": False}}, target_opset=17)
    path = HERE / "models" / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(onnx.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {c: test[[c]].to_numpy(dtype=object if c in TEXT else np.float32) for c in FEATURES}
    probabilities = session.run(["probabilities"], feed)[0][:, 1]
    difference = np.abs(probabilities - expected).max()
    print(f"  models/{name}.onnx: {path.stat().st_size:,} bytes, largest difference {difference:.1e}")
    if difference > ONNX_TOLERANCE:
        raise SystemExit(f"{name}.onnx differs from scikit-learn by {difference}, more than {ONNX_TOLERANCE}")


def age_bands(rows):
    return pa.array(pd.cut(rows["age"], AGE_EDGES, labels=AGE_NAMES).astype(str), pa.string())


def write_rows(name, rows):
    """What `nonet check` gives the models: their features, what was true, groups and cases; no leak, no weight."""
    columns = {"dead": pa.array(rows["dead"], pa.int8())}
    columns |= {c: pa.array(rows[c], pa.string() if c in TEXT else pa.float32(), from_pandas=True) for c in FEATURES}
    columns |= {"age_band": age_bands(rows), "case_id": pa.array(rows["case_id"], pa.string())}
    pq.write_table(pa.table(columns), HERE / f"{name}.parquet", compression="zstd")


def write_predictions(test, scores):
    table = pa.table(
        {
            "dead": pa.array(test["dead"], pa.int8()),
            "candidate": pa.array(scores["candidate"], pa.float32()),
            "baseline": pa.array(scores["baseline"], pa.float32()),
            "sex": pa.array(test["sex"], pa.string()),
            "age_band": age_bands(test),
            "age": pa.array(test["age"].astype("int16"), pa.int16()),
            "case_id": pa.array(test["case_id"], pa.string()),
            "weight": pa.array(test["weight"], pa.float64()),
            "crash_year": pa.array(test["crash_year"], pa.int16()),
        }
    )
    pq.write_table(table, HERE / "predictions.parquet", compression="zstd")


def main():
    train, test = read_data()
    print(f"train {len(train):,} rows, {train['dead'].sum()} deaths; test {len(test):,} rows, {test['dead'].sum()} deaths")
    scores = {}
    for name, (model, grid) in {"baseline": make_baseline(), "candidate": make_candidate()}.items():
        model = fit(name, model, grid, train)
        scores[name] = model.predict_proba(test[FEATURES])[:, 1]
        export(name, model, test, scores[name])
    for name, score in scores.items():
        answer = score >= 0.5
        print(
            f"{name}: accuracy {accuracy_score(test['dead'], answer):.4f}, recall {recall_score(test['dead'], answer):.4f}, "
            f"AUC {roc_auc_score(test['dead'], score):.4f}, log-loss {log_loss(test['dead'], score):.4f}"
        )
    write_predictions(test, scores)
    write_rows("train", train)
    write_rows("test", test)


if __name__ == "__main__":
    with threadpool_limits(1):  # the same sums, so the same models, on any machine
        main()
