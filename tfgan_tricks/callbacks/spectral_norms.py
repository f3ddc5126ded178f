"""The largest singular values of a GAN's kernels, during training."""

from tfgan_tricks.callbacks.logged_values import LoggedValues
from tfgan_tricks.layers.spectral_norms import spectral_norms


class SpectralNorms(LoggedValues):
    """Adds σ of every spectral-normalised layer of the networks to the logs, as "sigma/network/layer".

    The σ of the raw kernels are what spectral normalisation takes out of the outputs; whether they drift or jump tells
    how the training goes. Put it before the callbacks that write (`MetricsLog`, `ScalarSummaries`), with the same
    `every_images`: they then write what was just computed. In between, the logs hold the values of the last time.

    Args:
        every_images: images between two computations; one after each epoch unless given.
        across_workers: whether, of several workers, those that do not compute learn the values. If so, each of them
            must have this callback too.

    **Cost**: per computation, 2 products of each kernel with a vector; nothing in between.

    **Combines badly with**: nothing known.

    Example:

    >>> sigma = tt.callbacks.SpectralNorms(every_images=1_000)
    >>> log = tt.callbacks.MetricsLog("metrics.jsonl", every_images=1_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[sigma, log])
    """

    def act(self, images, logs):
        found = spectral_norms(self.model.task)
        self.values = {f"sigma/{path}": float(value) for path, value in found.items()}
