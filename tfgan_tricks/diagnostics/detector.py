"""The protocol of detectors: what each measures, and what it concludes."""

from tfgan_tricks.diagnostics.finding import Finding
from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.serialization import Configurable


class Detector(Configurable):
    """Recognises one kind of failure.

    `Doctor` asks each detector at each look to measure what only it needs, records that, and then calls it with all
    that was recorded so far. The call is a pure function of the window: it can be repeated on the files of a run, by
    `tfgan-tricks doctor`, and gives the same. Thresholds are constructor arguments.

    An implementation sets `name`, defines `__call__`, and overrides `measure` if the logs do not say enough.

    Class attributes:
        name: of the failure, in lower case with underscores; that of its findings.
    """

    name: str

    def measure(self, look: Look) -> dict[str, float]:
        """Returns signals by name, measured at one look; what cannot be measured is left out.

        Args:
            look: the networks' outputs at this moment, computed when they are asked for and shared by all detectors.
        """
        return {}

    def __call__(self, window: Window) -> list[Finding]:
        """Returns what is found in a window: mostly nothing.

        Args:
            window: the signals so far; some may be absent.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(window).")
