"""What leaves the library: a trained generator that runs without it."""

from tfgan_tricks.export.determinism import deterministic
from tfgan_tricks.export.saved_model import export_saved_model

__all__ = ["deterministic", "export_saved_model"]
