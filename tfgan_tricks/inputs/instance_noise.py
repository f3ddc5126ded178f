"""Instance noise."""

import keras
from keras import ops

from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.schedules.schedule import check_schedule, value_at


@keras.saving.register_keras_serializable("tfgan_tricks")
class InstanceNoise(InputTransform):
    """Adds Gaussian noise to real and generated images before the critic sees them.

    Two distributions on thin, different manifolds can be told apart perfectly; noise makes their supports overlap,
    so that the critic cannot win outright. Let it decay to 0 with a schedule.

    **Source**: Sønderby et al., 2016, arXiv:1610.04490, section 3.3; Arjovsky and Bottou, 2017, arXiv:1701.04862.

    **Differs from the paper**: no.

    Args:
        stddev: standard deviation in units of the image's [-1, 1] range, a number or a schedule in images seen.

    Call arguments:
        images: float tensor.
        training: noise is added in training only.
        images_seen: where a schedule is evaluated.
        seed: `SeedStream` of the update.

    Input shape: any, images [n, h, w, c] as a rule.

    Output shape: the same.

    **Cost**: one random image per image.

    **Combines badly with**: nothing known; with a zero-centred penalty it does the same job twice.

    Example:

    >>> noise = tfgan_tricks.inputs.InstanceNoise(tfgan_tricks.schedules.Linear(0.1, 0.0, images=500_000))
    >>> tuple(noise(np.zeros((2, 8, 8, 1), "float32"), training=True).shape)
    (2, 8, 8, 1)
    """

    def __init__(self, stddev=0.1, **kwargs):
        super().__init__(**kwargs)
        check_schedule("stddev", stddev, low=0.0)
        self.stddev = stddev

    def call(self, images, training=False, images_seen=0, seed=None):
        if not training:
            return images
        stddev = ops.cast(value_at(self.stddev, images_seen), images.dtype)
        return images + stddev * keras.random.normal(ops.shape(images), dtype=images.dtype, seed=seed)

    def get_config(self):
        return {**super().get_config(), "stddev": keras.saving.serialize_keras_object(self.stddev)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "stddev": keras.saving.deserialize_keras_object(config["stddev"])})
