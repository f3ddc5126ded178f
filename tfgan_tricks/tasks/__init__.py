"""How a batch becomes (real, fake) pairs."""

from tfgan_tricks.tasks.inpainting import Inpainting
from tfgan_tricks.tasks.stacked import Stacked
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.tasks.unconditional import Unconditional

__all__ = ["Inpainting", "Stacked", "Task", "Unconditional"]
