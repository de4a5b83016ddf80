"""Makes the LightGBM models of this folder (light_*.txt) and, in light_*.arrow, the rows they read beside what LightGBM's own Python
package answers (e0, e1 ...). Run once; the files are committed.

pip install lightgbm==4.7.0 pyarrow==26.0.1 numpy==2.4.6 pandas
"""
import pathlib

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa

out = pathlib.Path(__file__).parent
random = np.random.default_rng(8)
N, SETTINGS = 60, {"num_leaves": 4, "min_data_in_leaf": 3, "min_data_per_group": 1, "cat_smooth": 1, "num_threads": 1, "seed": 1, "verbose": -1}


def save(name, columns, scores):
    scores = np.asarray(scores, np.float64).reshape(N, -1)
    columns = {**columns, **{f"e{k}": scores[:, k] for k in range(scores.shape[1])}}
    table = pa.table(columns)
    with pa.OSFile(str(out / f"{name}.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=25)  # several batches


def train(name, frame, target, parameters, asked=None, columns=None):
    booster = lightgbm.train({**SETTINGS, **parameters}, lightgbm.Dataset(frame, target), 3)
    text = booster.model_to_string()
    head, tail = text.split("\nparameters:")  # what was set, 100 lines: not what a prediction reads
    (out / f"{name}.txt").write_text(head + "\nparameters:\nend of parameters\n" + tail.split("end of parameters\n")[1])
    asked = frame if asked is None else asked
    again = lightgbm.Booster(model_file=str(out / f"{name}.txt"))
    save(name, columns or {c: pa.array(asked[c], from_pandas=True) for c in asked}, again.predict(asked))


x = random.normal(size=(N, 4))
x[::7, 1] = np.nan
signal = x[:, 0] + np.nan_to_num(x[:, 1]) - x[:, 2]
plain = pd.DataFrame(x, columns=[f"x{k}" for k in range(4)])
train("light_binary", plain, signal > 0, {"objective": "binary"})
train("light_multi", plain, np.digitize(signal, [-1, 1]), {"objective": "multiclass", "num_class": 3})
train("light_regression", plain, signal, {"objective": "regression"})

unnamed = lightgbm.train({**SETTINGS, "objective": "binary"}, lightgbm.Dataset(x, signal > 0), 3)
unnamed.save_model(out / "light_unnamed.txt")
save("light_unnamed", {c: pa.array(plain[c], from_pandas=True) for c in plain}, unnamed.predict(x))

# Categories: texts and numbers, a name with a space, nulls; asked with values that training had not.
job = random.choice(["farm", "sea", "town hall"], N)
size = random.choice([10, 20, 30], N)
signal = 2.0 * (job == "sea") + (size == 20) + x[:, 0]
known = pd.DataFrame({"x 0": x[:, 0], "job": pd.Categorical(job), "size": pd.Categorical(size)})
job, size = job.astype(object), size.astype(float)
job[::9], job[1::9], size[::11], size[1::11] = None, "moon", np.nan, 40
asked = pd.DataFrame({"x 0": x[:, 0], "job": pd.Categorical(job), "size": pd.Categorical(size)})
asked["size"] = asked["size"].cat.set_categories([10, 20, 30])
rows = {"x 0": x[:, 0], "job": pa.array(job, pa.string()), "size": pa.array([None if np.isnan(v) else int(v) for v in size], pa.int32())}
train("light_categories", known, signal > 1, {"objective": "binary"}, asked, rows)
