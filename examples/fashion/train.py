"""Train the two models of the fashion example: which of ten kinds of clothing is in a 28 x 28 grey picture?

* Data: Fashion-MNIST (SOURCE.md). Trained on the first 10,000 pictures of its training part, which are not shipped; give
  their file as the argument. test.parquet is its whole test part, 10,000 pictures, predicted once at the end.
* Baseline: multinomial logistic regression on the pixels. Candidate: a network with one hidden layer of 96 units.
  Nothing is chosen by the test pictures; the settings are scikit-learn's defaults but for the number of steps, the
  candidate's early stopping (a tenth of the training pictures) and the seeds.
* Both ONNX files take the picture as it is stored, uint8 [N, 28, 28, 1], and scale it themselves, as a model for
  pictures does; output `probabilities` [N, 10].

    python3 -m venv /tmp/fashion && /tmp/fashion/bin/pip install -r ../crash/requirements.txt
    /tmp/fashion/bin/python train.py fashion_mnist_train10k.parquet

It writes models/{candidate,baseline}.onnx beside itself, the same ones each time.
"""

import os
import sys
from pathlib import Path

if os.environ.get("PYTHONHASHSEED") != "0":  # the names inside an ONNX file come from sets: fix their order
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, *sys.argv])

import numpy as np
import onnx
import onnxruntime
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
SEED = 1
SIDE = 28
ONNX_TOLERANCE = 1e-4  # ONNX computes in float32, scikit-learn in float64


def read(path):
    table = pq.read_table(path)
    pixels = np.stack(table["pixels"].to_numpy(zero_copy_only=False)).astype(np.uint8)
    return pixels, table["label"].to_numpy()


def pictures_in(model):
    """The same graph behind an input of pictures: uint8 [N, 28, 28, 1] -> float32 [N, 784]."""
    graph = model.graph
    old = graph.input[0].name
    shape = numpy_helper.from_array(np.array([-1, SIDE * SIDE], np.int64), "flat_shape")
    graph.initializer.append(shape)
    nodes = [
        helper.make_node("Reshape", ["picture", "flat_shape"], ["flat"]),
        helper.make_node("Cast", ["flat"], [old], to=TensorProto.FLOAT),
    ]
    for node in reversed(nodes):
        graph.node.insert(0, node)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("picture", TensorProto.UINT8, [None, SIDE, SIDE, 1]))
    onnx.checker.check_model(model)
    return model


def export(name, model, pixels, expected):
    made = to_onnx(
        model,
        name=name,
        initial_types=[("pixels", FloatTensorType([None, SIDE * SIDE]))],
        options={id(model): {"zipmap": False}},
        target_opset=17,
    )
    path = HERE / "models" / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pictures_in(made).SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(["probabilities"], {"picture": pixels.reshape(-1, SIDE, SIDE, 1)})[0]
    difference = np.abs(got - expected).max()
    print(f"  models/{name}.onnx: {path.stat().st_size:,} bytes, largest difference {difference:.1e}")
    if difference > ONNX_TOLERANCE:
        raise SystemExit(f"{name}.onnx differs from scikit-learn by {difference}, more than {ONNX_TOLERANCE}")


def main():
    train, label = read(sys.argv[1])
    test, truth = read(HERE / "test.parquet")
    models = {
        "baseline": make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=100)),
        "candidate": make_pipeline(
            MaxAbsScaler(),
            MLPClassifier(hidden_layer_sizes=(96,), early_stopping=True, max_iter=60, random_state=SEED),
        ),
    }
    for name, model in models.items():
        model.fit(train.astype(np.float64), label)
        p = model.predict_proba(test.astype(np.float64))
        print(f"{name}: accuracy {accuracy_score(truth, p.argmax(1)):.4f}, log-loss {log_loss(truth, p):.4f}")
        export(name, model, test, p)


if __name__ == "__main__":
    with threadpool_limits(1):  # the same sums, so the same models, on any machine
        main()
