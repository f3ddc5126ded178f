"""LeCam regularisation for training on little data."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.gradients import per_example_score
from tfgan_tricks.losses.term import Term
from tfgan_tricks.replicas import mean_over_replicas
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class LeCam(Term):
    """Pulls the critic's scores of real images to its average score of generated ones, and the other way round.

    (D(x) - α_F)² + (D(G(z)) - α_R)², with α_R and α_F exponential moving averages of the critic's mean score of real
    and of generated images. It keeps the critic from growing sure of itself on a small data set.

    **Source**: Tseng et al., 2021, arXiv:2104.03310, section 3.

    **Differs from the paper**: the averages start at the first batch's means instead of 0; until then the term
    is 0.

    Args:
        weight: λ, a number or a schedule in images seen.
        decay: of the moving averages per discriminator update, in [0, 1).
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n].

    **Cost**: none worth naming.

    **Combines badly with**: large data sets, where it only slows the critic down.

    Example:

    >>> tfgan_tricks.penalties.LeCam()
    LeCam(weight=0.3, decay=0.99, every=1, name='lecam')
    """

    reads_only_logits = True

    def __init__(self, weight=0.3, decay: float = 0.99, every: int = 1, name: str | None = None):
        check_range("decay", decay, low=0.0, high=1.0, high_open=True)
        super().__init__(weight=weight, every=every, name=name or "lecam")
        self.decay = decay
        self._averages: list[keras.Variable] = []

    @property
    def variables(self):
        return self._averages

    def prepare(self, task):
        arguments = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica"}
        names = ("real_average", "fake_average", "started")
        self._averages = [keras.Variable(0.0, name=name, **arguments) for name in names]

    def call(self, match: Match):
        real_average, fake_average, started = (ops.convert_to_tensor(average) for average in self._averages)
        real, fake = (per_example_score(out["logits"]) for out in (match.real_out, match.fake_out))  # [n]
        return started * (ops.square(real - fake_average) + ops.square(fake - real_average))

    def observe(self, match: Match):
        if match.player != "discriminator":
            return
        *averages, started = self._averages
        for average, out in zip(averages, (match.real_out, match.fake_out), strict=True):
            mean = mean_over_replicas(ops.mean(per_example_score(out["logits"])))
            average.assign(mean + started * self.decay * (average - mean))
        started.assign(1.0)
