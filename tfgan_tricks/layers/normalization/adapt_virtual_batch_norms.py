"""Adapting all virtual batch norms of a network to a reference batch."""

import keras

from tfgan_tricks.checks import explain
from tfgan_tricks.layers.normalization.virtual_batch_norm import VirtualBatchNorm, adapting


def adapt_virtual_batch_norms(model: keras.Layer, reference) -> None:
    """Passes a reference batch through a network and adapts its virtual batch norms in the order of the calls.

    Before training, and again as training goes on, since the statistics kept are those of the weights as they are
    now. A callback does it before each step:
    `keras.callbacks.LambdaCallback(on_train_batch_begin=lambda *_: adapt_virtual_batch_norms(generator, reference))`.
    On the JAX backend use `on_epoch_begin`: between the steps of an epoch a network there has no weights at hand.

    In this pass each layer normalises the reference by the reference's own statistics, so that the layers behind it
    see it as in the paper. The network is called eagerly, with `training=False`, and nothing else in it moves. A
    layer that it calls several times keeps the statistics of the last call.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 3.4.

    **Differs from the paper**: there the reference goes through the network along with every batch, and gradient
    flows through its statistics; see `VirtualBatchNorm`.

    Args:
        model: the network, or any layer that holds virtual batch norms.
        reference: what the network is called with, at least 2 examples; a list for several inputs.

    **Cost**: one forward pass of the reference.

    **Combines badly with**: a reference too large for one pass: it cannot be adapted to in parts.

    Example:

    >>> norm = tfgan_tricks.layers.VirtualBatchNorm()
    >>> network = keras.Sequential([keras.layers.Rescaling(2.0), norm])
    >>> tfgan_tricks.layers.adapt_virtual_batch_norms(network, np.array([[1.0], [2.0], [3.0]]))
    >>> float(norm.reference_mean[0])
    4.0
    """
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, VirtualBatchNorm)]
    if not layers:
        raise ValueError(
            explain(
                "There is nothing to adapt.",
                received=f"{type(model).__name__} {model.name!r} without a VirtualBatchNorm",
                expected="a network with at least one VirtualBatchNorm",
                fix="pass the network that holds the layers, not the GAN's other one.",
            )
        )
    with adapting(layers, reference):
        model(reference, training=False)
