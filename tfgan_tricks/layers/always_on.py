"""What the layers share that are random in training and in use alike."""

import keras

from tfgan_tricks.randomness import SeedStream, update_stream


class AlwaysOn(keras.layers.Layer):
    """Changes its inputs at random in every call, whatever `training` says, until it is switched off.

    A subclass implements `disturb`. The numbers differ from call to call and from replica to replica, and follow
    from the seed. `tfgan_tricks.export.deterministic` switches such layers off, for serving without randomness.

    Args:
        seed: integer from which the randomness descends; drawn at random unless given.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        active: whether the layer does anything. No argument and not saved: a loaded layer is active.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.active = True

    def call(self, inputs):
        return self.disturb(inputs, update_stream(self.seed_generator)) if self.active else inputs

    def disturb(self, inputs, seed: SeedStream):
        """Returns the inputs with randomness from `seed`, same shape and type."""
        raise NotImplementedError(f"{type(self).__name__} must implement disturb(inputs, seed).")

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
