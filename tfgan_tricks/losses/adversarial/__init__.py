"""The game: what discriminator and generator minimise, as functions of logits."""

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.began import BEGAN
from tfgan_tricks.losses.adversarial.ebgan import EBGAN
from tfgan_tricks.losses.adversarial.f_divergence import FDivergence
from tfgan_tricks.losses.adversarial.gradient_ratio import GradientRatio
from tfgan_tricks.losses.adversarial.hinge import Hinge
from tfgan_tricks.losses.adversarial.label_flip import LabelFlip
from tfgan_tricks.losses.adversarial.least_squares import LeastSquares
from tfgan_tricks.losses.adversarial.minimax import Minimax
from tfgan_tricks.losses.adversarial.no_game import NoGame
from tfgan_tricks.losses.adversarial.non_saturating import NonSaturating
from tfgan_tricks.losses.adversarial.relativistic import Relativistic
from tfgan_tricks.losses.adversarial.semi_supervised import SemiSupervised
from tfgan_tricks.losses.adversarial.wasserstein import Wasserstein

__all__ = [
    "BEGAN",
    "EBGAN",
    "AdversarialLoss",
    "FDivergence",
    "GradientRatio",
    "Hinge",
    "LabelFlip",
    "LeastSquares",
    "Minimax",
    "NoGame",
    "NonSaturating",
    "Relativistic",
    "SemiSupervised",
    "Wasserstein",
]
