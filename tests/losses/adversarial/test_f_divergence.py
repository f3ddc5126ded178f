"""`FDivergence` against conjugates found by search, table 2 of the paper, and divergences of known distributions."""

import numpy as np
import pytest

from tests.support.adversarial import check_parts, each_pair, sigmoid, softplus
from tfgan_tricks import configuration
from tfgan_tricks.losses.adversarial import FDivergence

LOG2 = np.log(2.0)

# f and f', of the density ratio u.
GENERATORS = {
    "kl": (lambda u: u * np.log(u), lambda u: 1 + np.log(u)),
    "reverse_kl": (lambda u: -np.log(u), lambda u: -1 / u),
    "pearson": (lambda u: (u - 1) ** 2, lambda u: 2 * (u - 1)),
    "squared_hellinger": (lambda u: (np.sqrt(u) - 1) ** 2, lambda u: 1 - 1 / np.sqrt(u)),
    "jensen_shannon": (
        lambda u: u * np.log(u) - (u + 1) * np.log((u + 1) / 2),
        lambda u: np.log(2 * u / (u + 1)),
    ),
    "gan": (lambda u: u * np.log(u) - (u + 1) * np.log(u + 1), lambda u: np.log(u / (u + 1))),
}
# The divergence of discrete distributions, written as it is known by its name.
DIVERGENCES = {
    "kl": lambda p, q: np.sum(p * np.log(p / q)),
    "reverse_kl": lambda p, q: np.sum(q * np.log(q / p)),
    "pearson": lambda p, q: np.sum((p - q) ** 2 / q),
    "squared_hellinger": lambda p, q: np.sum((np.sqrt(p) - np.sqrt(q)) ** 2),
    "jensen_shannon": lambda p, q: 2 * jensen_shannon(p, q),
    "gan": lambda p, q: 2 * jensen_shannon(p, q) - np.log(4),
}
# T, its derivative, f*(T) and its derivative, of logits v: table 2.
TABLE = {
    "kl": (lambda v: v, np.ones_like, lambda v: np.exp(v - 1), lambda v: np.exp(v - 1)),
    "reverse_kl": (lambda v: -np.exp(-v), lambda v: np.exp(-v), lambda v: v - 1, np.ones_like),
    "pearson": (lambda v: v, np.ones_like, lambda v: v**2 / 4 + v, lambda v: v / 2 + 1),
    "squared_hellinger": (lambda v: 1 - np.exp(-v), lambda v: np.exp(-v), lambda v: np.exp(v) - 1, np.exp),
    "jensen_shannon": (lambda v: LOG2 - softplus(-v), lambda v: sigmoid(-v), lambda v: softplus(v) - LOG2, sigmoid),
    "gan": (lambda v: -softplus(-v), lambda v: sigmoid(-v), softplus, sigmoid),
}
# Logits to search conjugates at; the far ones where the density ratio they stand for is in reach of a search.
MODERATE = dict.fromkeys(GENERATORS, (-9.0, -1.3, 0.0, 0.4, 1.1, 3.0, 9.0)) | {"pearson": (-1.9, 0.0, 0.4, 3.0)}
FAR = dict.fromkeys(GENERATORS, ()) | {
    "kl": (-100.0, 13.0, 100.0),
    "reverse_kl": (-100.0, -13.0, 30.0),
    "pearson": (100.0,),
    "squared_hellinger": (-100.0, -13.0, 13.0, 100.0),
}
P = np.array([0.4, 0.25, 0.2, 0.1, 0.05])
Q = np.array([0.1, 0.3, 0.15, 0.05, 0.4])
FAR_P = np.array([0.5, 0.3, 0.2 - 1e-7, 1e-7])  # ratios of e^15 and e^-14
FAR_Q = np.array([1e-7, 0.3, 0.6 - 1e-7, 0.1])

