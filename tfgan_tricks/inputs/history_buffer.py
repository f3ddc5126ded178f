"""A buffer of past generated images."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.replicas import gather_batch


@keras.saving.register_keras_serializable("tfgan_tricks")
class HistoryBuffer(InputTransform):
    """Shows the discriminator past generated images along with present ones, so that it does not forget old faults.

    A discriminator that sees only the latest images lets the generator come back to what it was once punished for,
    and the two go round in circles. The buffer takes the generated images of each discriminator update one by one.
    While it has room, it keeps an image and hands it on. Once full, it hands on half of the images as they are; in
    exchange for any other it hands on one of its own, chosen at random, whose place the new image takes.

    The generator's update and evaluation see present images. Each critic has a buffer of its own, which is saved with
    the GAN. On several replicas there is one buffer for the images of all of them, with equal contents on each.

    **Source**: Shrivastava et al., 2017, arXiv:1612.07828, section 2.3; one image at a time: Zhu et al., 2017,
    arXiv:1703.10593, section 4.

    **Differs from the paper**: no. The first of the two replaces half of each batch, the second decides by a coin for
    each image; here it is the coin.

    Args:
        capacity: images that the buffer holds, at least 1.

    Call arguments:
        images: any tensor; `call` returns it. The work is in `recall`.

    Input shape: [n, ...], that of the generated images, all sizes but n known.

    Output shape: the same.

    **Cost**: `capacity` images of memory in float32, on each replica; a gather of the generated images over the
    replicas, and a rewrite of the buffer, per discriminator update.

    **Combines badly with**: critics that are told a condition: the past images were made for others, so these are
    refused; terms that compare generated images with a label or a code refuse this buffer for the same reason.
    `Packing`: packs of images of different ages hide that the present ones are alike.

    Example:

    >>> buffer = tfgan_tricks.inputs.HistoryBuffer(capacity=50)
    >>> buffer.build((None, 8, 8, 3))
    >>> fake = np.random.default_rng(0).normal(size=(4, 8, 8, 3)).astype("float32")
    >>> bool(np.all(buffer.recall(fake, seed=tt.randomness.SeedStream.from_integer(0)) == fake))  # there is room
    True
    """

    def __init__(self, capacity: int = 50, **kwargs):
        super().__init__(**kwargs)
        check_integer("capacity", capacity, at_least=1)
        self.capacity = capacity
        self._critics: tuple[str, ...] = ("discriminator",)
        self._image_shape: tuple[int, ...] = ()

    def prepare(self, task):
        if not self.built:
            self._critics = tuple(task.critics)

    def build(self, input_shape):
        self._image_shape = tuple(input_shape[1:])
        if None in self._image_shape:
            raise ValueError(
                explain(
                    "HistoryBuffer cannot keep images of unknown size.",
                    received=f"images of shape {tuple(input_shape)}",
                    expected="a known size, e.g. (None, 64, 64, 3)",
                    fix="give the generator's output a fixed height and width.",
                )
            )
        arguments = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica", "autocast": False}
        self.stored, self.counts = [], []
        for critic in self._critics:
            shape = (self.capacity, *self._image_shape)
            self.stored.append(self.add_weight(shape=shape, initializer="zeros", name=f"{critic}_images", **arguments))
            self.counts.append(self.add_weight(shape=(), initializer="zeros", name=f"{critic}_count", **arguments))

    def check_partners(self, partners):
        task = partners.task
        conditional = [name for name in task.critics if len(getattr(task, name).inputs) > 1]
        if conditional:
            raise ValueError(
                explain(
                    f"HistoryBuffer does not work with the conditional critic '{conditional[0]}'.",
                    received="HistoryBuffer, and a critic that is told a condition for each image",
                    expected="a critic of images alone: a past image was made for another condition",
                    fix="drop HistoryBuffer, or the condition.",
                )
            )
        strange = [shape for name in task.critics if (shape := tuple(task.shape_before(name))) != self._image_shape]
        if strange:
            names = [type(layer).__name__ for layer in partners.inputs]
            raise ValueError(
                explain(
                    "HistoryBuffer keeps images as they were generated.",
                    received=f"images of shape {self._image_shape} in the order {names}",
                    expected=f"images of shape {strange[0]}, those that each critic judges",
                    fix="put HistoryBuffer first; it cannot serve critics of images of several sizes.",
                )
            )

    def call(self, images, training=False, images_seen=0, seed=None):
        return images

    def recall(self, fake, seed, critic: str = "discriminator"):
        stored, counted = (state[self._critics.index(critic)] for state in (self.stored, self.counts))
        images, coin, place, start = self._gathered(fake, seed)
        n = ops.shape(images)[0]
        order = ops.arange(n, dtype="int32")
        filled = ops.cast(counted, "int32") + order
        filling = filled < self.capacity  # the first images find room
        place = ops.where(filling, filled, place)  # [n]
        stores = filling | coin
        # What an image finds in its place is what the last image before it has left there.
        earlier = (place[None, :] == place[:, None]) & (order[None, :] < order[:, None])  # [n, n]
        found = _latest(stores[None, :] & earlier, order, images, ops.take(stored, place, axis=0))
        recalled = ops.where(_per_image(coin & ~filling, images), found, images)
        left = stores[None, :] & (place[None, :] == ops.arange(self.capacity, dtype="int32")[:, None])  # [capacity, n]
        stored.assign(_latest(left, order, images, ops.convert_to_tensor(stored)))
        counted.assign(ops.minimum(counted + ops.cast(n, "float32"), float(self.capacity)))
        own = recalled[start : start + ops.shape(fake)[0]]
        return ops.cast(ops.reshape(own, ops.shape(fake)), fake.dtype)

    def get_config(self):
        return {**super().get_config(), "capacity": self.capacity}

    def _gathered(self, fake, seed):
        """Returns all replicas' images, coins and random places, and where this replica's own begin."""
        n = ops.shape(fake)[0]
        coin = keras.random.randint((n,), 0, 2, dtype="int32", seed=seed)
        place = keras.random.randint((n,), 0, self.capacity, dtype="int32", seed=seed)
        images, start = gather_batch(ops.stop_gradient(ops.cast(fake, "float32")))  # [N, ...]
        drawn, _ = gather_batch(ops.cast(ops.stack([coin, place], axis=1), "float32"))  # [N, 2]
        return images, drawn[:, 0] > 0.5, ops.cast(drawn[:, 1], "int32"), start


def _latest(where, order, images, otherwise):
    """Returns for each row of `where`, [rows, n], the last image that it marks, or the row of `otherwise`."""
    last = ops.max(ops.where(where, order[None, :], -1), axis=1)  # [rows]
    return ops.where(_per_image(last >= 0, images), ops.take(images, ops.maximum(last, 0), axis=0), otherwise)


def _per_image(values, images):
    return ops.reshape(values, (-1, *(1,) * (len(images.shape) - 1)))  # [n, 1, 1, 1]
