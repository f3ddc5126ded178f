"""Adaptive discriminator augmentation."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.inputs.input_transform import InputTransform, check_images, check_sees_single_images
from tfgan_tricks.inputs.operations import Draws, blit, geometry, recolor, transform
from tfgan_tricks.inputs.policy import parse_policy
from tfgan_tricks.losses.adversarial import BEGAN, EBGAN
from tfgan_tricks.losses.adversarial.wrapped_loss import innermost
from tfgan_tricks.randomness import stream_of
from tfgan_tricks.replicas import gather_batch
from tfgan_tricks.types import Match

POLICIES = ("blit", "geometry", "color")
NEVER_POSITIVE = (BEGAN, EBGAN)  # their logits are negative energies


@keras.saving.register_keras_serializable("tfgan_tricks")
class AdaptiveAugment(InputTransform):
    """Augments what the critic sees just as often as it needs to, judged by how sure it is of the real images: ADA.

    Each operation is applied to each example with probability p. After every `interval` discriminator updates, p
    moves by the share of `adjustment_images` that these updates have seen: up if r = E[sign D(real)] was above
    `target` (the critic learns the images by heart), else down, within [0, 1]. p starts low, is the same on all
    replicas, is saved with the GAN, and is logged as `augment_probability`.

    An operation that leaves out an image with probability 1 - p can be undone in distribution, so the generator does
    not learn to make augmented images. At p near 1 this ends: a uniform quarter turn that is always applied hides which
    way is up. Stay below p = 0.8; more data, or a smaller critic, bring p down.

    * blit: mirror; quarter turns; translation by whole pixels, U(-1/8, 1/8) of the size.
    * geometry: zoom, 2^N(0, 0.2²); turn by U(-π, π); stretch, 2^N(0, 0.2²) against its inverse; a second turn;
      translation by N(0, (1/8)²) of the size.
    * color: brightness, + N(0, 0.2²); contrast, · 2^N(0, 0.5²); luma flip; turn of the hue by U(-π, π); saturation,
      · 2^N(0, 1). On one channel the first three.

    **Source**: Karras et al., 2020, arXiv:2006.06676, sections 2.2 to 3.1 and appendix B.

    **Differs from the paper**: images are resampled once, bilinearly, where the paper filters at twice the resolution;
    so there is a little more aliasing when zooming out. Rectangular images get half turns for quarter turns.

    Args:
        target: wanted r, in (-1, 1).
        policy: some of "blit", "geometry" and "color", separated by commas.
        adjustment_images: real images, over all replicas, in which p can go from 0 to 1.
        interval: discriminator updates per move of p.
        initial_probability: where p starts, in [0, 1].

    Call arguments:
        images: float tensor.
        training: images are augmented in training only.
        seed: `SeedStream` of the update.

    Input shape: [n, h, w, c]; c is 1 or 3 if colours are changed.

    Output shape: the same.

    **Cost**: four lookups of each pixel and a few element-wise passes per call, whatever p is; a gather of one number
    per logit over the replicas.

    **Combines badly with**: losses whose logits do not compare with 0, such as `Wasserstein` or `Relativistic`: r then
    says nothing. `BEGAN` and `EBGAN` are refused, their logits are never positive; so is `Packing` before it.

    Example:

    >>> augment = tfgan_tricks.inputs.AdaptiveAugment(target=0.6, policy="blit,color")
    >>> tuple(augment(np.zeros((2, 8, 8, 3), "float32"), training=True).shape)
    (2, 8, 8, 3)
    >>> float(augment.report()["augment_probability"])
    0.0
    """

    def __init__(
        self,
        target: float = 0.6,
        policy: str = "blit,geometry,color",
        adjustment_images: int = 500_000,
        interval: int = 4,
        initial_probability: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_range("target", target, low=-1.0, high=1.0, low_open=True, high_open=True)
        check_integer("adjustment_images", adjustment_images, at_least=1)
        check_integer("interval", interval, at_least=1)
        check_range("initial_probability", initial_probability, low=0.0, high=1.0)
        self._operations = parse_policy(policy, POLICIES)
        self.target = target
        self.policy = policy
        self.adjustment_images = adjustment_images
        self.interval = interval
        self.initial_probability = initial_probability

    def build(self, input_shape):
        check_images(self, input_shape)
        if "color" in self._operations and input_shape[-1] not in (1, 3):
            raise ValueError(
                explain(
                    "AdaptiveAugment knows the colours of grey and RGB images only.",
                    received=f"images of {input_shape[-1]} channels",
                    expected="1 or 3",
                    fix='pass policy="blit,geometry", or put AdaptiveAugment before a transform that adds channels.',
                )
            )
        arguments = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica", "autocast": False}
        start = keras.initializers.Constant(self.initial_probability)
        self.probability = self.add_weight(shape=(), initializer=start, name="probability", **arguments)
        # Since the last move of p: the sum of signs, how many there were, and updates.
        self.window = self.add_weight(shape=(3,), initializer="zeros", name="window", **arguments)

    def check_partners(self, partners):
        check_sees_single_images(self, partners)
        loss = innermost(partners.loss)
        if isinstance(loss, NEVER_POSITIVE):
            self._refuse(type(loss).__name__, "its logits are never positive, so p would stay at 0")
        if sum(isinstance(other, AdaptiveAugment) for other in partners.inputs) > 1:
            self._refuse("another AdaptiveAugment", "both would follow the same critic")

    def call(self, images, training=False, images_seen=0, seed=None):
        if not training:
            return images
        n, height, width, _ = ops.shape(images)
        draws = Draws(n, ops.convert_to_tensor(self.probability), None if seed is None else stream_of(seed))
        maps = blit(draws, height, width) if "blit" in self._operations else []
        maps += geometry(draws, height, width) if "geometry" in self._operations else []
        augmented = ops.cast(images, "float32")
        augmented = transform(augmented, maps) if maps else augmented
        augmented = recolor(augmented, draws) if "color" in self._operations else augmented
        return ops.cast(augmented, images.dtype)

    def observe(self, match: Match):
        if match.player != "discriminator":
            return
        scales = [ops.sign(scale) for scale in keras.tree.flatten(match.real_out["logits"])]
        rows = sum(ops.mean(ops.reshape(s, (ops.shape(s)[0], -1)), axis=1) for s in scales) / len(scales)
        rows, _ = gather_batch(rows)  # of all replicas
        now = (ops.sum(rows), ops.cast(ops.shape(rows)[0], "float32"), ops.ones(()))
        signs, count, updates = ops.unstack(ops.convert_to_tensor(self.window) + ops.stack(now))
        images = count * match.group
        step = ops.sign(signs / count - self.target) * images / self.adjustment_images
        moved = ops.clip(ops.convert_to_tensor(self.probability) + step, 0.0, 1.0)
        due = updates >= self.interval
        self.probability.assign(ops.where(due, moved, ops.convert_to_tensor(self.probability)))
        self.window.assign(ops.where(due, 0.0, ops.stack([signs, count, updates])))

    def report(self) -> dict:
        built = hasattr(self, "probability")
        return {"augment_probability": ops.convert_to_tensor(self.probability if built else self.initial_probability)}

    def get_config(self):
        names = ("target", "policy", "adjustment_images", "interval", "initial_probability")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _refuse(self, other: str, reason: str) -> None:
        raise ValueError(
            explain(
                f"AdaptiveAugment does not work with {other}.",
                received=f"AdaptiveAugment and {other}",
                expected=f"a loss whose logits are positive for what looks real, and one AdaptiveAugment: {reason}",
                fix="drop one of the two, or use DiffAugment, which adapts to nothing.",
            )
        )
