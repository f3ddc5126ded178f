"""The game: what discriminator and generator minimise, as functions of logits."""

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.hinge import Hinge
from tfgan_tricks.losses.adversarial.least_squares import LeastSquares
from tfgan_tricks.losses.adversarial.minimax import Minimax
from tfgan_tricks.losses.adversarial.non_saturating import NonSaturating
from tfgan_tricks.losses.adversarial.wasserstein import Wasserstein

__all__ = ["AdversarialLoss", "Hinge", "LeastSquares", "Minimax", "NonSaturating", "Wasserstein"]
