"""Progressive growing."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from tfgan_tricks import data as data_package
from tfgan_tricks.checks import check_choice, check_integer, check_type
from tfgan_tricks.data.source import Source
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.growing_data import check_all_resolutions
from tfgan_tricks.training.growing_sizes import batch_sizes_of, resolutions_of, too_few
from tfgan_tricks.training.growth import GrowthStage
from tfgan_tricks.training.stage import Stage
from tfgan_tricks.training.stages import StagedTraining


class ProgressiveTraining(StagedTraining):
    """Trains at a low resolution first, and doubles it again and again until the target is reached.

    Large structures are learnt while images are small and steps are cheap, details later. A stage is one resolution.
    At its beginning a GAN for the doubled resolution is built and takes over all weights; its new blocks are faded in:
    their share α rises from 0 to 1 over `images_fading` images, then they train for `images_stable` more. At α = 0
    the new generator draws the old images, enlarged, and the new discriminator judges these as the old one did.

    α is a variable in the networks that the training step moves in the graph, as a function of the images seen; the
    real images are blurred by the same α. Loss, terms, input transforms with their memory (if it has the same shapes
    at the next resolution), averaged weights, seeds and the count of images go on. New layers get fresh weights,
    drawn from the GAN's seed and the resolution, so that a killed run grows the same ones.

    Optimizers begin anew with each stage by default: Adam corrects its first steps for moments that begin at 0, for
    old and new layers alike. With `optimizer="keep"` old layers keep their moments, new ones begin at 0, and the steps
    are counted on. The paper does not say; the authors' code starts anew.

    **Source**: Karras et al., 2017, arXiv:1710.10196, section 2 and appendix A.1.

    **Differs from the paper**: images are reduced by an antialiased bilinear filter, not by 2x2 means; old and new
    path are both computed for the whole of a stage. The paper's learning rate and batch sizes are `build`'s and
    `batch_sizes`' business: Adam(1e-3, β₁ = 0, β₂ = 0.99), batches of 16 up to 128², smaller ones above.

    Args:
        build: function of a resolution that returns a compiled GAN for it, its networks from `architectures.progan`
            or with layers that have the same names at each resolution, and a `FadeIn`.
        resolution: the target, `start_resolution` times a power of two.
        start_resolution: side of the images of the first stage, which has no fading.
        images_fading: images per stage while α rises; 0 for at once.
        images_stable: images per stage after that, at least 1.
        images: images of the whole run, if it is to be longer than its stages: the rest goes to the target.
        batch_sizes: images per update, or a dict of them by resolution; one that is missing is that of the next
            smaller resolution.
        optimizer: "reset" or "keep".
        upscale: whether to go on growing although the stage before showed the data in their full size.
        images_per_epoch: images between two ends of an epoch, where callbacks act; rounded per stage.

    Call arguments:
        gan, data, callbacks, verbose: of `fit`; see there.

    Output shape: `fit` returns the GAN of the target resolution.

    **Cost**: below that of training at the target for as many images, since most stages are smaller; one more
    1x1 convolution and a resize per network for the old path.

    **Combines badly with**: batch norm, whose statistics lag behind α; losses or terms that remember weights or
    images, since these have other shapes after growth and are forgotten.

    Example:

    >>> def build(resolution):
    ...     networks = tt.architectures.progan(resolution=resolution, channels=1, latent_dim=8, width=4)
    ...     gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Hypersphere(8)))
    ...     gan.compile("adam", "adam", loss=tt.losses.adversarial.NonSaturating())
    ...     return gan
    >>> growing = tt.training.ProgressiveTraining(build, 8, images_fading=16, images_stable=16, batch_sizes=8)
    >>> gan = growing.fit(build(4), "digits")
    >>> gan.task.image_shape, int(gan.images_seen.numpy())
    ((8, 8, 1), 48)
    """

    stages: tuple[GrowthStage, ...]

    def __init__(
        self,
        build: Callable[[int], Any],
        resolution: int = 32,
        start_resolution: int = 4,
        images_fading: int = 800_000,
        images_stable: int = 800_000,
        images: int | None = None,
        batch_sizes: int | Mapping[int, int] = 16,
        optimizer: str = "reset",
        upscale: bool = False,
        images_per_epoch: int = 50_000,
    ):
        check_integer("start_resolution", start_resolution, at_least=1)
        check_type("build", build, cast(type, Callable), "pass a function of a resolution that returns a compiled GAN.")
        resolutions = resolutions_of(resolution, start_resolution)
        check_integer("images_fading", images_fading, at_least=0)
        check_integer("images_stable", images_stable, at_least=1)
        check_choice("optimizer", optimizer, ("reset", "keep"))
        check_type("upscale", upscale, bool, "pass True or False.")
        sizes = batch_sizes_of(batch_sizes, resolutions)
        fading = [0, *[images_fading] * (len(resolutions) - 1)]
        lengths = [before + images_stable for before in fading]
        if images is not None:
            check_integer("images", images, at_least=1)
            if images < sum(lengths):
                raise ValueError(too_few(images, resolutions, lengths))
            lengths[-1] += images - sum(lengths)
        keep = optimizer == "keep"
        stages = zip(lengths, sizes, resolutions, fading, strict=True)
        super().__init__([GrowthStage(*stage, build, keep) for stage in stages], images_per_epoch)
        self.build = build
        self.upscale = upscale
        self._tried = False

    def fit(self, gan: Any, data: Any, callbacks: Sequence = (), verbose: int | str = 0) -> Any:
        """Trains to the end of the last stage, from where the GAN is; returns the GAN of the target resolution.

        Args:
            gan: a fresh one, `build(start_resolution)`, or one that was trained in these stages up to some point.
            data: a source's URI, or a `Source` (both are loaded in the resolution and the batches of each stage, in
                an order drawn from the GAN's seed); or a function as in `StagedTraining.fit`.
            callbacks: as in `keras.Model.fit`; each stage calls them as a training of its own.
            verbose: as in `keras.Model.fit`.

        Raises:
            ValueError: if data or GAN do not fit the stages.
        """
        check_type("gan", gan, AdversarialModel, "pass build(start_resolution); does `build` return its GAN?")
        if isinstance(data, str | Source):
            data = self._loader(data_package.open_source(data) if isinstance(data, str) else data, gan)
        self.check_growth(gan)
        return super().fit(gan, data, callbacks, verbose)

    def check_source(
        self, source: Source, channels: int | None = None, crop: str = "center", on_error: str = "raise"
    ) -> None:
        """Raises `ValueError` if the last stage could not be loaded, or would show nothing that others did not."""
        resolutions = [stage.resolution for stage in self.stages]
        check_all_resolutions(source, resolutions, self.upscale or None, channels, crop, on_error)

    def check_growth(self, gan: Any) -> None:
        """Raises `ValueError` if a GAN of the first stage cannot grow into the second; it and the run stay as they are.

        The GAN of the second stage is built on trial, once.
        """
        if self._tried or len(self.stages) < 2 or 2 * gan.task.image_shape[0] != self.stages[1].resolution:
            return
        strategy = getattr(gan, "distribute_strategy", None)
        with strategy.scope() if strategy is not None else contextlib.nullcontext():
            self.stages[1].grown(gan)
        self._tried = True

    def _loader(self, source: Source, gan: Any) -> Callable:
        channels, seed, steps = gan.task.image_shape[-1], gan.seed, getattr(gan, "critic_steps", 1)
        self.check_source(source, channels)

        def load(stage: Stage, images_seen: int):
            return data_package.load(
                source,
                resolution=stage.resolution,
                channels=channels,
                batch_size=stage.batch_size * steps,
                seed=seed,
                start=images_seen * steps,
                upscale=True if self.upscale else None,
            )

        return load
