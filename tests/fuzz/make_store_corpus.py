#!/usr/bin/env python3
"""Writes the seeds of fuzz_store: store files whole, cut, flipped, foreign and newer, and hostile rows.

usage: PYTHONPATH=tests/e2e make_store_corpus.py FOLDER (needs the built library)
"""

import pathlib
import sqlite3
import sys
import tempfile

import store_kit

ID, BAD = "0123456789ab", "fedcba987654"


def store_file(change=None):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "nonet.db"
        status, message = store_kit.keep(path, store_kit.run())
        assert status == 0, message
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("PRAGMA page_size=512")
        for line in change or []:
            database.execute(line)
        database.execute("VACUUM")
        database.close()
        return path.read_bytes()


def rows(*cells):
    """Each row: the table, then its cells with their letters."""
    return b"R" + b"\x1e".join(b"\x1f".join(c if isinstance(c, bytes) else c.encode() for c in row) for row in cells)


def run_row(place="1", id=ID, started="2026-01-02T03:04:05Z", n_bytes="i8", document="bnot zstd"):
    return ("runs", f"i{place}", f"t{id}", f"t{started}", "tcheck", "tedge", "i1", "tPASS", "tdigest", n_bytes, document)


def estimate_row(**cells):
    row = {"run": "i1", "measure": "tcorrectness.auc", "scope": "t", "role": "tcandidate", "value": "r0.9", "low": "r0.8", "high": "r1", "level": "r0.95", "n": "r10"}
    return ("estimates", *{**row, **cells}.values())


# zstd frames with raw blocks: magic, single segment with one byte of size, block header (last, raw, size).
def frame(payload):
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(payload)]) + (len(payload) << 3 | 1).to_bytes(3, "little") + payload


def main():
    folder = pathlib.Path(sys.argv[1])
    whole = store_file()
    flipped = bytearray(whole)
    for at in range(600, len(flipped), 701):
        flipped[at] ^= 0xFF
    bad_json = b'{"schema":"nonet/evidence/1","run":'
    seeds = {
        "whole": b"F" + whole,
        "cut": b"F" + whole[: len(whole) // 2],
        "flipped": b"F" + bytes(flipped),
        "newer": b"F" + store_file(["PRAGMA user_version=9"]),
        "view": b"F" + store_file(["ALTER TABLE runs RENAME TO r", "CREATE VIEW runs AS SELECT * FROM r"]),
        "trigger": b"F" + store_file(["CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END"]),
        "empty-file": b"F",
        "csv": b"Fy,p\n1,0.5\n",
        "bad-json": rows(run_row(n_bytes=f"i{len(bad_json)}", document=b"b" + frame(bad_json))),
        "other-json": rows(run_row(n_bytes="i2", document=b"b" + frame(b"{}"))),
        "huge-blob": rows(run_row(n_bytes="i999999999999", document="z16000000")),
        "claims-much": rows(run_row(n_bytes="i200000000", document="bx")),
        "size-lies": rows(run_row(n_bytes="i3", document=b"b" + frame(b"{}"))),
        "wrong-types": rows(("runs", "tone", "i7", "r2.5", "bxyz", "n", "tseven", "z9", "n", "t8", "i12")),
        "not-utf8": rows(("runs", "i1", b"t\xff\xfe\x80", "t", "t", "t", "i1", "t", "t", "i1", "b")),
        "control": rows(run_row(started="\x1b[31m\x07"), ("models", "i1", "i0", "tcandidate", "tonnx", "t\x1b]0;x\x07", "thash")),
        "same-prefix": rows(run_row(), run_row(place="2", id=ID[:6] + BAD[:6]), run_row(place="3", id="zz; DROP TABLE runs")),
        "infinite": rows(run_row(), estimate_row(value="r1e999", low="r-1e999", high="rnan"), ("data", "i1", "i0", "ttest", "trows", "tsha", "i5")),
        "text-numbers": rows(run_row(), estimate_row(value="tmuch", low="bfew", high="n", level="tx"), estimate_row(role="tdifference")),
        "looks": rows(
            ("questions", "i1", "tc1", "tb1", "treal-time", "i1", "trows.parquet", "tmany"),
            ("looks", "i1", "i-5", "td0", "i-1", "t" + "r" * 200, "t" + "v" * 99, "tx"),
            ("looks", "i1", "r1e300", "td9", "n", "n", "n", "n"),
        ),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


main()
