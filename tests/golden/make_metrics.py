"""Makes tests/golden/metrics/references.npz: what torch-fidelity and prdc compute of some features and logits.

They bring PyTorch along, so this runs in an environment of its own, and is not a test:

    python3.11 -m venv /tmp/references
    /tmp/references/bin/pip install torch-fidelity==0.4.0 prdc==0.2
    /tmp/references/bin/python tests/golden/make_metrics.py

Versions of the committed file: see `versions` in it. Features are drawn here, correlated and of unequal spread, and
given to both in float64; counts of real and generated rows differ.
"""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import torch
from prdc import compute_prdc
from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

FILE = Path(__file__).parent / "metrics" / "references.npz"
WIDTH = 16


def draw() -> dict[str, np.ndarray]:
    random = np.random.default_rng(20)
    mixing = random.normal(size=(WIDTH, WIDTH)) * np.linspace(0.2, 2.0, WIDTH)
    real = np.maximum(random.normal(size=(200, WIDTH)) @ mixing + 1.0, 0.0)  # as after a ReLU
    bend = np.eye(WIDTH) + 0.2 * random.normal(size=(WIDTH, WIDTH))
    fake = np.maximum(random.normal(size=(170, WIDTH)) @ mixing @ bend + 1.3, 0.0)
    logits = random.normal(size=(170, 10)) * random.uniform(0.5, 4.0, size=(170, 1))
    return {"real": real.astype("float32"), "fake": fake.astype("float32"), "logits": logits.astype("float32")}


def compute(real: np.ndarray, fake: np.ndarray, logits: np.ndarray) -> dict[str, float]:
    real, fake = real.astype("float64"), fake.astype("float64")
    tensors = torch.from_numpy(real), torch.from_numpy(fake)
    found = {}
    sides = [metric_fid.fid_features_to_statistics(tensor) for tensor in tensors]
    found["fid"] = metric_fid.fid_statistics_to_metric(*sides, verbose=False)[metric_fid.KEY_METRIC_FID]
    kid = {"kid_subsets": 1, "kid_subset_size": 170, "verbose": False}  # all rows: no choice of a subset
    equal = metric_kid.kid_features_to_metric(tensors[0][:170], tensors[1], **kid)
    found["kid_of_first_170"] = equal[metric_kid.KEY_METRIC_KID_MEAN]
    for splits in (1, 7):
        for order, how in {"": {"shuffle": False}, "shuffled_": {}}.items():
            score = metric_isc.isc_features_to_metric(torch.from_numpy(logits), splits=splits, **how)
            found[f"inception_score_{order}{splits}"] = score[metric_isc.KEY_METRIC_ISC_MEAN]
            found[f"inception_score_{order}{splits}_deviation"] = score[metric_isc.KEY_METRIC_ISC_STD]
    for k in (3, 5):
        shares = metric_prc.prc_features_to_metric(tensors[1], tensors[0], prc_neighborhood=k, verbose=False)
        found |= {f"fidelity_{k}_{name}": value for name, value in shares.items()}
        found |= {f"prdc_{k}_{name}": float(value) for name, value in compute_prdc(real, fake, k).items()}
    return found


if __name__ == "__main__":
    arrays = draw()
    numbers = compute(**arrays)
    versions = {name: importlib.metadata.version(name) for name in ("torch", "torch-fidelity", "prdc", "numpy")}
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, **arrays, numbers=json.dumps(numbers), versions=json.dumps(versions))
    print(json.dumps(numbers | versions, indent=2))
