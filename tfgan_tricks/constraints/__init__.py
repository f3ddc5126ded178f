"""What the critic's weights are held to after each of its updates."""

from tfgan_tricks.constraints.clip_weights import ClipWeights

__all__ = ["ClipWeights"]
