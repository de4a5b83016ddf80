"""What a model's file says, through the binary: read before any runtime is asked, measured, and explained when a runtime refuses."""

import shutil

import pytest
from conftest import ROOT, nonet, strict_json

MODELS = ROOT / "examples" / "crash" / "models"
STATIC = "efficiency.parameters,efficiency.flops,efficiency.memory_traffic,deployability.opset_range,deployability.custom_ops,deployability.external_data,deployability.dynamic_batch,deployability.op_coverage,deployability.quantisation_readiness,deployability.provenance"


def field(number, payload):
    """A field of the wire format: bytes with their length, or a whole number."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value):
    digits = b""
    while value > 0x7F:
        digits += bytes([value & 0x7F | 0x80])
        value >>= 7
    return digits + bytes([value])


def tensor_info(name, width):
    axes = field(1, field(2, "N")) + field(1, field(1, width))
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, axes)))


def model(node, opset=17, more=b""):
    graph = field(1, node) + more + field(2, "g") + field(11, tensor_info("x", 2)) + field(12, tensor_info("y", 2))
    return field(1, 8) + field(7, graph) + field(8, field(2, opset))


def node(kind, domain=""):
    return field(1, "x") + field(2, "y") + field(4, kind) + (field(7, domain) if domain else b"")


def external(location, length):
    entries = field(13, field(1, "location") + field(2, location)) + field(13, field(1, "length") + field(2, str(length)))
    return field(5, field(1, length // 4) + field(2, 1) + field(8, "w") + entries + field(14, 1))


def configure(tmp_path, data):
    shutil.copy(ROOT / "examples" / "crash" / "test.parquet", tmp_path)
    (tmp_path / "model.onnx").write_bytes(data)
    config = tmp_path / "nonet.yaml"
    config.write_text("nonet: 1\ncontext: general\nmodels:\n  candidate: {onnx: model.onnx}\ndata: {test: test.parquet, label: dead}\n")
    return config


def check(tmp_path, data):
    """The run goes on without the model: its evidence, and what the findings say of its loading."""
    code, out, err = nonet("check", configure(tmp_path, data), "--store", "none", "--only", "deployability", "--json", "-")
    if code == 69:
        pytest.skip(err)
    assert code == 2, err
    document = strict_json(out)
    return document, [f["evidence"] for f in document["findings"] if f["id"] == "deployability.loads"]


@pytest.mark.parametrize(
    "location, said",
    [
        ("weights.bin", "external data file weights.bin is missing: expected in"),
        ("../weights.bin", "lies outside the model's folder"),
    ],
)
def test_external_data_are_looked_for_first(tmp_path, location, said):
    document, (text,) = check(tmp_path, model(node("Relu"), more=external(location, 12)))
    assert said in text and document["inputs"]["models"][0]["runtime"] == ""  # none was asked


def test_a_custom_operator_is_named(tmp_path):
    _, (text,) = check(tmp_path, model(node("Fancy", "com.acme")))
    assert "operator Fancy of the domain com.acme" in text


def test_a_newer_opset_names_the_runtime(tmp_path):
    _, (text,) = check(tmp_path, model(node("Relu"), opset=39))
    assert "opset 39" in text and "needs ONNX Runtime 1." in text


def test_a_cut_model_is_no_model(tmp_path):
    """A file that is no model is a mistake of whoever wrote the configuration, and no finding of a model."""
    code, out, err = nonet("check", configure(tmp_path, (MODELS / "candidate.onnx").read_bytes()[:30000]), "--store", "none")
    assert (code, out) == (65, "") and "was the file cut" in err, err


def test_the_demo_is_read():
    code, out, err = nonet("check", "examples/crash/nonet.yaml", "--only", STATIC, "--store", "none", "--sample", "300", "--json", "-")
    if code == 69:
        pytest.skip(err)
    assert code in (0, 1, 2), err
    rows = {(row["measure"], row["role"]): row for row in strict_json(out)["estimates"]}
    value = {key: row["value"] for key, row in rows.items()}
    assert {row["method"] for row in rows.values()} == {"exact"}
    # linear: Scaler 2 a number, Imputer 1, 2 a coefficient and 1 an intercept (two of each: one per class)
    assert value["efficiency.parameters", "baseline"] == 44
    assert value["deployability.opset_range", "candidate"] == 17
    assert value["deployability.custom_ops", "candidate"] == 0
    assert value["deployability.op_coverage", "candidate"] == 1
    assert value["deployability.dynamic_batch", "candidate"] == 1
    assert value["efficiency.flops", "difference"] == value["efficiency.flops", "candidate"] - value["efficiency.flops", "baseline"]
