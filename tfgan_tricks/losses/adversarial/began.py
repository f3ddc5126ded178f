"""The boundary equilibrium game."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.replicas import mean_over_replicas
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class BEGAN(AdversarialLoss):
    """An autoencoder critic that weighs generated images by how far the game is from equilibrium.

    The critic's logit is the **negative** reconstruction error of an autoencoder: L(x) = -D(x) ≥ 0. Discriminator:
    L(x) - k·L(G(z)); generator: L(G(z)). After each discriminator update k moves by λ(γL(x) - L(G(z))), within
    [0, 1], so that L(G(z)) comes to γL(x). k starts at 0 and is saved with the GAN.

    The logs get `began_k` and `began_convergence`, M = L(x) + |γL(x) - L(G(z))|, which falls as training goes well.

    **Source**: Berthelot et al., 2017, arXiv:1703.10717, sections 3.3 and 3.4.

    **Differs from the paper**: k and M take both errors from the discriminator's update, so that one critic has made
    them; the paper takes L(G(z)) from the generator's. With `critic_steps` above 1, k moves in each of them.

    Args:
        gamma: wanted ratio of the errors, in [0, 1]: low for sharp images, high for diverse ones.
        lambda_k: gain of k, above 0, per discriminator update.

    Call arguments:
        real: negative reconstruction errors of real images.
        fake: negative reconstruction errors of generated images.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: one variable; on several replicas, a mean over them of two numbers per update.

    **Combines badly with**: label smoothing and flipping: it has no targets. A critic whose logits may be positive,
    whose loss has no lower end. Several critics, which share one k.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.BEGAN(gamma=0.5)
    >>> report = loss.report(real=np.array([-2.0, -4.0]), fake=np.array([-1.0, -1.0]))
    >>> float(report["began_convergence"])  # 3 + |0.5·3 - 1|
    3.5
    """

    boundary = None

    def __init__(self, gamma: float = 0.5, lambda_k: float = 0.001, **label_tricks):
        super().__init__(**label_tricks)
        check_range("gamma", gamma, low=0.0, high=1.0)
        check_range("lambda_k", lambda_k, low=0.0, low_open=True, high_open=True)
        self.gamma = gamma
        self.lambda_k = lambda_k
        self._k: keras.Variable | None = None

    def prepare(self, task) -> None:
        self._k = keras.Variable(
            0.0, dtype="float32", trainable=False, aggregation="only_first_replica", name="began_k"
        )

    @property
    def variables(self):
        return [] if self._k is None else [self._k]

    @property
    def k(self):
        """The weight of generated images, a float32 scalar; 0 before training."""
        return ops.zeros((), "float32") if self._k is None else ops.convert_to_tensor(self._k)

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return {"real": -real, "fake": ops.multiply(self.k, fake)}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": -fake}

    def observe(self, match: Match) -> None:
        if match.player == "discriminator":
            _, balance = self._errors(match.real_out["logits"], match.fake_out["logits"])
            self.variables[0].assign(ops.clip(self.k + self.lambda_k * balance, 0.0, 1.0))

    def report(self, *, real, fake) -> dict:
        error, balance = self._errors(real, fake)
        return {"began_k": self.k, "began_convergence": error + ops.abs(balance)}

    def _errors(self, real, fake):
        """Returns L(x) and γL(x) - L(G(z)), means over all logits of the batch and over all replicas."""
        means = []
        for logits in (real, fake):
            scales = [ops.mean(ops.cast(scale, "float32")) for scale in keras.tree.flatten(logits)]
            means.append(mean_over_replicas(-sum(scales) / len(scales)))
        error, generated = means
        return error, self.gamma * error - generated
