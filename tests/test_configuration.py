"""Texts become objects through the package's lists of names, and nothing else does."""

import keras
import pytest

import tfgan_tricks as tt
from tfgan_tricks.configuration import build, build_all
from tfgan_tricks.configuration.registry import KINDS, registry


def test_a_call_becomes_the_object_it_would_be_in_python():
    assert build("R1(gamma=0.5, every=16)", "penalties") == tt.penalties.R1(gamma=0.5, every=16)
    assert build("Hinge", "losses.adversarial") == tt.losses.adversarial.Hinge()
    smoothed = build("NonSaturating(label_smoothing=(0.7, 1.2))", "losses.adversarial")
    assert smoothed.label_smoothing == (0.7, 1.2)
    noise = build("InstanceNoise(Linear(0.1, -0.0, images=500_000))", "inputs")
    assert noise.stddev == tt.schedules.Linear(0.1, 0.0, images=500_000)
    assert build("LeastSquares(-1.0, b=1)", "losses.adversarial").a == -1.0


def test_every_optimizer_of_keras_is_known_by_name():
    optimizer = build("Adam(1e-4, beta_1=0.0, clipnorm=1.0)", "optimizers")
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert optimizer.clipnorm == 1.0
    assert {"SGD", "RMSprop", "AdamW", "Lion"} <= set(registry("optimizers"))


def test_defaults_apply_unless_the_text_says_otherwise():
    generator, _ = build("sngan_cnn(width=8, channels=2)", "architectures", resolution=16, channels=1, latent_dim=5)
    assert generator.output_shape == (None, 16, 16, 2)
    assert generator.input_shape == (None, 5)


def test_empty_texts_are_none():
    assert build_all(("", "R1()"), "penalties") == [tt.penalties.R1()]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Hinje()", "losses.adversarial", ["Hinje", "did you mean 'Hinge'"]),
        ("hinge()", "losses.adversarial", ["did you mean 'Hinge'"]),
        ("Quokka()", "losses.adversarial", ["Quokka", "Wasserstein", "tfgan-tricks list"]),
        ("R1(gama=1.0)", "penalties", ["gama", "did you mean 'gamma'"]),
        ("Hinge(label_smoothing=0.1)", "losses.adversarial", ["label_smoothing", "without arguments"]),
        ("R1(1.0, 2, 'a', 4)", "penalties", ["too many"]),
        ("InstanceNoise(Liner(0.1, 0.0, images=5))", "inputs", ["Liner", "did you mean 'Linear'"]),
        ("R1(gamma=__import__('os').system('true'))", "penalties", ["only plain names"]),
        ("R1(gamma=1 if True else 2)", "penalties", ["not a number"]),
        ("R1(**{'gamma': 1})", "penalties", ["only plain names"]),
        ("open('/etc/passwd')", "penalties", ["Unknown name 'open'"]),
        ("R1(", "penalties", ["does not describe"]),
        ("3 + 4", "penalties", ["neither a name nor a call"]),
        ("", "penalties", ["does not describe"]),
        ("(" * 900, "penalties", ["does not describe"]),
        ("R1(gamma=" + "-" * 900 + "1)", "penalties", ["does not describe"]),
        ("R1(gamma=" + "-" * 100_000 + "1)", "penalties", ["does not describe"]),
        ("Adam(learning_rat=1.0)", "optimizers", ["did you mean 'learning_rate'"]),
        ("Term()", "penalties", ["Unknown name"]),
    ],
)
def test_anything_else_is_an_error_that_says_what_was_meant(text, kind, words):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words below are the match
        build(text, kind, "config.field")
    message = str(error.value)
    for word in ["Received:", "Expected:", "Fix:", "config.field", *words]:
        assert word in message


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="did you mean 'penalties'"):
        registry("penalty")


def test_protocols_are_not_offered_as_components():
    offered = {name for kind in KINDS for name in registry(kind)}
    assert not offered & {"AdversarialLoss", "InputTransform", "Prior", "Schedule", "Task", "Term"}
