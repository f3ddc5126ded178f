"""How good the samples are: features, and distances between those of real and of generated images."""

from tfgan_tricks.metrics.class_shares import class_shares
from tfgan_tricks.metrics.classifier import Classifier
from tfgan_tricks.metrics.density_coverage import DensityCoverage
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.feature_statistics import FeatureStatistics
from tfgan_tricks.metrics.fid import FID, frechet_distance
from tfgan_tricks.metrics.identity_features import Identity
from tfgan_tricks.metrics.inception import InceptionFID
from tfgan_tricks.metrics.inception_score import InceptionScore, inception_score
from tfgan_tricks.metrics.keras_features import KerasFeatures
from tfgan_tricks.metrics.kid import KID, kernel_distance
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.precision_recall import PrecisionRecall
from tfgan_tricks.metrics.real_floor import real_floor
from tfgan_tricks.metrics.result import MetricResult
from tfgan_tricks.metrics.samples import Samples

__all__ = [
    "FID",
    "KID",
    "Classifier",
    "DensityCoverage",
    "FeatureExtractor",
    "FeatureStatistics",
    "Identity",
    "InceptionFID",
    "InceptionScore",
    "KerasFeatures",
    "Metric",
    "MetricResult",
    "PrecisionRecall",
    "Samples",
    "class_shares",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "real_floor",
]
