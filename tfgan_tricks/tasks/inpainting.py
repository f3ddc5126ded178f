"""Images with holes, filled in two steps."""

from collections.abc import Mapping

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain, same_shape
from tfgan_tricks.tasks.holes import binary, checked_size, mask_of, rectangles
from tfgan_tricks.tasks.task import Networks, Task, check_network
from tfgan_tricks.types import Batch, Match

NETWORKS = ("coarse", "refine", "discriminator")


@keras.saving.register_keras_serializable("tfgan_tricks")
class Inpainting(Task):
    """Fills holes: a coarse network guesses what is missing, a second one sees the guess and refines it.

    A mask is 1 in the holes and 0 where pixels are known. The holes are random rectangles, drawn anew in each update,
    unless a batch comes with masks of its own under "mask". Of any mask, whatever its dtype, what is above 0.5 is a
    hole: networks, critic and terms all get exact zeros and ones, also from one of 0 and 255. No network sees what is
    in a hole, and after each of the two networks the known pixels are put back as they were. The critic compares the
    completed image with the real one.

    For terms, `aux` holds "target", the image without holes; "coarse", the image as the coarse network completed it;
    and "mask". So `Reconstruction(key="coarse", name="coarse")` trains the first network and `Reconstruction()` both.
    In stages, with `NetworkStage`: first the coarse network under `NoGame`, then the second one and the critic.

    **Source**: Yu et al., 2018, arXiv:1801.07892, section 3 (coarse to fine, random rectangles), and
    arXiv:1806.03589, section 3.2 (a critic of patches that is told the mask, under the hinge loss).

    **Differs from the paper**: a reconstruction counts the holes alone, since known pixels are put back before it; the
    paper compares what the networks return. Not spatially discounted. No strokes, no margin around the holes.

    Args:
        coarse: functional model of a list of two, images (h, w, c) with 0 in the holes and their mask (h, w, 1), that
            returns images (h, w, c) in [-1, 1].
        refine: another one; its images have the coarse network's pixels in the holes.
        discriminator: functional model from images to logits, or from a list of images and masks: then it is told
            where the holes are, of real images too.
        hole_size: range of a rectangle's height as a share of the image's, and of its width, both within (0, 1].
        holes: rectangles per image, at least 1; they may overlap.

    Call arguments:
        x: dict of "image", floats, and "mask", of any dtype; what the image holds in its holes is not read.
        training: passed on to the networks.
        nets: networks to use in place of the task's own, by name.

    Input shape: "image" [n, h, w, c] and "mask" [n, h, w, 1].

    Output shape: dict of "images", completed by both networks, and "coarse", by the first alone: [n, h, w, c] each.

    **Cost**: a forward pass of each network.

    **Combines badly with**: input transforms that move images, where the critic is told the mask, which they leave in
    its place.

    Example:

    >>> images, mask = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    >>> both = keras.layers.Concatenate()([images, mask])
    >>> coarse, refine = (keras.Model([images, mask], keras.layers.Conv2D(1, 3, padding="same")(both)) for _ in "12")
    >>> critic = keras.Model(images, keras.layers.Conv2D(1, 4, strides=2)(images))
    >>> task = tt.tasks.Inpainting(coarse, refine, critic, hole_size=(0.25, 0.5))
    >>> out = task({"image": np.ones((2, 8, 8, 1), "float32"), "mask": np.zeros((2, 8, 8, 1), "float32")})
    >>> bool(np.all(out["images"] == 1.0))  # nothing was missing
    True
    """

    generators = ("coarse", "refine")
    critics = ("discriminator",)

    def __init__(
        self,
        coarse: keras.Model,
        refine: keras.Model,
        discriminator: keras.Model,
        hole_size: tuple[float, float] = (0.25, 0.5),
        holes: int = 1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, network in zip(NETWORKS, (coarse, refine, discriminator), strict=True):
            check_network(name, network)
        for name, network in (("coarse", coarse), ("refine", refine)):
            _check_completing(name, network, refine.output_shape)
        self.hole_size = checked_size(hole_size)
        check_integer("holes", holes, at_least=1)
        self.coarse = coarse
        self.refine = refine
        self.discriminator = discriminator
        self.holes = holes
        self.built = True

    @property
    def specification(self):
        images, mask = self.coarse.inputs
        return {"image": keras.KerasTensor(images.shape), "mask": keras.KerasTensor(mask.shape)}

    def inputs(self, batch: Batch, seed):
        image = batch["image"]
        if "mask" in batch:
            return {"image": image, "mask": binary(batch["mask"], image.dtype)}
        n, height, width = ops.shape(image)[:3]
        corners = rectangles(n, height, width, self.hole_size, self.holes, seed)
        return {"image": image, "mask": mask_of(corners, height, width)}  # [n, h, w, 1]

    def call(self, x, training=False, nets: Networks | None = None):
        self._check_given(x)
        image = x["image"]
        mask = binary(x["mask"], image.dtype)
        hole = mask > 0.5
        images, made = ops.where(hole, 0.0, image), {}
        for name in self.generators:
            guess = self.network(name, nets)([images, mask], training=training)
            made[name] = images = ops.where(hole, ops.cast(guess, image.dtype), image)
        return {"images": made["refine"], "coarse": made["coarse"]}

    def matches(self, batch: Batch, x, out) -> list[Match]:
        aux = {"target": batch["image"], "coarse": out["coarse"], "mask": x["mask"]}
        told = x["mask"] if len(self.discriminator.inputs) > 1 else None
        return [Match(real=batch["image"], fake=out["images"], condition=told, aux=aux)]

    def check_batch(self, batch: Batch) -> None:
        super().check_batch(batch)
        self.check_image_shape(batch)
        wanted = (*batch["image"].shape[:-1], 1)
        if "mask" in batch and not same_shape(batch["mask"].shape, wanted):
            raise ValueError(
                explain(
                    "The masks do not fit the images.",
                    received=f"'mask' of shape {tuple(batch['mask'].shape)}",
                    expected=f"{tuple(wanted)}: 1 in the holes and 0 elsewhere",
                    fix="give each image a mask of its size with one channel, or leave the masks out.",
                )
            )

    def _check_given(self, x) -> None:
        """Raises `ValueError` unless `x` holds images and masks that this task can complete."""
        if not isinstance(x, Mapping) or not {"image", "mask"} <= set(x):
            raise ValueError(
                explain(
                    "Inpainting completes images of which it is told where their holes are.",
                    received=f"a dict of {sorted(x)}" if isinstance(x, Mapping) else f"no dict: {type(x).__name__}",
                    expected="a dict of 'image' [n, h, w, c], floats in [-1, 1], and 'mask' [n, h, w, 1], 1 in holes",
                    fix="pass {'image': images, 'mask': masks}; task.inputs({'image': images}, seed) draws masks.",
                )
            )
        self.check_batch(x)

    def get_config(self):
        networks = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in NETWORKS}
        return super().get_config() | networks | {"hole_size": self.hole_size, "holes": self.holes}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, **{n: keras.saving.deserialize_keras_object(config[n]) for n in NETWORKS}})


def _check_completing(name: str, network: keras.Model, returned: tuple) -> None:
    """Raises `ValueError` unless a network makes such images of images and their mask."""
    shapes = [tuple(tensor.shape) for tensor in network.inputs]
    wanted = [returned, (*returned[:-1], 1)]
    fits = len(shapes) == 2 and all(same_shape(one, other) for one, other in zip(shapes, wanted, strict=True))
    if not fits or not same_shape(network.output_shape, returned):
        raise ValueError(
            explain(
                f"The network '{name}' completes no images like those that are wanted.",
                received=f"inputs of shape {shapes}, outputs of shape {network.output_shape}",
                expected=f"inputs of shape {wanted}, images and their mask, and outputs of shape {returned}",
                fix="build it as keras.Model([images, mask], outputs), both networks for the same images.",
            )
        )
