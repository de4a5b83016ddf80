"""A store of runs for the tests, written through the library as a program of a user would (ctypes over libnonet.so)."""

import ctypes
import hashlib
import json
import os

from conftest import binary


class Error(ctypes.Structure):
    _fields_ = [("message", ctypes.c_char * 1024)]


def library():
    folder = binary().parent.parent / "src"
    nonet = ctypes.CDLL(str(folder / "libnonet.so"))
    for name in ("nonet_store_free", "nonet_evidence_free"):
        getattr(nonet, name).argtypes = [ctypes.c_void_p]
        getattr(nonet, name).restype = None
    return nonet


def canonical(value):
    """The JSON that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def run(started="2026-01-02T03:04:05Z", auc=0.9, half=0.02, candidate="c0ffee", baseline="ba5e", data="da7a", source="rows.parquet", difference=None):
    """A run of `nonet check` as its JSON document; ids and digests as the contract says."""

    def estimate(role, value, half):
        return {"measure": "correctness.auc", "attribute": "correctness", "role": role, "scope": {"kind": "all"}, "value": value,
                "low": value - half, "high": value + half, "level": 0.95, "method": "delong", "n": 1000, "n_effective": 1000, "notes": []}  # fmt: skip

    document = {
        "schema": "nonet/evidence/1",
        "tool": {"version": "0.1.0", "commit": "test"},
        "digest": "",
        "run": {"started": started, "command": "check", "seconds": 1.5, "seed": 1, "threads": 2},
        "inputs": {
            "config": {},
            "data": [{"role": "test", "source": source, "rows": 1002, "rows_used": 1000, "sha256": data}],
            "models": [
                {"role": "candidate", "kind": "onnx", "path": "boost.onnx", "sha256": candidate},
                {"role": "baseline", "kind": "onnx", "path": "logit.onnx", "sha256": baseline},
            ],
            "machine": {},
        },
        "measures": {},
        "estimates": [estimate("candidate", auc, half)] + ([estimate("difference", *difference)] if difference else []),
        "curves": [],
        "judgements": [],
        "findings": [],
        "actions": [],
        "verdict": {"state": "PASS", "context": "real-time", "context_version": 2, "alpha": 0.05, "because": [], "coverage": {}, "n_needed": None},
        "skipped": [],
        "timings": [],
    }
    parts = "".join(f'"{key}":{canonical(document[key])}' for key in ("estimates", "curves", "judgements", "findings"))
    document["digest"] = hashlib.sha256(parts.encode()).hexdigest()
    document["run"]["id"] = hashlib.sha256(canonical(document).encode()).hexdigest()[:12]
    return document


def keep(store, *documents):
    """Puts runs into the store at a path; (status, message) of the first that fails, else (0, "")."""
    nonet = library()
    handle, error = ctypes.c_void_p(), Error()
    status = nonet.nonet_store_open(os.fsencode(store), 1, ctypes.byref(handle), ctypes.byref(error))
    for document in documents:
        if status == 0:
            text, evidence = json.dumps(document).encode(), ctypes.c_void_p()
            status = nonet.nonet_evidence_parse(text, ctypes.c_size_t(len(text)), b"test", ctypes.byref(evidence), ctypes.byref(error))
            if status == 0:
                status = nonet.nonet_store_put(handle, evidence, ctypes.byref(error))
                nonet.nonet_evidence_free(evidence)
    nonet.nonet_store_free(handle)
    return status, error.message.decode()
