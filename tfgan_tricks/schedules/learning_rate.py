"""Learning rates that follow the images seen, in any Keras optimizer."""

from typing import Any

import keras
from keras import ops

from tfgan_tricks.checks import check_range, check_type, explain
from tfgan_tricks.schedules.schedule import Schedule
from tfgan_tricks.serialization import Configurable


@keras.saving.register_keras_serializable("tfgan_tricks")
class LearningRate(Configurable, keras.optimizers.schedules.LearningRateSchedule):
    """Gives a Keras optimizer the learning rate that a schedule says for the images seen.

    Keras' own schedules count an optimizer's steps. Then the discriminator's rate falls `critic_steps` times as fast
    as the generator's, and another batch size is another schedule. This one reads the GAN's count of images: `compile`
    binds it. So it means the same for both players, at each batch size and on any number of replicas, and a resumed
    run goes on at the right rate. All updates of one training step take the rate at the images seen before the step.

    Where there is no such count (an optimizer outside of a GAN) and where a compiled step could not read it (on JAX
    and PyTorch), the images seen are the optimizer's steps times `images_per_update`.

    **Source**: elementary; all of a run is counted in images as by Karras et al., 2018, arXiv:1710.10196.

    **Differs from the paper**: no.

    Args:
        schedule: a `Schedule` in images seen, such as `Cosine(2e-4, 0.0, images=100_000)`.
        images_per_update: images that the generator sees per step of this optimizer: the batch size, for the
            discriminator of a GAN divided by `critic_steps`. Read only where images cannot be counted; above 0.

    Call arguments:
        step: steps that the optimizer has taken, which Keras passes; integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: callbacks that set the rate (Keras' `LearningRateScheduler` and `ReduceLROnPlateau`,
    `AdaptiveGeneratorRate`): the rate of an optimizer with a schedule cannot be set, so they stop with an error.

    Example:

    >>> rate = tfgan_tricks.schedules.LearningRate(tfgan_tricks.schedules.Linear(1e-3, 0.0, images=1_000))
    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile(keras.optimizers.Adam(rate), "sgd", loss=tt.losses.adversarial.Hinge())
    >>> logs = gan.train_on_batch({"image": np.zeros((250, 8, 8, 1), "float32")})
    >>> round(float(gan.generator_optimizer.learning_rate), 6)
    0.00075
    """

    def __init__(self, schedule: Schedule, images_per_update: float | None = None):
        fix = (
            "pass an object such as tfgan_tricks.schedules.Cosine(2e-4, 0.0, images=100_000); a fixed rate needs none."
        )
        check_type("schedule", schedule, Schedule, fix)
        if images_per_update is not None:
            check_range("images_per_update", images_per_update, low=0.0, low_open=True)
        self.schedule = schedule
        self.images_per_update = images_per_update
        self._images_seen: keras.Variable | None = None

    def bound(self, images_seen: keras.Variable) -> "LearningRate":
        """Returns an equal one that reads this variable."""
        other = type(self)(self.schedule, self.images_per_update)
        other._images_seen = images_seen
        return other

    def __call__(self, step):
        if self._images_seen is not None:
            return self.schedule(self._images_seen.value)
        return self.schedule(ops.cast(step, "float32") * self._counted_by_steps())

    def _counted_by_steps(self) -> float:
        if self.images_per_update is None:
            raise ValueError(
                explain(
                    "This LearningRate does not know how many images are seen.",
                    received=f"{self!r} on the {keras.backend.backend()} backend",
                    expected="an optimizer of a GAN under TensorFlow, or a number of images per update",
                    fix="compile a GAN with the optimizer, or pass images_per_update=<batch size>.",
                )
            )
        return self.images_per_update


def bind_learning_rates(optimizer: keras.optimizers.Optimizer, images_seen: keras.Variable) -> None:
    """Lets each `LearningRate` of a built optimizer, and of those inside it, read the images seen.

    On JAX and PyTorch nothing is bound, as a compiled step would keep the count of its first run for ever; there it
    raises unless the rate can count by itself.

    Raises:
        ValueError: if a rate could count neither way.
        TypeError: if a schedule was passed to an optimizer as it is.
    """
    for inner in inner_optimizers(optimizer):
        rate = inner._learning_rate  # not the property, which calls it, when it is read and when it is set
        if isinstance(rate, Schedule):
            raise TypeError(
                explain(
                    f"This {type(inner).__name__} cannot read a schedule in images.",
                    received=f"learning_rate={rate!r}",
                    expected="a number, or a schedule that Keras can call",
                    fix=f"pass LearningRate({type(rate).__name__}(...)), from tfgan_tricks.schedules.",
                )
            )
        if isinstance(rate, LearningRate):
            if keras.backend.backend() == "tensorflow":
                inner._learning_rate = rate.bound(images_seen)  # a copy: the same rate may serve another GAN too
            else:
                rate._counted_by_steps()


def inner_optimizers(optimizer: keras.optimizers.Optimizer) -> list[keras.optimizers.Optimizer]:
    """Returns the optimizers that do the work: inside of loss scaling, and all those of a `MultiOptimizer`."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return inner_optimizers(optimizer.inner_optimizer)
    several: Any = getattr(keras.optimizers, "MultiOptimizer", ())  # not before Keras 3.15
    if isinstance(optimizer, several):
        return [found for inner in optimizer.optimizers for found in inner_optimizers(inner)]
    return [optimizer]
