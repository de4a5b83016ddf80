"""Makes the small ONNX models that cannot be run here (broken_*.onnx), each for one reason. Run once; the files are committed.

All read one column, x, and answer P(positive) = sigmoid(x), if they do.

pip install onnx==1.23.2 numpy==2.4.6
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

out = pathlib.Path(__file__).parent


def model(name, nodes, weights=(), opset=17, shape=(None, 1), more=()):
    made = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], [helper.make_tensor_value_info("p", TensorProto.FLOAT, shape)], list(weights)
    )
    made = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset), *more], producer_name="make_broken")
    made.ir_version = 9
    return made


def save(name, made):
    (out / f"broken_{name}.onnx").write_bytes(made.SerializeToString())


sigmoid = helper.make_node("Sigmoid", ["x"], ["p"])
save("newer", model("newer", [sigmoid], opset=99))
newer_format = model("newer_format", [sigmoid])
newer_format.ir_version = 99
save("newer_format", newer_format)
save("custom_op", model("custom_op", [helper.make_node("Triage", ["x"], ["p"], domain="com.example")], more=[helper.make_opsetid("com.example", 1)]))

weight = numpy_helper.from_array(np.ones((1, 1), np.float32), "w")
outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 1], data_location=TensorProto.EXTERNAL)
for key, value in (("location", "broken_weights.data"), ("offset", "0"), ("length", "4")):
    entry = outside.external_data.add()
    entry.key, entry.value = key, value
matmul = [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["p"])]
save("external", model("external", matmul, [outside]))

# Answers eight rows at a time, no more and no fewer.
save("fixed_batch", model("fixed_batch", matmul, [weight], shape=(8, 1)))

# Count to 2^62 before they answer.
body = helper.make_graph(
    [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Add", ["carried", "one"], ["carried_on"])],
    "body",
    [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []), helper.make_tensor_value_info("carried", TensorProto.FLOAT, [1])],
    [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), helper.make_tensor_value_info("carried_on", TensorProto.FLOAT, [1])],
)
constants = [
    numpy_helper.from_array(np.array(2**62, np.int64), "times"),
    numpy_helper.from_array(np.array(True), "yes"),
    numpy_helper.from_array(np.zeros(1, np.float32), "zero"),
    numpy_helper.from_array(np.ones(1, np.float32), "one"),
]
loop = helper.make_node("Loop", ["times", "yes", "zero"], ["count"], body=body)
end = [helper.make_node("Mul", ["x", "count"], ["z"]), helper.make_node("Sigmoid", ["z"], ["p"])]
save("hang_loading", model("hang_loading", [loop, *end], constants))  # constants alone: counted while it is loaded
# As often as the largest x says, times 1e18: rows of zeros are answered at once, so that it can be loaded.
start = [
    helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
    helper.make_node("Mul", ["largest", "many"], ["real"]),
    helper.make_node("Cast", ["real"], ["times"], to=TensorProto.INT64),
]
many = numpy_helper.from_array(np.array(1e18, np.float32), "many")
save("hang", model("hang", [*start, loop, *end], [*constants[1:], many]))
