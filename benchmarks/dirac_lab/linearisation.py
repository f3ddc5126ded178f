"""The game near its equilibrium: what the library does, by differences, and what theory says, in closed form.

Sign conventions. Each player descends its own loss: with slope s = f'(0) (½ for the logistic losses, 1 for
Wasserstein) the update field around θ = ψ = 0 is

    dθ/dt = s·ψ,    dψ/dt = -s·θ - γ·ψ,

where γ is that of a zero-centred penalty (γ/2)·‖∇D‖², as `R1` and `R2` write it. One step of size h adds h times the
field: for both players at once, or, alternating, for ψ first and for θ at the new ψ.
"""

import numpy as np

from dirac_lab import game

SLOPE = {"logistic": 0.5, "Wasserstein": 1.0}
DIFFERENCE = 1e-2  # the field is odd, so the error is of third order; smaller ones drown in float32


def update_field(gan, examples: int, step_size: float = game.STEP_SIZE):
    """Returns the field (θ, ψ) -> (dθ/dt, dψ/dt), by one library update of each player from the same point.

    The random numbers are the same in each call, so that differences between points are not theirs.
    """
    data, seed = game.batch(gan, examples), gan.seed_generator.state.numpy()

    def field(where) -> np.ndarray:
        moved = []
        for player, own in (("generator", 0), ("discriminator", 1)):
            game.place(gan, where)
            gan.seed_generator.state.assign(seed)
            gan.update(player, data)
            moved.append(game.point(gan)[own])
        return (np.array(moved) - np.float32(where)) / step_size

    return field


def step_map(gan, examples: int):
    """Returns the map (θ, ψ) -> (θ, ψ) of one whole training step of any update rule."""
    data, seed = game.batch(gan, examples), gan.seed_generator.state.numpy()

    def step(where) -> np.ndarray:
        game.place(gan, where)
        gan.seed_generator.state.assign(seed)
        gan.train_on_batch(data)
        return game.point(gan)

    return step


def jacobian(function) -> np.ndarray:
    """Returns the derivative at the equilibrium by central differences, [2, 2]."""
    columns = [(function(d) - function(-d)) / (2.0 * DIFFERENCE) for d in DIFFERENCE * np.eye(2)]
    return np.stack(columns, axis=1)


def flow_eigenvalues(gamma: float, slope: float = 0.5) -> np.ndarray:
    """Returns -γ/2 ± √(γ²/4 - s²), arXiv:1801.04406, section 4.1; critical at γ = 2s."""
    root = np.emath.sqrt(gamma**2 / 4.0 - slope**2)
    return np.array([-gamma / 2.0 + root, -gamma / 2.0 - root])


def simultaneous_eigenvalues(gamma: float, slope: float = 0.5, step_size: float = game.STEP_SIZE) -> np.ndarray:
    """Returns the eigenvalues of one step of both players at once: 1 + hλ."""
    return 1.0 + step_size * flow_eigenvalues(gamma, slope)


def alternating_eigenvalues(
    gamma: float, slope: float = 0.5, step_size: float = game.STEP_SIZE, critic_steps: int = 1
) -> np.ndarray:
    """Returns the eigenvalues of n critic steps and one generator step.

    A critic step multiplies ψ by a = 1 - hγ and subtracts hsθ, so n of them give aⁿψ - bθ with
    b = hs·(1 + a + … + aⁿ⁻¹). The generator then adds hs times the new ψ to θ. That matrix has the trace
    1 + aⁿ - hsb and the determinant aⁿ.
    """
    a = 1.0 - step_size * gamma
    b = step_size * slope * sum(a**k for k in range(critic_steps))
    trace, determinant = 1.0 + a**critic_steps - step_size * slope * b, a**critic_steps
    root = np.emath.sqrt(trace**2 / 4.0 - determinant)
    return np.array([trace / 2.0 + root, trace / 2.0 - root])


def unrolled_step(gamma: float, unroll: int, slope: float = 0.5, step_size: float = game.STEP_SIZE) -> np.ndarray:
    """Returns the matrix of one critic step and one step of a generator that foresees k more; [2, 2], on (θ, ψ).

    The foreseen critic is aᵏψ - bθ, with a and b as above, and the generator ascends s times its value at θ,
    aᵏψθ - bθ²: it feels b twice. So unrolling damps θ as a penalty damps ψ.
    """
    a = 1.0 - step_size * gamma
    b = step_size * slope * sum(a**k for k in range(unroll))
    critic = np.array([[1.0, 0.0], [-step_size * slope, a]])
    generator = np.array([[1.0 - 2.0 * step_size * slope * b, step_size * slope * a**unroll], [0.0, 1.0]])
    return generator @ critic


def noise_as_gamma(stddev: float) -> float:
    """Returns the γ that instance noise of this standard deviation amounts to with a logistic loss: σ²/2.

    The critic's loss is then curved: its second derivative in ψ is 2·|f''(0)|·σ², and f''(0) = -¼.
    """
    return stddev**2 / 2.0
