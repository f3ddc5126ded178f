"""The critic accepts garbage: the generator wins without drawing anything like the data."""

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import direction, pixel_distance, separation, streak, together
from tfgan_tricks.diagnostics.remedies import faster_critic, lower_rate
from tfgan_tricks.diagnostics.window import Window

STEADY = 0.8  # of `direction`: nine of ten pairs of looks agree


class GeneratorWon(Detector):
    """Finds a generator that fools the critic with images that are not like the data.

    Two signs, each enough:

    * The critic calls nearly all generated images real, and ranks them above the real ones, both in training, by the
      logs, and in inference, by `separation`. The first alone says little: in the first hundreds of steps of healthy
      trainings all logits may lie above the boundary, with the real ones higher. Losses without a boundary are not
      judged by this.
    * The generator's loss falls steadily while the images move away from the data: as steadily by `pixel_distance`,
      to further than the data's mean image is, or by a recorded FID.

    It measures `separation` (share of pairs of a real and a generated logit in which the real one is higher) and
    `pixel_distance` (of each pixel's mean and deviation, over that of the data from their mean image).

    **Source**: "If loss of G steadily decreases, then it's fooling D with garbage", Chintala et al., 2016, "How to
    Train a GAN?".

    **Differs from the paper**: a falling loss needs a witness, since it falls in healthy trainings too; the ranks are
    this library's.

    Args:
        fooled: share of generated images called real, from which on the critic has lost.
        separation: at most this share of the pairs is ranked correctly; chance is 1/2.
        accuracy: the same where there are no real images to rank: the critic is right about at most this share.
        worse: factor by which an FID grows while the loss falls.
        looks: how many looks in a row must agree for a serious finding; the first is a warning.
        fall: over how many looks the loss must fall.

    **Cost**: of the shared `Look.inference`; sorting its logits.

    **Combines badly with**: looks so far apart that the loss falls for a reason and then the images get worse for
    another; flipped labels, under which the critic itself is taught to err.

    Example:

    >>> values = {"fooled_share": 0.99, "separation": 0.04, "real_logits": 0.1, "fake_logits": 0.6}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> window = tt.diagnostics.Window(looks, {"boundary": 0.0})
    >>> [finding.severity for finding in tt.diagnostics.GeneratorWon()(window)]
    ['serious']
    """

    name = "generator_won"

    def __init__(self, fooled=0.9, separation=0.1, accuracy=0.4, worse: float = 1.5, looks: int = 3, fall: int = 8):
        check_range("fooled", fooled, low=0.5, high=1.0)
        check_range("separation", separation, low=0.0, high=0.5)
        check_range("accuracy", accuracy, low=0.0, high=0.5)
        check_range("worse", worse, low=1.0)
        check_integer("looks", looks, at_least=1)
        check_integer("fall", fall, at_least=4)
        self.fooled = fooled
        self.separation = separation
        self.accuracy = accuracy
        self.worse = worse
        self.looks = looks
        self.fall = fall

    def measure(self, look):
        return separation(look) | pixel_distance(look)

    def __call__(self, window):
        lasting, evidence = self._preferred(window)
        falling = self._falling(window)
        if not evidence and not falling:
            return []
        return [
            Finding(
                name=self.name,
                severity="serious" if lasting or falling else "warning",
                evidence=(*evidence, *falling),
                meaning="The generator has won with garbage: the critic takes its images for real, though they are not"
                " like the data, and no longer shows the way to them. A falling generator loss is bad news here.",
                remedies=(
                    Remedy("Give the critic more steps.", "--config.critic_steps=2"),
                    *lower_rate(window, "generator"),
                    *faster_critic(window),
                    Remedy("Give the critic more layers or more width."),
                    Remedy("Weaken what holds the critic back (noise, augmentation, penalties), if there is any."),
                ),
                source='Chintala et al., 2016, "How to Train a GAN?"',
                player="generator",
            )
        ]

    def _preferred(self, window: Window) -> tuple[bool, tuple[str, ...]]:
        """Returns whether the critic has preferred generated images for long, and what says so."""
        witness = "discriminator_accuracy" if window.last("separation") is None else "separation"
        most = self.accuracy if witness == "discriminator_accuracy" else self.separation
        values = together(window, "fooled_share", witness, "real_logits", "fake_logits")
        count = streak((values[:, 0] >= self.fooled) & (values[:, 1] <= most) & (values[:, 2] < values[:, 3]))
        if window.facts.get("boundary") is None or not count:
            return False, ()
        share, value = values[-1, :2]
        ranked = f"Of pairs of a real and a generated image it ranks {value:.1%} correctly; chance is 50%."
        right = f"It is right about {value:.1%} of all images."
        return count >= self.looks, (
            f"At {window.images:,} images the critic calls {share:.1%} of the generated images real.",
            ranked if witness == "separation" else right,
            f"It was so at the last {count} looks." if count > 1 else "It was not so at the look before.",
        )

    def _falling(self, window: Window) -> tuple[str, ...]:
        """Returns what says that the images get worse while the generator's loss falls."""
        for name in [n for n in window.names("") if n == "pixel_distance" or n.startswith("fid[")]:
            loss, distance = together(window, "generator_loss", name)[-self.fall :].T
            if len(loss) < self.fall or direction(loss) > -STEADY:
                continue
            far = distance[-1] > 1.0 and direction(distance) >= STEADY
            worse = distance[-1] >= self.worse * distance[0] and direction(distance) > 0.0
            if far if name == "pixel_distance" else worse:
                return (
                    f"Over the last {self.fall} looks the generator's loss fell from {loss[0]:.4g} to {loss[-1]:.4g}.",
                    f"Meanwhile {name} rose from {distance[0]:.3g} to {distance[-1]:.3g}.",
                )
        return ()
