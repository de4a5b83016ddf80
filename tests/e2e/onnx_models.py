#!/usr/bin/env python3
"""Holds what artifact_show reads of ONNX files against Python's onnx: operators by domain, opsets, initialisers, inputs, outputs.

usage: onnx_models.py ARTIFACT_SHOW FOLDER (Debian's libonnx-testdata is one such folder)

Needs the package onnx: runs itself again with the Python that NONET_ONNX_PYTHON names, else with that of .venv-long (tools/setup long).

Exit 77 where onnx or the folder is missing, 1 when a file differs or the reader died.
"""

import collections
import json
import math
import os
import pathlib
import subprocess
import sys

PYTHON = os.environ.get("NONET_ONNX_PYTHON") or pathlib.Path(__file__).resolve().parents[2] / ".venv-long" / "bin" / "python"

try:
    import onnx
    from onnx import helper
except ImportError:
    if os.path.exists(PYTHON) and pathlib.Path(PYTHON) != pathlib.Path(sys.executable):
        os.execv(PYTHON, [PYTHON, *sys.argv])
    print(f"skipped: no Python with the package onnx, also not {PYTHON}; tools/setup long makes one")
    sys.exit(77)

SEQUENCE = 200  # files in one call


def graphs(graph):
    yield graph
    for node in graph.node:
        yield from inner(node)


def inner(node):
    for attribute in node.attribute:
        for graph in [attribute.g] if attribute.HasField("g") else attribute.graphs:
            yield from graphs(graph)


def plain(domain):
    return "" if domain == "ai.onnx" else domain


def expected(path):
    model = onnx.load(path, load_external_data=False)
    every = list(graphs(model.graph)) + [graph for function in model.functions for node in function.node for graph in inner(node)]
    nodes = [node for graph in every for node in graph.node] + [node for function in model.functions for node in function.node]
    ops = collections.Counter((plain(node.domain), node.op_type) for node in nodes)
    tensors = [tensor for graph in every for tensor in list(graph.initializer) + [sparse.values for sparse in graph.sparse_initializer]]
    filled = {tensor.name for tensor in model.graph.initializer}
    ml = sum(len(attribute.floats) for node in nodes if node.domain == "ai.onnx.ml" for attribute in node.attribute)
    return {
        "ops": sorted([domain, kind, n] for (domain, kind), n in ops.items()),
        "opsets": [[plain(opset.domain), opset.version] for opset in model.opset_import],
        "parameters": sum(math.prod(tensor.dims) for tensor in tensors) + ml,
        "elements": {kind: n for kind, n in by_type(tensors).items()},
        "inputs": [value.name for value in model.graph.input if value.name not in filled],
        "outputs": [value.name for value in model.graph.output],
        "ir_version": model.ir_version,
    }


def by_type(tensors):
    count = collections.Counter()
    for tensor in tensors:
        name = helper.tensor_dtype_to_string(tensor.data_type).split(".")[-1].lower()
        count[{"float": "float32", "double": "float64"}.get(name, name)] += math.prod(tensor.dims)
    return count


def found(artifact):
    names = {key: [port["name"] for port in artifact[key]] for key in ("inputs", "outputs")}
    elements = {row[0]: row[2] for row in artifact["weights"]}
    return {key: artifact[key] for key in ("ops", "opsets", "parameters", "ir_version")} | names | {"elements": elements}


def main():
    show, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    files = sorted(map(str, folder.rglob("*.onnx")))
    if not files:
        print(f"skipped: no models in {folder}; apt-get install libonnx-testdata brings them")
        sys.exit(77)
    n_same = n_ops = n_bound = 0
    wrong = []
    for start in range(0, len(files), SEQUENCE):
        some = files[start : start + SEQUENCE]
        answer = subprocess.run([show, "onnx", *some], capture_output=True, text=True, timeout=600)
        if answer.returncode != 0:
            wrong.append(f"the reader ended with {answer.returncode} on one of {some[0]} … {some[-1]}")
        for line in map(json.loads, answer.stdout.splitlines()):
            if "error" in line:
                wrong.append(f"{line['file']}: {line['error']}")
                continue
            want, have = expected(line["file"]), found(line["artifact"])
            differs = [key for key in want if want[key] != have[key]]
            n_same += not differs
            n_ops += sum(row[2] for row in want["ops"])
            n_bound += line["artifact"]["is_bound"]
            wrong += [f"{line['file']}: {key} is {have[key]}, onnx says {want[key]}" for key in differs]
    print(f"{len(files)} models, {n_same} the same as onnx {onnx.__version__}, {n_ops} operators, work is a lower bound in {n_bound}")
    print("\n".join(wrong[:50]))
    sys.exit(bool(wrong) or n_same != len(files))


if __name__ == "__main__":
    main()
