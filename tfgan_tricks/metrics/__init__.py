"""How good the samples are: features, and distances between those of real and of generated images."""

from tfgan_tricks.metrics.class_shares import class_shares
from tfgan_tricks.metrics.classification_accuracy import ClassificationAccuracyScore
from tfgan_tricks.metrics.classifier import Classifier
from tfgan_tricks.metrics.density_coverage import DensityCoverage
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.feature_statistics import FeatureStatistics
from tfgan_tricks.metrics.fid import FID, frechet_distance
from tfgan_tricks.metrics.histogram_divergences import histogram_js, histogram_kl, histogram_wasserstein
from tfgan_tricks.metrics.identity_features import Identity
from tfgan_tricks.metrics.inception import InceptionFID
from tfgan_tricks.metrics.inception_score import InceptionScore, inception_score
from tfgan_tricks.metrics.keras_features import KerasFeatures
from tfgan_tricks.metrics.kid import KID, kernel_distance
from tfgan_tricks.metrics.label_coverage import LabelCoverage, stacked_labels
from tfgan_tricks.metrics.memorisation import NearestNeighbourMemorisation
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.mode_coverage import ModeCoverage
from tfgan_tricks.metrics.ms_ssim_diversity import MultiScaleSSIMDiversity
from tfgan_tricks.metrics.precision_recall import PrecisionRecall
from tfgan_tricks.metrics.real_floor import real_floor
from tfgan_tricks.metrics.result import MetricResult
from tfgan_tricks.metrics.sample_divergences import sample_js, sample_kl, sample_wasserstein
from tfgan_tricks.metrics.samples import Samples
from tfgan_tricks.metrics.sliced_wasserstein import SlicedWasserstein, sliced_wasserstein

__all__ = [
    "FID",
    "KID",
    "ClassificationAccuracyScore",
    "Classifier",
    "DensityCoverage",
    "FeatureExtractor",
    "FeatureStatistics",
    "Identity",
    "InceptionFID",
    "InceptionScore",
    "KerasFeatures",
    "LabelCoverage",
    "Metric",
    "MetricResult",
    "ModeCoverage",
    "MultiScaleSSIMDiversity",
    "NearestNeighbourMemorisation",
    "PrecisionRecall",
    "Samples",
    "SlicedWasserstein",
    "class_shares",
    "frechet_distance",
    "histogram_js",
    "histogram_kl",
    "histogram_wasserstein",
    "inception_score",
    "kernel_distance",
    "real_floor",
    "sample_js",
    "sample_kl",
    "sample_wasserstein",
    "sliced_wasserstein",
    "stacked_labels",
]
