"""The Dirac-GAN: the library's updates against formulas, which games converge, and what the page says of it."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import tfgan_tricks as tt
from tfgan_tricks.losses.adversarial import Minimax, NonSaturating, Wasserstein

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from dirac_lab import game, linearisation  # noqa: E402
from dirac_lab.rules import RULES, alternating, one_stage, single_loss, unrolled  # noqa: E402
from dirac_lab.variants import VARIANTS  # noqa: E402
from dirac_lab.verdict import judge  # noqa: E402

STEP = 0.2
GAMMAS = (0.0, 0.3, 0.8, 1.0, 1.5, 3.0)  # below, at and above the critical one
RANDOM_POINTS = np.random.default_rng(0).uniform(-2.0, 2.0, (4, 2))


def sigmoid(logit):
    return 1.0 / (1.0 + np.exp(-logit))


# The gradients, by hand. Critic: softplus(-ψ·0) + softplus(ψθ) or -ψ·0 + ψθ. Generator: see each line.
CRITIC = {
    "non-saturating": lambda theta, psi: -sigmoid(psi * theta) * theta,
    "minimax": lambda theta, psi: -sigmoid(psi * theta) * theta,
    "Wasserstein": lambda theta, psi: -theta,
}
GENERATOR = {
    "non-saturating": lambda theta, psi: sigmoid(-psi * theta) * psi,  # softplus(-ψθ)
    "minimax": lambda theta, psi: sigmoid(psi * theta) * psi,  # -softplus(ψθ)
    "Wasserstein": lambda theta, psi: psi,  # -ψθ
}
LOSSES = {"non-saturating": NonSaturating, "minimax": Minimax, "Wasserstein": Wasserstein}
# Name of a variant: its loss, and what its penalty adds to dψ/dt.
RECURRENCES = {
    "non-saturating": ("non-saturating", lambda psi: 0.0),
    "minimax": ("minimax", lambda psi: 0.0),
    "Wasserstein": ("Wasserstein", lambda psi: 0.0),
    "Wasserstein, weights clipped to 1": ("Wasserstein", lambda psi: 0.0),
    "WGAN-GP, λ = 1": ("Wasserstein", lambda psi: -2.0 * (abs(psi) - 1.0) * np.sign(psi)),
    "R1, γ = 0.5": ("non-saturating", lambda psi: -0.5 * psi),
    "R2, γ = 0.5": ("non-saturating", lambda psi: -0.5 * psi),
    "zero-centred on lines, λ = 0.25": ("non-saturating", lambda psi: -0.5 * psi),
    "Wasserstein with R1, γ = 0.5": ("Wasserstein", lambda psi: -0.5 * psi),
}


def recurrence(variant: str, steps: int, critic_steps: int) -> np.ndarray:
    """The game written out in NumPy: critic steps, then a generator step."""
    loss, penalty = RECURRENCES[variant]
    theta, psi = 1.0, 1.0
    points = [(theta, psi)]
    for _ in range(steps):
        for _ in range(critic_steps):
            psi += STEP * (CRITIC[loss](theta, psi) + penalty(psi))
            psi = np.clip(psi, -1.0, 1.0) if "clipped" in variant else psi
        theta += STEP * GENERATOR[loss](theta, psi)
        points.append((theta, psi))
    return np.array(points)


def with_r1(loss: str, gamma: float) -> dict:
    return {"loss": LOSSES[loss](), "terms": [tt.penalties.R1(gamma)]}


def assert_same_eigenvalues(matrix: np.ndarray, expected, atol: float) -> None:
    """Compares trace and determinant: eigenvalues themselves are not smooth where two of them meet."""
    np.testing.assert_allclose(np.trace(matrix), np.sum(expected), atol=atol)
    np.testing.assert_allclose(np.linalg.det(matrix), np.prod(expected), atol=atol)
    found, wanted = np.sort_complex(np.linalg.eigvals(matrix)), np.sort_complex(np.asarray(expected, complex))
    np.testing.assert_allclose(found, wanted, atol=2.0 * np.sqrt(atol))


@pytest.mark.parametrize("loss", LOSSES)
def test_the_library_moves_each_player_along_the_gradient_written_by_hand(loss):
    gamma = 0.7
    field = linearisation.update_field(alternating(with_r1(loss, gamma)), examples=3)
    for theta, psi in RANDOM_POINTS:
        expected = [GENERATOR[loss](theta, psi), CRITIC[loss](theta, psi) - gamma * psi]
        np.testing.assert_allclose(field([theta, psi]), expected, atol=5e-6)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize(("loss", "slope"), [("non-saturating", 0.5), ("minimax", 0.5), ("Wasserstein", 1.0)])
def test_eigenvalues_of_the_field_are_those_of_the_closed_form(loss, slope, gamma):
    if loss != "non-saturating" and gamma not in (0.3, 3.0):
        pytest.skip("two values of γ are enough for the other losses")
    measured = linearisation.jacobian(linearisation.update_field(alternating(with_r1(loss, gamma)), examples=2))
    expected = -gamma / 2.0 + np.array([1.0, -1.0]) * np.emath.sqrt(gamma**2 / 4.0 - slope**2)
    np.testing.assert_allclose(linearisation.flow_eigenvalues(gamma, slope), expected)
    assert_same_eigenvalues(measured, expected, atol=5e-6)
    assert (np.linalg.eigvals(measured).imag != 0.0).all() == (gamma < 2.0 * slope) or gamma == 2.0 * slope


@pytest.mark.parametrize(("critic_steps", "gamma"), [(1, 0.0), (1, 0.3), (5, 1.0)])
def test_one_alternating_step_is_linearised_as_in_closed_form(critic_steps, gamma):
    gan = alternating(with_r1("non-saturating", gamma), critic_steps=critic_steps)
    measured = linearisation.jacobian(linearisation.step_map(gan, examples=2))
    critic = np.array([[1.0, 0.0], [-STEP / 2.0, 1.0 - STEP * gamma]])
    generator = np.array([[1.0, STEP / 2.0], [0.0, 1.0]])
    expected = generator @ np.linalg.matrix_power(critic, critic_steps)
    np.testing.assert_allclose(measured, expected, atol=1e-5)
    closed_form = linearisation.alternating_eigenvalues(gamma, critic_steps=critic_steps)
    assert_same_eigenvalues(expected, closed_form, atol=1e-12)
    undamped = linearisation.alternating_eigenvalues(0.0, critic_steps=critic_steps)
    np.testing.assert_allclose(np.abs(undamped), 1.0)  # round and round, whatever the number of critic steps


@pytest.mark.parametrize("rule", [single_loss, one_stage])
@pytest.mark.parametrize("gamma", [0.3, 1.5])
def test_simultaneous_steps_are_the_identity_and_the_field(rule, gamma):
    measured = linearisation.jacobian(linearisation.step_map(rule(with_r1("non-saturating", gamma)), examples=2))
    np.testing.assert_allclose(measured, np.eye(2) + STEP * np.array([[0.0, 0.5], [-0.5, -gamma]]), atol=1e-5)
    assert_same_eigenvalues(measured, linearisation.simultaneous_eigenvalues(gamma), atol=1e-5)


@pytest.mark.parametrize(("unroll", "gamma"), [(0, 0.3), (2, 0.0), (2, 1.0)])
def test_an_unrolled_step_is_linearised_as_in_closed_form(unroll, gamma):
    gan = unrolled(with_r1("non-saturating", gamma), unroll=unroll)
    measured = linearisation.jacobian(linearisation.step_map(gan, examples=2))
    # The foreseen critic, step by step, as coefficients of (θ, ψ), from the critic that the real step has made.
    critic = np.array([[1.0, 0.0], [-STEP / 2.0, 1.0 - STEP * gamma]])
    foreseen = np.linalg.matrix_power(critic, unroll)[1]
    generator = np.array([[1.0 + STEP * foreseen[0], STEP / 2.0 * foreseen[1]], [0.0, 1.0]])  # ½·d(f₀θ² + f₁ψθ)/dθ
    np.testing.assert_allclose(measured, generator @ critic, atol=1e-5)
    np.testing.assert_allclose(linearisation.unrolled_step(gamma, unroll), generator @ critic, atol=1e-12)


def test_instance_noise_damps_like_a_penalty_on_half_its_variance():
    gan = alternating({"loss": NonSaturating(), "inputs": [tt.inputs.InstanceNoise(0.8)]})
    measured = linearisation.jacobian(linearisation.update_field(gan, examples=60_000))
    gamma = linearisation.noise_as_gamma(0.8)
    assert gamma == pytest.approx(0.32)
    # The mean of 120,000 squared normal numbers is off by √(2/120,000) = 0.4 %.
    np.testing.assert_allclose(measured, [[0.0, 0.5], [-0.5, -gamma]], atol=0.016 * gamma)


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_noise_and_zero_centred_penalties_converge(variant):
    """Mescheder et al., 2018, arXiv:1801.04406: alternating; 200 of the 500 steps."""
    points = game.trajectory(RULES["alternating"](VARIANTS[variant].parts()), VARIANTS[variant].examples, steps=200)
    if variant in RECURRENCES:  # WGAN-GP's path meets its kink at ψ = 0 near step 65, where rounding decides the side
        followed = 60 if "GP" in variant else 200
        np.testing.assert_allclose(points[:followed], recurrence(variant, 200, 1)[:followed], atol=2e-4)
    verdict = judge(points)
    assert verdict.converges == VARIANTS[variant].damped
    if not VARIANTS[variant].damped:
        assert verdict.end > 0.25  # far from any doubt: 0.07 would count as near


def test_five_critic_steps_are_five_in_the_game_written_out_too():
    gan = alternating(VARIANTS["R1, γ = 0.5"].parts(), critic_steps=5)
    points = game.trajectory(gan, examples=2, steps=40)
    np.testing.assert_allclose(points, recurrence("R1, γ = 0.5", 40, critic_steps=5), atol=2e-5)


def test_the_non_saturating_game_shrinks_but_as_slowly_as_theory_says():
    """Around 0 the radius obeys dr/dt = -r³/16 on average over a turn, so 1/r² grows by 1/8 per unit of time."""
    points = recurrence("non-saturating", 4000, 1)
    np.testing.assert_allclose(np.linalg.norm(points[3800:], axis=1).mean() ** -2, 0.5 + 3900 * STEP / 8.0, rtol=0.05)


def spiral(rate: float, steps: int = 100) -> np.ndarray:
    time = np.arange(steps + 1)
    return np.exp(-rate * time)[:, None] * np.stack([np.cos(time), np.sin(time)], axis=-1)


def test_only_what_comes_near_and_stays_near_counts_as_convergent():
    assert judge(spiral(rate=0.1)).converges
    assert not judge(spiral(rate=0.0)).converges
    assert not judge(spiral(rate=0.01)).converges  # on its way, but not there
    assert not judge(spiral(rate=-0.1)).converges
    passing = spiral(rate=0.1)
    passing[97] = [0.3, 0.0]
    assert not judge(passing).converges  # back out in the last tenth
    late = spiral(rate=0.1)
    late[70] = [2.0, 0.0]
    assert not judge(late).converges  # the second half is no smaller than the first
    verdict = judge(spiral(rate=0.1))
    assert (verdict.start, verdict.first_half) == (1.0, 1.0)
    np.testing.assert_allclose([verdict.second_half, verdict.end], np.exp([-5.1, -9.1]))


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("benchmark_dirac_gan", ROOT / "benchmarks" / "dirac_gan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_small_run_prints_the_tables_and_writes_the_numbers(script, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(script, "GAMMAS", (0.5,))
    report = tmp_path / "new" / "dirac_gan.json"
    chosen = ["--rule", "alternating", "--variant", "R1, γ = 0.5", "--variant", "minimax"]
    script.main(["--steps", "120", "--json", str(report), *chosen])
    written = json.loads(report.read_text(encoding="utf-8"))
    found = {name: verdict["converges"] for name, verdict in written["convergence"]["alternating"].items()}
    assert found == {"R1, γ = 0.5": True, "minimax": False}
    printed = capsys.readouterr().out
    assert "| minimax | 1.37 |" in printed
    assert "| 0.5 | -0.250 ± 0.433i | -0.250 ± 0.433i | 0.945 ± 0.084i | 0.945 ± 0.084i |" in printed


def test_the_picture_shows_each_game_once(tmp_path):
    from dirac_lab.picture import draw

    trajectories = {"alternating": {name: spiral(0.1) for name in "abcde"}, "unknown": {"f": spiral(0.2)}}
    draw(trajectories, tmp_path / "picture.svg")
    text = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert [text.count(f"<!-- {name} -->") for name in "abcdef"] == [1, 1, 1, 1, 1, 0]


def test_the_page_says_what_was_measured(script):
    page = (ROOT / "docs" / "dirac_gan.md").read_text(encoding="utf-8")
    measured = json.loads((ROOT / "benchmarks" / "results" / "dirac_gan.json").read_text(encoding="utf-8"))
    assert set(measured["convergence"]) == set(RULES)
    assert set(measured["convergence"]["alternating"]) == set(VARIANTS)
    assert script.convergence_table(measured["convergence"]) in page
    assert script.eigenvalue_table(measured["eigenvalues"]) in page


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_every_game_under_every_rule_ends_as_the_page_says(script, rule):
    measured = json.loads((ROOT / "benchmarks" / "results" / "dirac_gan.json").read_text(encoding="utf-8"))
    trajectories = script.run(measured["steps"], rules=[rule])[rule]
    for variant, points in trajectories.items():
        assert judge(points).converges == measured["convergence"][rule][variant]["converges"], variant
        if VARIANTS[variant].damped:
            assert judge(points).converges, variant
