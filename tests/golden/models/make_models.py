"""Makes the small models of this folder and what their own runtimes answer. Run once; the files are committed.

Each NAME.onnx, .json, .ubj or .txt (make_lightgbm.py) has a NAME.arrow: the rows it reads, and beside them the answers of
onnxruntime's, xgboost's or lightgbm's own Python package (e0, e1 …: the scores in double; label: the class), from which the tests take their expected values.

pip install onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0 scikit-learn==1.9.1 xgboost-cpu==3.2.0 pyarrow==26.0.1 numpy==2.4.6 pandas
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pyarrow as pa
import xgboost
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

out = pathlib.Path(__file__).parent
random = np.random.default_rng(4)
N = 50


def save(name, columns, scores, label=None):
    columns = dict(columns)
    scores = np.asarray(scores, np.float64).reshape(N, -1)
    for k in range(scores.shape[1]):
        columns[f"e{k}"] = scores[:, k]
    if label is not None:
        columns["label"] = [str(value) for value in label]
    table = pa.table(columns)
    with pa.OSFile(str(out / f"{name}.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=20)  # several batches


def run(name, model, feed):
    model.ir_version = 10
    onnx.checker.check_model(model)
    onnx.save(model, out / f"{name}.onnx")
    return onnxruntime.InferenceSession(str(out / f"{name}.onnx")).run(None, feed)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def graph(name, inputs, outputs, nodes, weights, opset=15):
    made = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(w, k) for k, w in weights.items()])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], producer_name="make_models", producer_version="1")


# ---- scikit-learn: one input per column, ZipMap, strings ----------------------------------------------------------------
people = pd.DataFrame({"age": random.normal(40, 12, N).astype(np.float32), "visits": random.integers(0, 9, N), "job": random.choice(["farm", "sea", "town"], N)})
y = np.where(people.age / 40 + people.visits / 9 + (people.job == "sea") + random.normal(0, 0.5, N) > 1.8, "yes", "no")
kinds = [("age", FloatTensorType([None, 1])), ("visits", Int64TensorType([None, 1])), ("job", StringTensorType([None, 1]))]
encode = ColumnTransformer([("job", OneHotEncoder(handle_unknown="ignore"), ["job"]), ("rest", "passthrough", ["age", "visits"])])
feed = {name: people[[name]].to_numpy() for name in people}
feed["job"] = feed["job"].astype(object)
fitted = make_pipeline(encode, LogisticRegression(max_iter=1000)).fit(people, y)
label, maps = run("columns_text", convert_sklearn(fitted, initial_types=kinds, target_opset=15), feed)
save("columns_text", people, [[row["no"], row["yes"]] for row in maps], label)

fitted = make_pipeline(encode, DecisionTreeClassifier(max_depth=3)).fit(people, np.searchsorted(["no", "yes"], y))
label, maps = run("columns_int", convert_sklearn(fitted, initial_types=kinds, target_opset=15), feed)
save("columns_int", people, [[row[0], row[1]] for row in maps], label)

# ---- one matrix: multiclass with a tensor of probabilities; regression ----------------------------------------------------
x = random.normal(size=(N, 4)).astype(np.float32)
columns = {f"x{k}": x[:, k] for k in range(4)}
three = (x[:, 0] + x[:, 1] > 0).astype(int) + (x[:, 2] > 0.5) + 3
fitted = LogisticRegression().fit(x, three)
label, probability = run("matrix", convert_sklearn(fitted, initial_types=[("input", FloatTensorType([None, 4]))], options={id(fitted): {"zipmap": False}}, target_opset=15), {"input": x})
save("matrix", columns, probability, label)

fitted = LinearRegression().fit(x, x @ [1, 2, 3, 4] + 5)
(value,) = run("regression", convert_sklearn(fitted, initial_types=[("input", FloatTensorType([None, 4]))], target_opset=15), {"input": x})
save("regression", columns, value)

# ---- hand-made graphs: logits, one output, halves, doubles with a batch size of their own -------------------------------------
w, b = random.normal(size=(4, 3)).astype(np.float32), random.normal(size=3).astype(np.float32)


def linear(name, w, b, shape_in, shape_out, kind=TensorProto.FLOAT, last=None, names=None):
    nodes = [helper.make_node("MatMul", ["input", "w"], ["m"]), helper.make_node("Add", ["m", "b"], ["output" if last is None else "z"])]
    if last:
        nodes.append(helper.make_node(last, ["z"], ["output"]))
    model = graph(name, [helper.make_tensor_value_info("input", kind, shape_in)], [helper.make_tensor_value_info("output", kind, shape_out)], nodes, {"w": w, "b": b})
    if names:
        helper.set_model_props(model, {"feature_names": names})
    return model


(z,) = run("logits", linear("logits", w, b, ["batch", 4], ["batch", 3], names='["x0", "x1", "x2", "x3"]'), {"input": x})
save("logits", columns, softmax(z.astype(np.float64)))
(p,) = run("sigmoid", linear("sigmoid", w[:, :1], b[:1], ["batch", 4], ["batch", 1], last="Sigmoid", names="x0,x1,x2,x3"), {"input": x})
save("sigmoid", columns, p)
(z,) = run("logit", linear("logit", w[:, :1], b[:1], ["batch", 4], ["batch", 1], names="x0,x1,x2,x3"), {"input": x})
save("logit", columns, 1 / (1 + np.exp(-z.astype(np.float64))))
half = np.float16
(p,) = run("half", linear("half", w.astype(half), b.astype(half), ["batch", 4], ["batch", 3], TensorProto.FLOAT16, "Softmax", "x0,x1,x2,x3"), {"input": x.astype(half)})
save("half", columns, p)
double = x.astype(np.float64)
model = linear("fixed", w[:, :2].astype(np.float64), b[:2].astype(np.float64), [8, 4], [8, 2], TensorProto.DOUBLE, "Softmax", "x0,x1,x2,x3")
padded = np.vstack([double, np.repeat(double[-1:], 6, axis=0)])
model.ir_version = 10
onnx.save(model, out / "fixed.onnx")
session = onnxruntime.InferenceSession(str(out / "fixed.onnx"))
p = np.vstack([session.run(None, {"input": padded[i : i + 8]})[0] for i in range(0, 56, 8)])[:N]
save("fixed", {f"x{k}": double[:, k] for k in range(4)}, p)

# ---- images: uint8 with the channels last, float with the channels first ---------------------------------------------------------
pixels = random.integers(0, 256, (N, 5, 5, 3)).astype(np.uint8)
wide = (random.normal(size=(75, 2)) / 500).astype(np.float32)
for name, kind, shape in (("image", TensorProto.UINT8, [None, 5, 5, 3]), ("image_nchw", TensorProto.FLOAT, [None, 3, 5, 5])):
    nodes = [helper.make_node("Cast", ["image"], ["f"], to=TensorProto.FLOAT), helper.make_node("Flatten", ["f"], ["v"]), helper.make_node("MatMul", ["v", "w"], ["z"]), helper.make_node("Softmax", ["z"], ["probabilities"])]
    model = graph(name, [helper.make_tensor_value_info("image", kind, shape)], [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])], nodes, {"w": wide})
    feed = pixels if name == "image" else pixels.transpose(0, 3, 1, 2).astype(np.float32)
    (p,) = run(name, model, {"image": feed})
    flat = pixels.reshape(N, 75)  # both tables hold the pixels with the channels last
    column = pa.array(list(flat), pa.list_(pa.uint8(), 75) if name == "image" else pa.list_(pa.uint8()))
    save(name, {"image": column}, p)

# ---- XGBoost ---------------------------------------------------------------------------------------------------------------------
missing = x.copy()
missing[::7, 1] = np.nan
columns = {f"x{k}": pa.array(missing[:, k], from_pandas=True) for k in range(4)}
frame = xgboost.DMatrix(missing, label=three - 3, feature_names=list(columns))
for name, parameters, target in (
    ("boost_binary.json", {"objective": "binary:logistic"}, three > 3),
    ("boost_multi.ubj", {"objective": "multi:softprob", "num_class": 3}, three - 3),
    ("boost_regression.json", {"objective": "reg:squarederror"}, x @ np.float32([1, 2, 3, 4])),
    ("boost_linear.json", {"objective": "binary:logistic", "booster": "gblinear"}, three > 3),
    ("boost_unnamed.json", {"objective": "binary:logistic"}, three > 3),
):
    frame.set_label(target)
    data = xgboost.DMatrix(missing, label=target) if "unnamed" in name else frame
    booster = xgboost.train({**parameters, "max_depth": 2, "nthread": 1, "seed": 1}, data, 3)
    booster.save_model(out / name)
    save(name.split(".")[0], columns, booster.predict(data))
