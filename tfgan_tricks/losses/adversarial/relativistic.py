"""Games on the difference of real and generated logits."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_type, explain, same_shape
from tfgan_tricks.losses.adversarial.hinge import Hinge
from tfgan_tricks.losses.adversarial.least_squares import LeastSquares
from tfgan_tricks.losses.adversarial.minimax import Minimax
from tfgan_tricks.losses.adversarial.non_saturating import NonSaturating
from tfgan_tricks.losses.adversarial.wasserstein import Wasserstein
from tfgan_tricks.losses.adversarial.wrapped_loss import WrappedLoss
from tfgan_tricks.replicas import mean_over_replicas

MODES = ("paired", "average")


@keras.saving.register_keras_serializable("tfgan_tricks")
class Relativistic(WrappedLoss):
    """Asks whether a real image is more realistic than a generated one, not whether it is realistic.

    The generator raises D(G(z)) and lowers D(x) at once, so its gradient depends on real images too. With
    r = D(x), f = D(G(z)), and r̄, f̄ their means, the discriminator's parts are:

    | base | paired | average |
    |---|---|---|
    | `NonSaturating`, `Minimax` | softplus(f - r) (RSGAN) | softplus(f̄ - r), softplus(f - r̄) (RaSGAN) |
    | `LeastSquares(a=-b, c=b)` | ½(r - f - b)² | ½(r - f̄ - b)², ½(f - r̄ + b)² (RaLSGAN) |
    | `Hinge` | max(0, 1 - r + f) | max(0, 1 - r + f̄), max(0, 1 + f - r̄) (RaHingeGAN) |

    The generator minimises the same with r and f exchanged; over `Minimax` it minimises the discriminator's loss,
    negated. In a pair both parts of the base say the same, and one of them is returned.

    The means run over all logits of the batch, patches included, and over the batches of all replicas: what one
    device computes with the whole batch. Each scale of a critic with several outputs has a mean of its own.

    **Source**: Jolicoeur-Martineau, 2018, arXiv:1807.00734, section 4, and its appendix for the average forms.

    **Differs from the paper**: the least-squares forms carry the ½ of `LeastSquares`; smoothing is an addition.

    Args:
        base: `NonSaturating`, `Minimax`, `Hinge`, or `LeastSquares` with mirrored targets (a = -b, c = b).
        mode: "paired" compares the i-th real image with the i-th generated one; "average" compares each image with
            the mean over the other side.

    Call arguments:
        real: logits on real images, in both players' turns.
        fake: logits on generated images; as many as real ones if paired.
        seed: where a smoothing range of the base takes its random numbers from.

    Input shape: any; the first axis is the example.

    Output shape: "pair", shaped like the logits, or "real" and "fake", each shaped like its logits.

    **Cost**: one forward pass of the discriminator on real images in the generator's update.

    **Combines badly with**: label smoothing, whose targets mean little for a difference; `Wasserstein`, which is
    relativistic already and is refused. In the logs, `discriminator_accuracy` and the probabilities compare logits
    with 0, where here only differences count.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.Relativistic(tfgan_tricks.losses.adversarial.Hinge(), mode="average")
    >>> parts = loss.discriminator(real=np.array([0.0, 4.0]), fake=np.array([1.0, 2.0]))
    >>> [float(value) for value in parts["real"]], [float(value) for value in parts["fake"]]
    ([2.5, 0.0], [0.0, 1.0])
    """

    pairwise = True

    def __init__(self, base, mode: str = "paired"):
        check_choice("mode", mode, MODES)
        _check_base(base, mode)
        super().__init__(base)
        self.boundary = None
        self.mode = mode
        sharp = {name: 0.0 for name in ("label_smoothing", "fake_smoothing") if hasattr(base, name)}
        self._sharp = type(base)(**{**base._arguments(), **sharp})  # the generator's game has no label tricks

    def discriminator(self, *, real, fake, seed=None) -> dict:
        real, fake = self._compared(real, fake)
        return self._named(self.base.discriminator(real=real, fake=fake, seed=seed))

    def generator(self, *, real=None, fake, seed=None) -> dict:
        if real is None:
            raise ValueError(
                explain(
                    "A relativistic generator compares with real images.",
                    received="generator(fake=...) without `real`",
                    expected="the logits on real images too",
                    fix="pass real=; a GAN does so for a loss with pairwise=True.",
                )
            )
        real, fake = self._compared(real, fake)
        if isinstance(self.base, Minimax) and not isinstance(self.base, NonSaturating):  # zero-sum
            return self._named({name: -part for name, part in self._sharp.discriminator(real=real, fake=fake).items()})
        exchanged = self._sharp.discriminator(real=fake, fake=real)
        return self._named({"real": exchanged["fake"], "fake": exchanged["real"]})

    def _compared(self, real, fake):
        """Returns the logits of each side, less those of the other side."""
        if self.mode == "average":
            # Both means before either side is shifted; the same on all replicas.
            return real - mean_over_replicas(ops.mean(fake)), fake - mean_over_replicas(ops.mean(real))
        if not same_shape(real.shape, fake.shape):
            raise ValueError(
                explain(
                    "Real and generated logits do not pair up.",
                    received=f"real {tuple(real.shape)}, fake {tuple(fake.shape)}",
                    expected="the same shape",
                    fix='judge as many real as generated images, or pass mode="average".',
                )
            )
        return real - fake, fake - real

    def _named(self, parts: dict) -> dict:
        """Returns the parts; of two that say the same of each pair, one."""
        return {"pair": parts["real"]} if self.mode == "paired" else parts


def _check_base(base, mode: str) -> None:
    """Raises unless the base asks the same of r - f as of f - r, mirrored."""
    if isinstance(base, Wasserstein):
        raise ValueError(
            explain(
                "Wasserstein is relativistic already.",
                received=f"Relativistic({base})",
                expected="a base that is not linear: NonSaturating, Minimax, LeastSquares or Hinge",
                fix="use Wasserstein() by itself; shifting its values changes no gradient but by a factor of 2.",
            )
        )
    check_type("base", base, (Minimax, LeastSquares, Hinge), "pass NonSaturating(), Hinge() or the like.")
    if isinstance(base, LeastSquares) and not (base.a == -base.b and base.c == base.b):
        raise ValueError(
            explain(
                "The targets of a relativistic least-squares game must mirror each other.",
                received=f"a={base.a}, b={base.b}, c={base.c}",
                expected="a = -b and c = b: what a real image has ahead of a generated one, that one lags behind",
                fix="pass LeastSquares(a=-1.0, b=1.0, c=1.0), the targets of the paper.",
            )
        )
    if mode == "paired" and getattr(base, "fake_smoothing", 0.0) != 0.0:
        raise ValueError(
            explain(
                "A pair has one target, that of its real image.",
                received=f"fake_smoothing={base.fake_smoothing}",
                expected="fake_smoothing=0.0",
                fix='drop fake_smoothing, or pass mode="average".',
            )
        )
