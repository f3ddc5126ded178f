"""Adam without a variable: a function of tensors, through which gradient flows."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_range, explain
from tfgan_tricks.training.virtual_steps import VirtualOptimizer

MOMENTS = ("auto", "live", "zero")


@keras.saving.register_keras_serializable("tfgan_tricks")
class VirtualAdam(VirtualOptimizer):
    """Adam as a function, for the virtual steps of `UnrolledGAN`: gradient flows through its moments too.

    With the defaults, and a discriminator that is trained by Keras' Adam, the virtual steps are the steps which that
    Adam would take next, from the moments that it has.

    **Source**: Kingma and Ba, 2015, arXiv:1412.6980, algorithm 1; that virtual steps are Adam's: Metz et al., 2017,
    arXiv:1611.02163, section 2.2.

    **Differs from the paper**: bias is corrected in the rate, and epsilon added to the uncorrected root, as in Keras'
    Adam. Where the second moment is exactly 0, its root is a constant, since it has no derivative there. AMSGrad,
    weight decay and clipping of the discriminator's own optimizer are not followed.

    Args:
        learning_rate: at least 0; the current rate of the discriminator's own optimizer unless given.
        beta_1: decay of the first moment, in [0, 1). Unless given that of the discriminator's own Adam, or, if it has
            another optimizer, 0.9.
        beta_2: decay of the second moment, in [0, 1), found likewise, or 0.999.
        epsilon: added to the root of the second moment, above 0, found likewise, or 1e-7.
        moments: what they are before the first virtual step. "live": those of the discriminator's own Adam, and its
            count of steps; any other optimizer is refused. "zero": 0. "auto": "live" if the discriminator is trained
            by Keras' Adam or AdamW, else "zero".

    Call arguments:
        values: list of tensors.
        gradients: one for each of them.
        state: from `start`.

    Output shape: `step` returns the values moved, shaped as they were, and the state.

    **Cost**: per step two more tensors for each weight, all of which stay in memory until the generator's gradient
    is known.

    **Combines badly with**: moments from 0 in a network with saturated or dead units: where a gradient is all but 0,
    the step of Adam is steep in it (up to 1 / epsilon), and so is the generator's gradient.

    Example:

    >>> adam = tt.training.VirtualAdam(learning_rate=0.1, moments="zero")
    >>> values, state = [np.array([1.0], "float32")], None
    >>> state = adam.start(None, values)
    >>> values, state = adam.step(values, [np.array([4.0], "float32")], state)
    >>> round(float(values[0][0]), 4)
    0.9
    """

    def __init__(
        self,
        learning_rate: float | None = None,
        beta_1: float | None = None,
        beta_2: float | None = None,
        epsilon: float | None = None,
        moments: str = "auto",
    ):
        super().__init__(learning_rate)
        for name, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            if beta is not None:
                check_range(name, beta, low=0.0, high=1.0, high_open=True)
        if epsilon is not None:
            check_range("epsilon", epsilon, low=0.0, low_open=True)
        check_choice("moments", moments, MOMENTS)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.moments = moments

    def check(self, optimizer):
        super().check(optimizer)
        if self.moments == "live" and _adam_of(optimizer) is None:
            raise ValueError(
                explain(
                    "There are no moments of Adam that virtual steps could go on from.",
                    received=f"moments='live', and {type(_inner(optimizer)).__name__} as discriminator_optimizer",
                    expected="keras.optimizers.Adam or AdamW",
                    fix="pass moments='zero', or train the discriminator by Adam.",
                )
            )

    def start(self, optimizer, variables):
        state, adam = super().start(optimizer, variables), _adam_of(optimizer)
        for name, otherwise in (("beta_1", 0.9), ("beta_2", 0.999), ("epsilon", 1e-7)):
            given = getattr(self, name)
            state[name] = getattr(adam, name, otherwise) if given is None else given
        if self.moments == "zero" or adam is None:
            zeros = [ops.zeros_like(variable) for variable in variables]
            return {**state, "mean": zeros, "square": zeros, "count": ops.zeros((), "float32")}
        places = [adam._get_variable_index(variable) for variable in variables]
        mean, square = (
            [ops.convert_to_tensor(slots[place]) for place in places] for slots in (adam._momentums, adam._velocities)
        )
        return {**state, "mean": mean, "square": square, "count": ops.cast(adam.iterations, "float32")}

    def step(self, values, gradients, state):
        beta_1, beta_2, count = state["beta_1"], state["beta_2"], state["count"] + 1.0
        mean = [m + (1.0 - beta_1) * (g - m) for m, g in zip(state["mean"], gradients, strict=True)]
        square = [s + (1.0 - beta_2) * (g * g - s) for s, g in zip(state["square"], gradients, strict=True)]
        rate = state["rate"] * ops.sqrt(1.0 - ops.power(beta_2, count)) / (1.0 - ops.power(beta_1, count))
        moved = [
            value - rate * m / (_root(s) + state["epsilon"]) for value, m, s in zip(values, mean, square, strict=True)
        ]
        return moved, {**state, "mean": mean, "square": square, "count": count}


def _inner(optimizer):
    """Returns the optimizer that a loss scale is around, or the optimizer itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _adam_of(optimizer) -> keras.optimizers.Adam | None:
    inner = _inner(optimizer)
    return inner if isinstance(inner, keras.optimizers.Adam) else None


def _root(squares):
    """Returns the root, with derivative 0 instead of infinity at 0."""
    positive = squares > 0.0
    return ops.where(positive, ops.sqrt(ops.where(positive, squares, 1.0)), 0.0)
