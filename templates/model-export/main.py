"""From a trained model to files that other programs can use, with proof that they give the same answers.

A PyTorch network becomes safetensors (its weights, without code) and ONNX (weights and computation, for any runtime);
a scikit-learn pipeline becomes ONNX too. Each export is run again with ONNX Runtime and compared.
"""

import json
import logging
import os
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import byteme
import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file, save_file
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)

EPOCHS = 30
logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it notes each optional package that it does without


def make_network() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def train_network(x: np.ndarray, y: np.ndarray) -> nn.Module:
    torch.manual_seed(0)
    network = make_network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for epoch in range(1, EPOCHS + 1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(inputs), targets)
        loss.backward()
        optimizer.step()
        byteme.log(step=epoch, loss=loss)
    print(f"network trained, loss {loss.item():.4f}", flush=True)
    return network.eval()


def export_network(network: nn.Module) -> None:
    # safetensors holds tensors and nothing else: loading it can never run code, unlike a pickle.
    metadata = {"architecture": "Linear(64, 64) ReLU Linear(64, 10)"}
    save_file(network.state_dict(), OUTPUT / "network.safetensors", metadata)
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # the exporter's own, not ours to mend
        torch.onnx.export(
            network,
            (torch.zeros(2, 64),),
            OUTPUT / "network.onnx",
            input_names=["pixels"],
            output_names=["scores"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),  # any number of rows at a time
            external_data=False,
            verbose=False,
        )
    print("wrote network.safetensors and network.onnx", flush=True)


def export_pipeline(pipeline: Pipeline, example: np.ndarray) -> None:
    # Without zipmap the probabilities come as one array instead of a list of dictionaries.
    model = to_onnx(pipeline, example[:1], options={"zipmap": False})
    (OUTPUT / "pipeline.onnx").write_bytes(model.SerializeToString())
    print("wrote pipeline.onnx", flush=True)


def run_onnx(name: str, x: np.ndarray) -> tuple[np.ndarray, float]:
    """The last output of an exported model for these rows, and the milliseconds it took."""
    session = onnxruntime.InferenceSession(OUTPUT / name, providers=["CPUExecutionProvider"])
    began = time.perf_counter()
    answer = session.run(None, {session.get_inputs()[0].name: x})[-1]
    return answer, 1000 * (time.perf_counter() - began)


def check(name: str, expected: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict[str, object]:
    """Compare an export with the model it came from."""
    answer, milliseconds = run_onnx(name, x)
    np.testing.assert_allclose(answer, expected, atol=1e-3, rtol=1e-3)
    return {
        "file": name,
        "bytes": (OUTPUT / name).stat().st_size,
        "accuracy": float((answer.argmax(1) == y).mean()),
        "largest_difference": float(np.abs(answer - expected).max()),
        "milliseconds": round(milliseconds, 2),
    }


def write_report(models: list[dict[str, object]]) -> None:
    packages = ("torch", "scikit-learn", "onnx", "skl2onnx", "onnxruntime", "safetensors")
    versions = {"python": platform.python_version()} | {name: version(name) for name in packages}
    (OUTPUT / "report.json").write_text(json.dumps({"models": models, "versions": versions}, indent=2))
    rows = [f"| {' | '.join(str(value) for value in model.values())} |" for model in models]
    head = [f"| {' | '.join(models[0])} |", "|" + " --- |" * len(models[0])]
    (OUTPUT / "report.md").write_text("\n".join(["# Exported models", "", *head, *rows, ""]))


def main() -> None:
    digits = load_digits()
    x = (digits.data / 16).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(x, digits.target, stratify=digits.target, random_state=0)

    network = train_network(x_train, y_train)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(x_train, y_train)
    print("pipeline trained", flush=True)

    export_network(network)
    export_pipeline(pipeline, x_train)

    restored = make_network()
    restored.load_state_dict(load_file(OUTPUT / "network.safetensors"))
    with torch.no_grad():
        scores = restored(torch.from_numpy(x_test)).numpy()
    models = [
        check("network.onnx", scores, x_test, y_test),
        check("pipeline.onnx", pipeline.predict_proba(x_test), x_test, y_test),
    ]
    write_report(models)
    for model in models:
        print(
            f"{model['file']:14s} accuracy {model['accuracy']:.3f}, "
            f"differs from the original by at most {model['largest_difference']:.1e}"
        )
    print("Wrote report.json and report.md.")


if __name__ == "__main__":
    main()
