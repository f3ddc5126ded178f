"""Latents distributed like features of the data."""

import keras
import numpy as np
from keras import ops
from sklearn.mixture import GaussianMixture

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class Empirical(Prior):
    """Gaussian latents, or a mixture of Gaussians, with the mean and covariance of features of the data.

    A latent space shaped like the data: `Empirical.fit(features)` takes any features, such as principal components or
    the code of an autoencoder, one row per image.

    **Source**: a practitioners' trick; the same step for autoencoders is the ex-post density estimation of Ghosh et
    al., 2020, arXiv:1903.12436, section 4.

    **Differs from the paper**: fitted to any features of the data, for a GAN, not to an autoencoder's codes alone.

    Args:
        mean: [dim], or [components, dim].
        covariance: [dim, dim], or [components, dim, dim]; symmetric, no eigenvalue below 0.
        weights: how likely each component is, [components]; equally unless given.

    Output shape: [n, dim], float32.

    **Cost**: one product of a latent with a [dim, dim] matrix.

    **Combines badly with**: few images: the covariance of dim features needs many more than dim of them.

    Example:

    >>> features = np.random.default_rng(0).normal(size=(500, 3)) * [1.0, 2.0, 3.0]
    >>> latents = tfgan_tricks.latents.Empirical.fit(features).sample(10_000, seed=0)
    >>> np.asarray(latents).std(axis=0).round().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(self, mean, covariance, weights=None):
        means, covariances = np.asarray(mean, "float64"), np.asarray(covariance, "float64")
        self.mean, self.covariance = _nested(means), _nested(covariances)
        self.weights = None if weights is None else _nested(np.asarray(weights, "float64"))
        means, covariances = np.atleast_2d(means), covariances[None] if covariances.ndim == 2 else covariances
        if means.ndim != 2 or covariances.shape != (*means.shape, means.shape[1]):
            raise _refusal(f"a mean of shape {np.shape(mean)} and a covariance of shape {np.shape(covariance)}")
        if not np.isfinite(means).all() or not np.isfinite(covariances).all():
            raise _refusal("a mean or a covariance that is not finite")
        if self.weights is not None and (len(self.weights) != len(means) or min(self.weights) <= 0):
            raise _refusal(f"weights {self.weights} for {len(means)} components")
        values, vectors = np.linalg.eigh(covariances)
        if not np.allclose(covariances, np.swapaxes(covariances, 1, 2)) or values.min() < -1e-6 * values.max():
            raise _refusal(f"a covariance with eigenvalues down to {values.min():g}, or one that is not symmetric")
        self._means = means.astype("float32")
        # Rows of Gaussians times this have the covariance; unlike a Cholesky factor it exists for a singular one too.
        self._roots = (np.sqrt(np.maximum(values, 0.0))[:, :, None] * np.swapaxes(vectors, 1, 2)).astype("float32")

    @classmethod
    def fit(cls, features, components: int = 1, seed: int = 0) -> "Empirical":
        """Returns the Gaussian, or the mixture of so many, that fits features of shape [images, dim] best.

        Args:
            features: array of one row per image, more rows than components.
            components: Gaussians in the mixture, at least 1.
            seed: where the fit of a mixture starts.
        """
        features = np.asarray(features, "float64")
        check_integer("components", components, at_least=1)
        if features.ndim != 2 or len(features) < max(2, components + 1) or not np.isfinite(features).all():
            raise _refusal(f"features of shape {features.shape}, or some that are not finite")
        if components == 1:
            return cls(features.mean(axis=0), np.cov(features, rowvar=False).reshape((features.shape[1],) * 2))
        fitted = GaussianMixture(components, random_state=seed).fit(features)
        return cls(fitted.means_, fitted.covariances_, fitted.weights_)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self._means.shape[1],)

    def sample(self, n, seed):
        seed, (components, dim) = stream_of(seed), self._means.shape
        noise = keras.random.normal((n, dim), dtype="float32", seed=seed)
        means, roots = (ops.convert_to_tensor(array, dtype="float32") for array in (self._means, self._roots))
        if components == 1:
            return means[0] + ops.matmul(noise, roots[0])
        weights = ops.convert_to_tensor([self.weights or (1.0,) * components], dtype="float32")
        chosen = keras.random.categorical(ops.log(weights), n, dtype="int32", seed=seed)[0]  # [n]
        spread = ops.einsum("nd,ndk->nk", noise, ops.take(roots, chosen, axis=0))  # [n, dim]
        return ops.take(means, chosen, axis=0) + spread


def _nested(array: np.ndarray):
    """Returns an array as nested tuples of numbers, which JSON keeps and which compare."""
    return tuple(_nested(row) for row in array) if array.ndim > 1 else tuple(float(value) for value in array)


def _refusal(received: str) -> ValueError:
    return ValueError(
        explain(
            "These do not describe a distribution of latents.",
            received=received,
            expected="finite features [images, dim] with more images than components; or a mean [dim] and a covariance"
            " [dim, dim] (or both per component), symmetric and without negative eigenvalues",
            fix="compute both from features of the data: tfgan_tricks.latents.Empirical.fit(features).",
        )
    )
