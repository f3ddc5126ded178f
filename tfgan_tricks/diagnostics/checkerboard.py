"""Generated images have a pattern at the period of the generator's strides."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.image_statistics import generated, real_like
from tfgan_tricks.diagnostics.window import Window

PERIODS = (2, 4)  # pixels: of one up-sampling by 2, and of two
COUNT = 64  # images transformed at a look
SMALLEST = 1e-12  # power, so that the peak of a pattern on nothing is a number


class Checkerboard(Detector):
    """Finds more energy at the periods of up-sampling, 2 and 4 pixels, than at the frequencies around them.

    Strided transposed convolutions whose kernel is no multiple of the stride paint some pixels more often than others.
    That makes sharp peaks in the spectrum at the multiples of 1/2 and 1/4 per pixel; real images have none, or lower
    ones, with which the peaks are compared. The pattern is ugly, and a discriminator can win by it alone; training
    goes on nevertheless, so this is a warning at most.

    Signals, for p = 2 and, from 16 pixels a side on, 4: "checkerboard/amplitude_p", the root mean square over images
    of the pattern's amplitude above what is around the peaks: a for x + a·(-1)^(i+j); "checkerboard/peak_p", how
    many times the energy around them they have; "checkerboard/real_peak_p", the same of real images.

    **Source**: Odena et al., 2016, "Deconvolution and Checkerboard Artifacts", Distill; Durall et al., 2020,
    arXiv:2003.01826, section 3, for spectra of up-convolutions.

    **Differs from the paper**: single frequencies in place of the spectrum averaged over angles.

    Args:
        amplitude: from which on a pattern counts; images are in [-1, 1].
        peak: how many times higher than around them, and than those of real images, the peaks must be.
        looks: how many looks in a row must agree.

    **Cost**: Fourier transforms of 64 generated images at each look, and of as many real ones once.

    **Combines badly with**: data with a pattern of two or four pixels of their own, such as dithered images.

    Example:

    >>> values = {"checkerboard/amplitude_2": 0.2, "checkerboard/peak_2": 90.0, "checkerboard/real_peak_2": 1.1}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> [finding.severity for finding in tt.diagnostics.Checkerboard()(tt.diagnostics.Window(looks))]
    ['warning']
    """

    name = "checkerboard"

    def __init__(self, amplitude: float = 0.08, peak: float = 5.0, looks: int = 3):
        check_range("amplitude", amplitude, low=0.0)
        check_range("peak", peak, low=1.0)
        check_integer("looks", looks, at_least=1)
        self.amplitude = amplitude
        self.peak = peak
        self.looks = looks

    def measure(self, look):
        images = generated(look)
        if images is None:
            return {}
        memory = look.subject.memory
        if self.name not in memory:  # the real images stay the same
            real = real_like(images, look.real)
            found = {} if real is None else patterns(real[:COUNT])
            memory[self.name] = {n.replace("/", "/real_"): v for n, v in found.items() if "peak" in n}
        return patterns(images[:COUNT]) | memory[self.name]

    def __call__(self, window):
        evidence = [told for period in PERIODS for told in self._evidence(window, period)]
        if not evidence:
            return []
        return [
            Finding(
                name=self.name,
                severity="warning",
                evidence=tuple(evidence),
                meaning="The generator's up-sampling leaves a grid on its images: neighbouring pixels are painted a"
                " different number of times. The discriminator can see that grid, and judge by it in place of content.",
                remedies=(
                    Remedy(
                        "Use kernels that are a multiple of the stride, as the 4×4 ones at stride 2 of sngan_cnn.",
                        "--config.architecture='sngan_cnn(width=64)'",
                    ),
                    Remedy(
                        "Resize first and convolve then, as progan does.", "--config.architecture='progan(width=64)'"
                    ),
                    Remedy("In a network of your own, `layers.UpsampleConv2D` or `layers.PixelShuffle` does it."),
                    Remedy("Average the generator, if it is not: a grid that moves from step to step goes away."),
                ),
                source='Odena et al., 2016, "Deconvolution and Checkerboard Artifacts", Distill',
                player="generator",
            )
        ]

    def _evidence(self, window: Window, period: int) -> list[str]:
        amplitudes, peaks = (window.values(f"checkerboard/{n}_{period}", self.looks) for n in ("amplitude", "peak"))
        if min(len(amplitudes), len(peaks)) < self.looks or window.last(f"checkerboard/peak_{period}") is None:
            return []
        real = window.last(f"checkerboard/real_peak_{period}")
        if amplitudes.min() < self.amplitude or peaks.min() < self.peak * max(1.0, real or 0.0):
            return []
        pattern = f"a pattern of {period} pixels of amplitude {amplitudes[-1]:.2g} in images from -1 to 1"
        beside = "" if real is None else f"; in real images {real:.2g} times"
        return [
            f"At {window.images:,} images generated images have {pattern}.",
            f"Its frequencies have {peaks[-1]:.3g} times the energy of those around them{beside}.",
        ]


def patterns(images: np.ndarray) -> dict[str, float]:
    """Returns the amplitude and the peak of each period in images [n, h, w, c] that are large enough for it."""
    found = {}
    for period in PERIODS:
        height, width = (size // period * period for size in images.shape[1:3])
        if min(height, width) < 4 * period:
            continue
        transformed = np.fft.fft2(images[:, :height, :width].astype("float32"), axes=(1, 2)) / (height * width)
        power = np.asarray(np.mean(np.abs(transformed) ** 2, axis=(0, 3), dtype=np.float64))  # [height, width]
        shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x]
        around = np.mean([np.roll(power, shift, (0, 1)) for shift in shifts], axis=0)
        at = _multiples(period, height, width)
        peak, base = power[at].sum(), around[at].sum()
        found[f"checkerboard/amplitude_{period}"] = float(np.sqrt(max(peak - base, 0.0)))
        found[f"checkerboard/peak_{period}"] = float(peak / max(base, SMALLEST))
    return found


def _multiples(period: int, height: int, width: int) -> tuple[np.ndarray, ...]:
    """Returns the positions of the frequencies that a pattern of this period has, and one of half of it has not."""
    y, x = np.indices((period, period)).reshape(2, -1)
    new = (y % 2 > 0) | (x % 2 > 0)
    return y[new] * (height // period), x[new] * (width // period)
