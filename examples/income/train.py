"""Train the two models of the income example, from the two files beside this script.

The question: a lender's first screen asks whether an applicant's yearly income is above $50,000.

* Data: train.parquet and test.parquet, the UCI census income ("adult") data in their own split (SOURCE.md).
* Left out of the features: sex, race, native_country, marital_status and relationship (Regulation B, 12 CFR 1002.6(b),
  bars sex, race, national origin and marital status from credit decisions; relationship says "Husband" or "Wife"),
  fnlwgt (a survey weight, not a property of a person) and education (education_num says the same). Age stays: the
  same rule allows it in a model that is tested and does not count against the elderly. The weight is not used in
  training either: the models learn the sample.
* Baseline: logistic regression. Candidate: gradient-boosted trees. Each has one setting chosen by the log-loss of
  five-fold cross-validation inside the training rows, from a short list written down below; everything else is
  scikit-learn's default. The test rows are predicted once, at the end.

Run it from anywhere, in its own virtual environment:

    python3 -m venv /tmp/income && /tmp/income/bin/pip install -r requirements.txt && /tmp/income/bin/python train.py

It writes models/{candidate,baseline}.onnx and predictions.parquet beside itself, the same ones each time.
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
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, recall_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
SEED = 1
CATEGORIES = ["workclass", "occupation"]
NUMBERS = ["age", "education_num", "capital_gain", "capital_loss", "hours_per_week"]
FEATURES = CATEGORIES + NUMBERS
LABEL = "income_gt_50k"
ONNX_TOLERANCE = 1e-5  # ONNX computes in float32, scikit-learn in float64


def read(name):
    rows = pd.read_parquet(HERE / f"{name}.parquet")
    rows[NUMBERS] = rows[NUMBERS].astype("float32")
    return rows


def make_baseline():
    columns = ColumnTransformer([("category", OneHotEncoder(drop="first"), CATEGORIES), ("number", StandardScaler(), NUMBERS)])
    return make_pipeline(columns, LogisticRegression(max_iter=1000)), {"logisticregression__C": [0.1, 1.0, 10.0]}


def make_candidate():
    columns = ColumnTransformer(
        [("category", OneHotEncoder(sparse_output=False), CATEGORIES), ("number", "passthrough", NUMBERS)]
    )
    trees = HistGradientBoostingClassifier(early_stopping=False, random_state=SEED)
    return make_pipeline(columns, trees), {"histgradientboostingclassifier__max_iter": [25, 50, 100, 200]}


def fit(name, model, grid, train):
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    search = GridSearchCV(model, grid, scoring="neg_log_loss", cv=folds)
    search.fit(train[FEATURES], train[LABEL])
    for setting, loss in zip(search.cv_results_["params"], -search.cv_results_["mean_test_score"]):
        print(f"  {name}: {setting} cross-validated log-loss {loss:.5f}")
    return search.best_estimator_


def export(name, model, test, expected):
    types = [(c, StringTensorType([None, 1]) if c in CATEGORIES else FloatTensorType([None, 1])) for c in FEATURES]
    onnx = to_onnx(model, name=name, initial_types=types, options={id(model): {"zipmap": False}}, target_opset=17)
    path = HERE / "models" / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(onnx.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {c: test[[c]].to_numpy(dtype=object if c in CATEGORIES else np.float32) for c in FEATURES}
    probabilities = session.run(["probabilities"], feed)[0][:, 1]
    difference = np.abs(probabilities - expected).max()
    print(f"  models/{name}.onnx: {path.stat().st_size:,} bytes, largest difference {difference:.1e}")
    if difference > ONNX_TOLERANCE:
        raise SystemExit(f"{name}.onnx differs from scikit-learn by {difference}, more than {ONNX_TOLERANCE}")


def main():
    train, test = read("train"), read("test")
    print(f"train {len(train):,} rows, {train[LABEL].mean():.2%} positive; test {len(test):,} rows, {test[LABEL].mean():.2%}")
    predictions = {LABEL: pa.array(test[LABEL], pa.int8())}
    for name, (model, grid) in {"candidate": make_candidate(), "baseline": make_baseline()}.items():
        model = fit(name, model, grid, train)
        score = model.predict_proba(test[FEATURES])[:, 1]
        export(name, model, test, score)
        answer = score >= 0.5
        print(
            f"{name}: accuracy {accuracy_score(test[LABEL], answer):.4f}, recall {recall_score(test[LABEL], answer):.4f}, "
            f"AUC {roc_auc_score(test[LABEL], score):.4f}, log-loss {log_loss(test[LABEL], score):.4f}"
        )
        predictions[name] = pa.array(score, pa.float32())
    predictions |= {c: pa.array(test[c], pa.string()) for c in ("sex", "race")}
    pq.write_table(pa.table(predictions), HERE / "predictions.parquet", compression="zstd")


if __name__ == "__main__":
    with threadpool_limits(1):  # the same sums, so the same models, on any machine
        main()
