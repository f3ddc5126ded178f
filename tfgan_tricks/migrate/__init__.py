"""Coming from elsewhere: weights of models that were saved with tensorflow-addons."""

from tfgan_tricks.migrate.addons import load_addons_weights
from tfgan_tricks.migrate.report import MigrationReport

__all__ = ["MigrationReport", "load_addons_weights"]
