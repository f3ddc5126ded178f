"""From text to objects, and what is known about how objects get along.

A config names each component by the call that would build it in Python, as text; `build` looks the names up in the
lists of public names and evaluates nothing. `advise` says which parts of a GAN are known to work badly together.
"""

from tfgan_tricks.configuration.advice import Advice
from tfgan_tricks.configuration.expressions import build, build_all
from tfgan_tricks.configuration.registry import registry
from tfgan_tricks.configuration.rules import advise

__all__ = ["Advice", "advise", "build", "build_all", "registry"]
