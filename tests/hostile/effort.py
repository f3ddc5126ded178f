"""How many examples Hypothesis makes up: always the same few, or thousands of new ones."""

from hypothesis import HealthCheck, Phase, settings

UNHURRIED = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
FEW = settings(derandomize=True, max_examples=150, phases=[Phase.explicit, Phase.generate, Phase.shrink], **UNHURRIED)
MANY = settings(max_examples=5_000, print_blob=True, **UNHURRIED)
