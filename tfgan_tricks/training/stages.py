"""Training in stages: a list of things to do one after the other, in one run with one count of images."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, cast

from tfgan_tricks.checks import check_integer, check_type, explain
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.span import Span
from tfgan_tricks.training.stage import Stage


class StagedTraining:
    """Trains in stages, one `gan.fit` each, with one image count over all of them.

    A stage is cut into equal epochs of about `images_per_epoch`, and rounded up to whole ones of whole batches. When
    each begins follows from the settings alone. So a run that is killed in any stage and continued from a checkpoint
    ends like one that was never disturbed, and a finished stage is never repeated.

    **Source**: progressive growing, Karras et al., 2017, arXiv:1710.10196; networks that train alone, frozen, then
    jointly: Wang et al., 2018, arXiv:1711.11585, section 3.1.

    **Differs from the paper**: no; it is what such curricula share.

    Args:
        stages: list of `Stage`.
        images_per_epoch: images between two ends of an epoch, where callbacks act; rounded per stage.

    Call arguments:
        gan, data, callbacks, verbose: of `fit`; see there.

    Output shape: `fit` returns the model of the last stage.

    **Cost**: each stage traces its step anew.

    **Combines badly with**: callbacks that count epochs of equal length.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge())
    >>> staged = tt.training.StagedTraining([tt.training.Stage(32, batch_size=8), tt.training.Stage(48, batch_size=16)])
    >>> def data(stage, images_seen):
    ...     return tt.data.load("digits", batch_size=stage.batch_size, start=images_seen)
    >>> gan = staged.fit(gan, data)
    >>> int(gan.images_seen.numpy())
    80
    """

    def __init__(self, stages: Sequence[Stage], images_per_epoch: int = 50_000):
        check_type("stages", stages, (list, tuple), "pass a list of stages, also for one.")
        check_integer("the number of stages", len(stages), at_least=1)
        for stage in stages:
            check_type("stages", stage, Stage, "pass objects such as tfgan_tricks.training.Stage(images=10_000).")
        check_integer("images_per_epoch", images_per_epoch, at_least=1)
        self.stages = tuple(stages)
        self.images_per_epoch = images_per_epoch

    @property
    def spans(self) -> list[Span]:
        """When each stage runs."""
        spans, start, first = [], 0, 0
        for stage in self.stages:
            batches = -(-stage.images // stage.batch_size)
            steps = -(-batches // max(1, min(batches, round(batches * stage.batch_size / self.images_per_epoch))))
            spans.append(Span(start, stage.batch_size, steps, first, epochs=-(-batches // steps)))
            start, first = spans[-1].end, first + spans[-1].epochs
        return spans

    @property
    def images(self) -> int:
        """Images seen at the end of the last stage."""
        return self.spans[-1].end

    def stage_at(self, images_seen: int) -> int:
        """Returns the number of the stage that a model of that age is in; at the very end of a stage still that one."""
        ends = [span.end for span in self.spans]
        return sum(end < images_seen for end in ends[:-1])

    def gan_at(self, gan: Any, index: int) -> Any:
        """Returns the model of stage `index` as it begins, made from a fresh one by all stages up to it.

        To continue a run: `restore(staged.gan_at(fresh, staged.stage_at(n)), checkpoint)`, then `fit`.
        """
        for stage, span in zip(self.stages[: index + 1], self.spans, strict=False):
            gan.images_seen.assign(span.start)
            gan = _begin(stage, gan)
        return gan

    def fit(self, gan: Any, data: Callable[[Stage, int], Any], callbacks: Sequence = (), verbose: int | str = 0) -> Any:
        """Trains to the end of the last stage, from where the model is; returns the model of the last stage.

        Args:
            gan: compiled; a fresh one, or one that was trained in these stages up to some point.
            data: function of the stage and the images seen, returning an endless dataset that goes on from there in
                batches of `stage.batch_size` (times the critic steps, which share a batch out).
            callbacks: as in `keras.Model.fit`; each stage calls them as a training of its own.
            verbose: as in `keras.Model.fit`.

        Raises:
            ValueError: if the data do not come in the batches of the stage, or run out within it.
        """
        check_type("gan", gan, AdversarialModel, "pass a compiled GAN.")
        check_type(
            "data",
            data,
            cast(type, Callable),
            "pass a function: lambda stage, images_seen: load(..., start=images_seen).",
        )
        first = self.stage_at(_seen(gan))
        if _seen(gan) == 0:
            gan = _begin(self.stages[0], gan)
        for index in range(first, len(self.stages)):
            stage, span = self.stages[index], self.spans[index]
            if index > first:
                gan = _begin(stage, gan)
            for leg in span.legs(_seen(gan)):
                planned = _seen(gan) + leg.steps * stage.batch_size
                dataset = stage.feed(data(stage, _seen(gan)), gan)
                _check_batches(dataset, stage, gan)
                gan.fit(dataset, callbacks=list(callbacks), verbose=verbose, **leg.how)
                if gan.stop_training:
                    return gan
                _check_all_seen(_seen(gan), planned, stage)
        return gan


def _begin(stage: Stage, gan: Any) -> Any:
    strategy = getattr(gan, "distribute_strategy", None)
    with strategy.scope() if strategy is not None else contextlib.nullcontext():
        gan = stage.begin(gan)
    gan.train_function = None  # one traced for another batch size rounds differently, and a resumed run has none
    return gan


def _seen(gan: Any) -> int:
    return int(gan.images_seen.numpy())


def _check_batches(dataset: Any, stage: Stage, gan: Any) -> None:
    spec = getattr(dataset, "element_spec", None)
    if not isinstance(spec, dict) or "image" not in spec:
        return
    steps = getattr(gan, "critic_steps", 1)
    size = "stage.batch_size" if steps == 1 else f"stage.batch_size * {steps}"  # of images, for all critic steps
    if spec["image"].shape[0] != stage.batch_size * steps:
        raise ValueError(
            explain(
                "The data do not come in the batches of the stage.",
                received=f"batches of {spec['image'].shape[0]} images",
                expected=f"{stage.batch_size * steps} = batch_size {stage.batch_size} x {steps} critic steps, no rest",
                fix=f"batch by {size}: dataset.batch({size}, drop_remainder=True).",
            )
        )


def _check_all_seen(seen: int, planned: int, stage: Stage) -> None:
    if seen < planned:
        raise ValueError(
            explain(
                "The data ran out within a stage.",
                received=f"{seen:,} images seen where {planned:,} were to be, in batches of {stage.batch_size}",
                expected="a dataset without end, from the first image on that was not seen yet",
                fix="repeat it: dataset.repeat() before it is batched.",
            )
        )
