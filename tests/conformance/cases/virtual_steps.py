"""Virtual steps: values, their gradients."""

from tests.conformance.case import Case

VALUES = ((5, 3), (5, 3))
ADAM = {"learning_rate": 0.01, "beta_1": 0.6, "beta_2": 0.9, "epsilon": 1e-3, "moments": "zero"}

CASES = [
    Case("training.VirtualAdam", ADAM, VALUES),
    Case("training.VirtualSGD", {"learning_rate": 0.1}, VALUES),
]
