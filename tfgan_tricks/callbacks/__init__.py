"""What happens beside training: pictures, numbers, checkpoints, an end to runs that have broken down."""

from tfgan_tricks.callbacks.adaptive_generator_rate import AdaptiveGeneratorRate
from tfgan_tricks.callbacks.checkpointing import Checkpointing
from tfgan_tricks.callbacks.graceful_stop import GracefulStop
from tfgan_tricks.callbacks.image_grid import ImageGrid
from tfgan_tricks.callbacks.metric_evaluation import MetricEvaluation
from tfgan_tricks.callbacks.metrics_log import MetricsLog
from tfgan_tricks.callbacks.progress import Progress
from tfgan_tricks.callbacks.scalar_summaries import ScalarSummaries
from tfgan_tricks.callbacks.spectral_norms import SpectralNorms
from tfgan_tricks.callbacks.stop_on_non_finite import StopOnNonFinite

__all__ = [
    "AdaptiveGeneratorRate",
    "Checkpointing",
    "GracefulStop",
    "ImageGrid",
    "MetricEvaluation",
    "MetricsLog",
    "Progress",
    "ScalarSummaries",
    "SpectralNorms",
    "StopOnNonFinite",
]