each_kind = pytest.mark.parametrize("kind", GENERATORS)


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return (np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2


def outputs(kind: str, v) -> tuple[np.ndarray, np.ndarray]:
    """T and f*(T) at logits v, as the parts of the discriminator's loss say them."""
    v = np.asarray(v, "float64")
    parts = FDivergence(kind).discriminator(real=v, fake=v)
    return -np.asarray(parts["real"]), np.asarray(parts["fake"])


def bound(kind: str, v, p, q) -> float:
    output, conjugate = outputs(kind, v)
    return float(np.sum(p * output) - np.sum(q * conjugate))


def logits_of(kind: str, wanted: np.ndarray) -> np.ndarray:
    """The logits at which the critic's outputs are those wanted, by bisection."""
    low, high = np.full_like(wanted, -1e9), np.full_like(wanted, 1e9)
    for _ in range(100):
        middle = (low + high) / 2
        below = outputs(kind, middle)[0] < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


@each_pair
@each_kind
def test_values_and_gradients_are_those_of_the_table(kind, real, fake):
    real, fake = (9.5 * np.tanh(values / 9.5) for values in (real, fake))  # where no exponential is held back
    output, output_slope, conjugate, conjugate_slope = TABLE[kind]
    expected = {"real": (-output(real), -output_slope(real)), "fake": (conjugate(fake), conjugate_slope(fake))}
    check_parts(FDivergence(kind), "discriminator", {"real": real, "fake": fake}, expected)
    against = {"fake": (-conjugate(fake), -conjugate_slope(fake))}
    check_parts(FDivergence(kind), "generator", {"fake": fake}, against)
    strong = {"fake": (-output(fake), -output_slope(fake))}
    check_parts(FDivergence(kind, saturating=False), "generator", {"fake": fake}, strong)


@each_kind
def test_the_conjugate_is_the_supremum_that_defines_it(kind):
    f, _ = GENERATORS[kind]
    log_u = np.linspace(-40, 40, 400_001)  # f*(t) = sup over u of ut - f(u)
    u = np.exp(log_u)
    values = f(u)
    for v in (*MODERATE[kind], *FAR[kind]):
        output, conjugate = (value[0] for value in outputs(kind, [v]))
        np.testing.assert_allclose(conjugate, np.max(u * output - values), rtol=1e-6, atol=1e-6)


def test_pearsons_conjugate_is_that_of_f_on_the_whole_line():
    u = np.linspace(-100, 100, 1_000_001)
    for v in (-100.0, -7.0, -2.0):
        np.testing.assert_allclose(outputs("pearson", [v])[1][0], np.max(u * v - (u - 1) ** 2), rtol=1e-6)


@pytest.mark.parametrize(("p", "q"), [(P, Q), (Q, P), (FAR_P, FAR_Q)], ids=["near", "exchanged", "far"])
@each_kind
def test_at_the_best_critic_the_bound_is_the_divergence(kind, p, q):
    _, slope = GENERATORS[kind]
    best = logits_of(kind, slope(p / q))
    expected = DIVERGENCES[kind](p, q)
    np.testing.assert_allclose(bound(kind, best, p, q), expected, rtol=1e-5)
    f, _ = GENERATORS[kind]
    np.testing.assert_allclose(np.sum(q * f(p / q)), expected, rtol=1e-9, atol=1e-12)  # the docstring's f


@each_kind
def test_the_best_logits_are_those_that_the_docstring_names(kind):
    log = np.log(P / Q)
    named = {"kl": 1 + log, "pearson": 2 * (P / Q - 1), "squared_hellinger": log / 2}
    best = named.get(kind, log)
    np.testing.assert_allclose(bound(kind, best, P, Q), DIVERGENCES[kind](P, Q), rtol=1e-9)


@pytest.mark.parametrize("scale", [0.3, 3.0, 12.0, 100.0])
@each_kind
def test_no_critic_exceeds_the_divergence(kind, scale):
    generator = np.random.default_rng(2)
    for _ in range(20):
        assert bound(kind, generator.normal(scale=scale, size=5), P, Q) < DIVERGENCES[kind](P, Q)


@each_kind
def test_outputs_rise_smoothly_with_the_logits_and_stay_finite(kind):
    v = np.sort(np.concatenate([np.linspace(-100, 100, 4001), 10 + np.array([-1e-6, 1e-6])]))
    for values in outputs(kind, v):
        assert np.isfinite(values.astype("float32")).all()
    output, conjugate = outputs(kind, v)
    inside = np.abs(v) < 30  # beyond, a sigmoid is flat to the last digit
    assert (np.diff(output[inside]) > 0).all()
    for values in (output, conjugate):
        slopes = np.diff(values) / np.diff(v)
        assert np.abs(np.diff(np.log1p(np.abs(slopes)))).max() < 0.1, "a jump in the slope"


@pytest.mark.parametrize(
    ("kind", "part", "end"),
    [
        ("kl", "fake", 1),
        ("reverse_kl", "real", -1),
        ("squared_hellinger", "real", -1),
        ("squared_hellinger", "fake", 1),
    ],
)
def test_beyond_10_an_exponential_goes_on_as_a_straight_line(kind, part, end):
    v = end * np.array([10.0, 50.0, 100.0, 1000.0])
    value = FDivergence(kind).discriminator(real=v, fake=v)[part] + (kind == "squared_hellinger")
    start = np.exp(10.0 - (kind == "kl"))
    np.testing.assert_allclose(value, start * (1.0 + np.abs(v) - 10.0), rtol=1e-9)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="did you mean 'reverse_kl'"):
        FDivergence("reverse-kl")


def test_smoothing_is_refused():
    with pytest.raises(TypeError, match="FDivergence has no targets"):
        FDivergence("kl", label_smoothing=0.1)


def test_a_config_names_it_by_text():
    built = configuration.build("FDivergence('squared_hellinger', saturating=False)", "losses.adversarial")
    assert built == FDivergence("squared_hellinger", saturating=False)
