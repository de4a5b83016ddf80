"""Answers nonet's rows with a scikit-learn model: Arrow in on stdin, predictions out on stdout (pip install pyarrow pandas).

In nonet.yaml:  candidate: {command: [python3, score.py, model.joblib]}
"""
import sys
import joblib
import pyarrow as pa

model = joblib.load(sys.argv[1])
out, sys.stdout = sys.stdout.buffer, sys.stderr  # what the model prints must not stand among the answers
writer = None
for batch in pa.ipc.open_stream(sys.stdin.buffer):
    rows = batch.to_pandas()
    if hasattr(model, "predict_proba"):  # one column per class, by the class's name
        names = [str(name).lower() if str(name) in ("True", "False") else str(name) for name in model.classes_]
        answer = pa.record_batch(list(model.predict_proba(rows).T.copy()), names=names)
    elif hasattr(model, "classes_"):
        answer = pa.record_batch([pa.array(model.predict(rows))], names=["prediction"])
    else:  # a regression
        answer = pa.record_batch([pa.array(model.predict(rows).ravel())], names=["score"])
    writer = writer or pa.ipc.new_stream(out, answer.schema)
    writer.write_batch(answer)
    out.flush()
