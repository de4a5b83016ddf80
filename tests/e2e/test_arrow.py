"""Arrow IPC as pyarrow writes it: every codec, as Feather, file and stream, gives the digest of the same rows in Parquet; broken bodies are told."""

import functools

import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
import pytest
from conftest import ROOT, evidence, nonet

ROWS = ROOT / "tests" / "golden" / "peers" / "binary_smooth.parquet"
OPTIONS = ("--label", "y", "--score", "p", "--baseline-score", "base", "--only", "correctness.auc,correctness.brier,correctness.roc", "--quiet")


@functools.cache
def rows():
    return pyarrow.parquet.read_table(ROWS)


@functools.cache
def expected():
    return evidence("measure", ROWS, *OPTIONS)["digest"]


def write(path, codec, as_stream=False):
    options = pyarrow.ipc.IpcWriteOptions(compression=codec)
    with (pyarrow.ipc.new_stream if as_stream else pyarrow.ipc.new_file)(path, rows().schema, options=options) as writer:
        writer.write_table(rows(), max_chunksize=700)
    return path


def test_feather_as_pyarrow_writes_it_unasked(tmp_path):
    path = tmp_path / "rows.feather"
    pyarrow.feather.write_feather(rows(), path)  # LZ4 unless told otherwise
    lz4 = tmp_path / "asked.feather"
    pyarrow.feather.write_feather(rows(), lz4, compression="lz4")
    assert path.read_bytes() == lz4.read_bytes()
    assert evidence("measure", path, *OPTIONS)["digest"] == expected()


@pytest.mark.parametrize("as_stream", [False, True], ids=["file", "stream"])
@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
def test_codecs(codec, as_stream, tmp_path):
    path = write(tmp_path / "rows.arrow", codec, as_stream)
    assert evidence("measure", path, *OPTIONS)["digest"] == expected()


@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
def test_categories(codec, tmp_path):
    """A column of categories, as pandas makes one: its texts are compressed apart from the rows."""
    at = rows().schema.get_field_index("g")
    categories = rows().set_column(at, "g", rows().column("g").dictionary_encode())
    path = tmp_path / "rows.arrow"
    with pyarrow.ipc.new_file(path, categories.schema, options=pyarrow.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(categories, max_chunksize=700)
    args = (*OPTIONS, "--group", "g")
    document = evidence("measure", path, *args)
    assert document["digest"] == evidence("measure", ROWS, *args)["digest"]
    assert {e["scope"]["by"]["g"] for e in document["estimates"] if "by" in e["scope"]} == set(rows().column("g").to_pylist())


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_broken_body(codec, tmp_path):
    """Bytes of a compressed buffer are overwritten: the codec notices."""
    path = write(tmp_path / "rows.arrow", codec)
    bytes_ = bytearray(path.read_bytes())
    frame = {"lz4": b"\x04\x22\x4d\x18", "zstd": b"\x28\xb5\x2f\xfd"}[codec]
    at = bytes_.index(frame)
    bytes_[at : at + 16] = b"\xff" * 16
    path.write_bytes(bytes_)
    code, out, err = nonet("measure", path, *OPTIONS, "--json", "-")
    assert code == 65 and out == "", err
    assert "rows.arrow" in err and codec in err.lower()
