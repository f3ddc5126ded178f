"""All metadata of the package: what it is called, what it needs, what the extras add."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def version() -> str:
    """Returns the version from its file, without importing the package (which would import TensorFlow)."""
    text = (ROOT / "tfgan_tricks" / "version.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, flags=re.MULTILINE)
    if match is None:
        raise RuntimeError('tfgan_tricks/version.py must hold a line such as __version__ = "0.1.0".')
    return match.group(1)


# docs/dependencies.md says of each line what it is for.
REQUIREMENTS = [
    "absl-py>=2.1,<3",
    "filelock>=3.16,<4",
    "h5py>=3.11,<4",
    "importlib_resources>=6,<8",
    "keras>=3.12,<4",
    "ml_collections>=1.0,<2",
    "numpy>=1.26,<3",
    "pillow>=10.4,<14",
    "scikit-learn>=1.5,<2",
    "tensorboard>=2.18,<3",
    "tensorflow>=2.18,<3",
    "tensorflow-datasets>=4.9.7,<5",
]

EXTRAS = {
    "gpu": ["tensorflow[and-cuda]>=2.18,<3"],
    "export": ["onnx>=1.17,<2", "onnxruntime>=1.20,<2", "tf2onnx>=1.17,<2"],
    "report": ["jinja2>=3.1,<4", "matplotlib>=3.9,<4"],
    "docs": ["furo>=2024.8.6", "myst-parser>=4,<6", "sphinx>=8,<10"],
    "dev": [
        "hypothesis>=6.112,<7",
        "ipykernel>=6.29,<8",
        "jax>=0.4.38,<1",
        "jinja2>=3.1,<4",
        "matplotlib>=3.9,<4",
        "mypy>=1.11,<3",
        "nbclient>=0.10,<1",
        "nbformat>=5.10,<6",
        "pytest>=8.3,<10",
        "pytest-xdist>=3.6,<4",
        "ruff>=0.6,<1",
        "scipy>=1.14,<2",
        "selenium>=4.20,<5",
    ],
    # Compared with in benchmarks/ only; on Linux, the CPU build is the small one.
    "benchmark": ["torch>=2.5,<3"],
    # Cannot be imported beside Keras 3, and has wheels up to Python 3.11 only: give it an environment of its own,
    # with tensorflow==2.15.1 and without this package (docs/dependencies.md).
    "addons": ['tensorflow-addons==0.23.0; python_version < "3.12"'],
}

setup(
    name="tfgan_tricks",
    version=version(),
    description="GAN training tricks for TensorFlow and Keras 3: each one small, tested and composable.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["tfgan_tricks*"]),
    package_data={"tfgan_tricks": ["py.typed"], "tfgan_tricks.report": ["templates/*"]},
    install_requires=REQUIREMENTS,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["tfgan-tricks = tfgan_tricks.cli.main:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    keywords="gan, generative adversarial networks, keras, tensorflow",
)
