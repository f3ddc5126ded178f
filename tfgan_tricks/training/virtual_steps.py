"""Steps of an optimizer that move no variable: functions of tensors, through which gradient flows."""

from typing import Any

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain
from tfgan_tricks.serialization import Configurable

# A virtual gradient may be so many times larger than the real ones, at whose limit a dynamic loss scale is kept.
HEADROOM = 16.0


class VirtualOptimizer(Configurable):
    """What the virtual steps of `UnrolledGAN` ask of an optimizer.

    Args:
        learning_rate: the current rate of the discriminator's own optimizer unless given.
    """

    def __init__(self, learning_rate: float | None = None):
        if learning_rate is not None:
            check_range("learning_rate", learning_rate, low=0.0)
        self.learning_rate = learning_rate

    def check(self, optimizer: keras.optimizers.Optimizer) -> None:
        """Raises `ValueError` if this cannot start from the discriminator's own optimizer."""
        if self.learning_rate is None and not hasattr(optimizer, "learning_rate"):
            raise ValueError(
                explain(
                    "The discriminator's optimizer has no single learning rate for virtual steps.",
                    received=f"{type(optimizer).__name__}, and {self!r}",
                    expected="an optimizer with a learning rate, or a rate for the virtual steps",
                    fix=f"pass virtual_optimizer={type(self).__name__}(learning_rate=...).",
                )
            )

    def start(self, optimizer, variables) -> dict[str, Any]:
        """Returns the state before the first step, from the discriminator's own optimizer and variables."""
        rate = optimizer.learning_rate if self.learning_rate is None else self.learning_rate
        return {"rate": ops.cast(rate, "float32")}

    def step(self, values, gradients, state: dict[str, Any]):
        """Returns the values and the state after one step along the gradients; lists of tensors, in one order."""
        raise NotImplementedError(f"{type(self).__name__} must implement step(values, gradients, state).")


@keras.saving.register_keras_serializable("tfgan_tricks")
class VirtualSGD(VirtualOptimizer):
    """Plain gradient descent as a function: w ← w - η·g, for the virtual steps of `UnrolledGAN`.

    **Source**: Metz et al., 2017, arXiv:1611.02163, equation 8.

    **Differs from the paper**: no; the rate η is the discriminator's own unless given.

    Args:
        learning_rate: η, at least 0; the current rate of the discriminator's own optimizer unless given.

    Call arguments:
        values: list of tensors.
        gradients: one for each of them.
        state: from `start`.

    Output shape: `step` returns the values moved, shaped as they were, and the state.

    **Cost**: one product and one difference per weight.

    **Combines badly with**: a discriminator that is trained by Adam, whose rate is far too small for plain descent:
    the virtual steps then hardly move. Use `VirtualAdam`, or give a rate.

    Example:

    >>> descent = tt.training.VirtualSGD(learning_rate=0.5)
    >>> values, _ = descent.step([np.array([1.0])], [np.array([4.0])], {"rate": 0.5})
    >>> float(values[0][0])
    -1.0
    """

    def step(self, values, gradients, state):
        moved = [value - state["rate"] * gradient for value, gradient in zip(values, gradients, strict=True)]
        return moved, state


def virtual_loss_scale(optimizer: keras.optimizers.Optimizer):
    """Returns what a virtual loss is multiplied by before its gradient is taken, so that nothing underflows.

    An overflow in a virtual step would make the generator's optimizer halve its own scale; so a dynamic one is reduced.
    """
    scale = optimizer.scale_loss(ops.ones((), "float32"))
    dynamic = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return ops.maximum(scale / HEADROOM, 1.0) if dynamic else scale
