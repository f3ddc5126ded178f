"""Decodes broken images in a process of its own, for a decoder that is led astray may end the process.

python -m tests.hostile.decoding_child SEED COUNT FOLDER: makes COUNT files from SEED, reads them as `folder:` does, and
prints what came of them. The file that is being decoded is `FOLDER/now`, whatever happens.
"""

import collections
import json
import resource
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from tests.hostile.mutations import SUFFIXES, mutated, whole_files
from tfgan_tricks.data.image_file import read_header, reader
from tfgan_tricks.data.source import Source


def decode(path: Path) -> str:
    """Returns what came of a file: "header" or "decoder" if it was refused there, or "image"."""
    header = read_header(path)
    if header.problem:
        assert header.problem.isprintable(), header.problem
        return "header"
    source = Source("", 1, (None, None, 3), files=(str(path),), orientations=np.array([header.orientation], np.int32))
    try:
        image = reader(source)(tf.constant(0))
    except tf.errors.OpError:
        return "decoder"
    expected = (header.height, header.width)
    assert image.shape[:2] == expected, f"{tuple(image.shape)} decoded, {expected} in the header"
    assert 1 <= image.shape[-1] <= 4, image.shape
    return "image"


def main(seed: int, count: int, folder: Path) -> None:
    """Decodes `count` files and prints how many came to what end, and the most memory that was taken."""
    tf.config.run_functions_eagerly(True)  # a graph a file would take longer than the file
    random = np.random.default_rng(seed)
    whole = whole_files()
    outcomes: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        (suffix, data), (_, other) = (whole[int(random.integers(len(whole)))] for _ in range(2))
        data = mutated(data, other, random)
        suffix = suffix if random.random() < 0.9 else str(random.choice(SUFFIXES))
        path = folder / f"now.{suffix}"
        path.write_bytes(data)
        (folder / "now").write_bytes(data)
        outcomes[decode(path)] += 1
    print(json.dumps({**outcomes, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
