"""PacGAN's packing."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.inputs.input_transform import InputTransform


@keras.saving.register_keras_serializable("tfgan_tricks")
class Packing(InputTransform):
    """Shows the critic m images at once, stacked along the channels.

    A critic that sees several samples of one source together notices when the generated ones are too alike, which
    punishes mode collapse. Build the critic for m times the channels; nothing else changes.

    **Source**: Lin et al., 2018, arXiv:1712.04086, section 3.

    **Differs from the paper**: no.

    Args:
        m: degree of packing, images per input of the critic, at least 1.

    Call arguments:
        images: float tensor.

    Input shape: [n, ..., c], n divisible by m.

    Output shape: [n / m, ..., m·c]; pack i holds the images m·i to m·i + m - 1.

    **Cost**: none beyond the critic's wider first layer.

    **Combines badly with**: labels that differ inside a pack.

    Example:

    >>> packed = tfgan_tricks.inputs.Packing(2)(np.zeros((6, 8, 8, 3), "float32"))
    >>> tuple(packed.shape)
    (3, 8, 8, 6)
    """

    def __init__(self, m: int = 2, **kwargs):
        super().__init__(**kwargs)
        check_integer("m", m, at_least=1)
        self.m = m

    @property
    def group(self) -> int:  # type: ignore[override]
        """How many images become one input of the critic."""
        return self.m

    def call(self, images, training=False, images_seen=0, seed=None):
        *inner, channels = ops.shape(images)[1:]
        if images.shape[0] is not None:
            self._check_divisible(images.shape[0])
        packs = ops.reshape(images, (-1, self.m, *inner, channels))  # [n/m, m, ..., c]
        # Not transposed: XLA cannot compile the second derivative of that inside the condition of a lazy penalty.
        return ops.concatenate(ops.unstack(packs, self.m, axis=1), axis=-1)  # [n/m, ..., m·c]

    def compute_output_shape(self, input_shape):
        n, *inner, channels = input_shape
        if n is not None:
            self._check_divisible(n)
        return (None if n is None else n // self.m, *inner, self.m * channels)

    def check_partners(self, partners):
        task = partners.task
        conditional = [name for name in task.critics if len(getattr(task, name).inputs) > 1]
        if conditional and self.m > 1:
            raise ValueError(
                explain(
                    f"Packing does not work with the conditional critic '{conditional[0]}'.",
                    received=f"Packing({self.m}), and a critic that is told a condition for each image",
                    expected="a critic of images alone: the images of a pack have different conditions",
                    fix="drop Packing, or the condition.",
                )
            )

    def get_config(self):
        return {**super().get_config(), "m": self.m}

    def _check_divisible(self, n: int) -> None:
        if n % self.m:
            raise ValueError(
                explain(
                    f"A batch cannot be packed by {self.m}.",
                    received=f"a batch of {n} images",
                    expected=f"a multiple of {self.m}",
                    fix=f"choose a batch size that {self.m} times the number of replicas divides.",
                )
            )
