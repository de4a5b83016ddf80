"""Answers nonet's rows with a TorchScript model: Arrow in on stdin, predictions out on stdout (pip install pyarrow numpy torch).

In nonet.yaml:  candidate: {command: [python3, score.py, model.pt], output: logit}   # or probability
"""
import sys
import numpy as np
import pyarrow as pa
import torch

model = torch.jit.load(sys.argv[1]).eval()
out, sys.stdout = sys.stdout.buffer, sys.stderr  # what the model prints must not stand among the answers
writer = None
for batch in pa.ipc.open_stream(sys.stdin.buffer):
    columns = [np.stack(c.to_numpy(zero_copy_only=False)) if pa.types.is_nested(c.type) else c.to_numpy(zero_copy_only=False) for c in batch.columns]
    rows = columns[0] if columns[0].ndim > 1 else np.column_stack(columns)  # one list column (an image), else a matrix in their order
    with torch.inference_mode():
        score = model(torch.from_numpy(rows.astype(np.float32))).double().numpy()
    score = score.ravel() if score.ndim == 1 or score.shape[1] == 1 else list(score)  # one number, or one per class in their order
    answer = pa.record_batch([pa.array(score)], names=["score"])
    writer = writer or pa.ipc.new_stream(out, answer.schema)
    writer.write_batch(answer)
    out.flush()
