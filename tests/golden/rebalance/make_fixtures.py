#!/usr/bin/env python3
"""Makes rows.csv, three.csv, mixed.csv and expected.json: which rows imbalanced-learn keeps, and where it makes new ones.

Run where imbalanced-learn 0.14.2, scikit-learn 1.9.1 and numpy are installed (tools/lock has them):
    python3 tests/golden/rebalance/make_fixtures.py
The numbers are continuous, so that no definition hangs on how equal distances are ordered.
"""

import json
import pathlib

import imblearn
import numpy as np
import sklearn
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, TomekLinks
from sklearn.neighbors import NearestNeighbors

FOLDER = pathlib.Path(__file__).parent


def make_rows(counts, n_columns, apart, seed):
    """Normal classes, `apart` between their middles, shuffled."""
    random = np.random.default_rng(seed)
    x = np.vstack([random.normal(i * apart, 1 + 0.2 * i, (n, n_columns)) for i, n in enumerate(counts)])
    y = np.repeat(np.arange(len(counts)), counts)
    order = random.permutation(len(y))
    return x[order], y[order]


def write(name, header, rows):
    lines = [",".join(header)] + [",".join(v if isinstance(v, str) else repr(v) for v in row) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n")


def kept(sampler, x, y):
    sampler.fit_resample(x, y)
    return sorted(int(i) for i in sampler.sample_indices_)


def cleaned(x, y, ratio):
    """All methods that choose rows."""
    found = {
        "tomek": kept(TomekLinks(), x, y),
        "enn": kept(EditedNearestNeighbours(), x, y),
        "enn --k 5": kept(EditedNearestNeighbours(n_neighbors=5), x, y),
    }
    for version in (1, 2, 3):
        found[f"nearmiss-{version}"] = kept(NearMiss(version=version), x, y)
        found[f"nearmiss-{version} --k 4"] = kept(NearMiss(version=version, n_neighbors=4), x, y)
        if ratio:
            found[f"nearmiss-{version} --ratio {ratio}"] = kept(NearMiss(version=version, sampling_strategy=ratio), x, y)
    return found


def adasyn_numbers(x, y, code, wanted, k=5):
    """As ADASYN._fit_resample computes them."""
    near = NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x[y == code], return_distance=False)[:, 1:]
    ratio = np.sum(y[near] != code, axis=1) / k
    ratio /= ratio.sum()
    return np.rint(ratio * wanted).astype(int)


def made(x, y):
    smote, adasyn, border = SMOTE(random_state=0), ADASYN(random_state=0), BorderlineSMOTE(random_state=0)
    counts = {name: np.bincount(s.fit_resample(x, y)[1]).tolist() for name, s in (("smote", smote), ("adasyn", adasyn), ("borderline-smote", border))}
    danger = sorted(int(i) for rows in border.in_danger_indices.values() for i in rows)
    n = np.bincount(y)
    numbers = {int(c): adasyn_numbers(x, y, c, n.max() - n[c]).tolist() for c in np.unique(y) if n[c] < n.max()}
    return {"counts": counts, "danger": danger, "adasyn": numbers}


def main():
    expected = {"imbalanced-learn": imblearn.__version__, "scikit-learn": sklearn.__version__}
    x, y = make_rows([360, 40], 6, 0.6, 1)
    write("rows.csv", [f"x{i}" for i in range(6)] + ["y"], [[*map(float, row), int(c)] for row, c in zip(x, y)])
    expected["rows"] = {"kept": cleaned(x, y, 0.5), **made(x, y)}
    x, y = make_rows([150, 90, 30], 3, 0.8, 2)
    write("three.csv", ["a", "b", "c", "y"], [[*map(float, row), int(c)] for row, c in zip(x, y)])
    expected["three"] = {"kept": cleaned(x, y, None), **made(x, y)}

    x, y = make_rows([120, 20], 2, 0.7, 3)
    random = np.random.default_rng(4)
    colour = np.array(["blue", "green", "red"])[random.integers(0, 3, len(y))]
    size = random.integers(0, 2, len(y))
    table = np.column_stack([x.astype(object), colour, size])
    write("mixed.csv", ["x0", "x1", "colour", "size", "y"], [[float(r[0]), float(r[1]), str(r[2]), int(r[3]), int(c)] for r, c in zip(table, y)])
    sampler = SMOTENC([2, 3], random_state=0)
    made_rows, labels = sampler.fit_resample(table, y)
    expected["mixed"] = {
        "counts": np.bincount(labels.astype(int)).tolist(),
        "median_std": float(sampler.median_std_[1]),
        "categories": [sorted(set(map(str, made_rows[len(y) :, 2]))), sorted({int(v) for v in made_rows[len(y) :, 3]})],
    }
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")


main()
