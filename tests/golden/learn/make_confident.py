"""Writes confident_golden.h: the confident joint and the rows in doubt, by cleanlab 2.9.

usage: .venv-peers/bin/python tests/golden/learn/make_confident.py > tests/golden/learn/confident_golden.h
Data: scikit-learn's own small sets with a tenth of the labels changed, probabilities out of sample by ten folds of logistic
regression; and made-up probabilities with ties and a class without labels.
"""

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds, num_label_issues
from cleanlab.filter import find_label_issues
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def noisy(load, rng):
    x, y = load(return_X_y=True)
    k = y.max() + 1
    flip = rng.random(len(y)) < 0.1
    labels = np.where(flip, (y + rng.integers(1, k, len(y))) % k, y)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return labels, cross_val_predict(model, x, labels, cv=10, method="predict_proba")


def made_up(rng):
    p = rng.integers(0, 5, (200, 4)) + 0.5  # many ties
    return rng.integers(0, 3, 200), p / p.sum(axis=1, keepdims=True)  # no row is labelled 3


def array(kind, name, values):
    body = ", ".join(repr(v) for v in values)
    print(f"static const {kind} {name}[] = {{{body}}};")


def main():
    rng = np.random.default_rng(29)
    sets = {"iris": noisy(load_iris, rng), "wine": noisy(load_wine, rng), "cancer": noisy(load_breast_cancer, rng),
            "ties": made_up(rng)}
    print("/* Made by make_confident.py with cleanlab 2.9.0; do not edit. */")
    print("/* clang-format off */")
    for name, (labels, p) in sets.items():
        joint = compute_confident_joint(labels, p, calibrate=False)
        issues = np.flatnonzero(find_label_issues(labels, p, filter_by="confident_learning"))
        if name != "ties":  # a class without labels is refused there
            assert len(issues) == num_label_issues(labels, p, estimation_method="off_diagonal")
        array("uint32_t", f"{name}_label", [int(v) for v in labels])
        array("double", f"{name}_p", [float(v) for v in p.ravel()])
        array("double", f"{name}_threshold", [float(v) for v in get_confident_thresholds(labels, p)])
        array("uint64_t", f"{name}_joint", [int(v) for v in joint.ravel()])
        array("uint32_t", f"{name}_issues", [int(v) for v in issues])
    print("#define CONFIDENT_SETS(SET)", " ".join(f"SET({name}, {p.shape[1]})" for name, (_, p) in sets.items()))
    print("/* clang-format on */")


if __name__ == "__main__":
    main()
