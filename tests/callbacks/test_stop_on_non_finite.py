"""Training that breaks down ends with the name of what broke first."""

import types

import pytest

from tests.callbacks.tiny import BreaksAfter, BreaksGradientAfter, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import Checkpointing, ImageGrid, MetricsLog, StopOnNonFinite
from tfgan_tricks.callbacks.checkpoints import latest
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.callbacks.stop_on_non_finite import NonFiniteError, non_finite

CASES = {
    "a term of the discriminator": ([BreaksAfter(images=16)], "breaks"),
    "an infinite one": ([BreaksAfter(images=16, value=float("inf"))], "breaks"),
    "a term of the generator": ([BreaksAfter(images=16, player="generator", name="zzz")], "zzz"),
    "the discriminator's before the generator's": (
        [BreaksAfter(images=16, player="generator", name="aaa"), BreaksAfter(images=16, name="zzz")],
        "zzz",
    ),
    "the first of two": ([BreaksAfter(images=16, name="zzz"), BreaksAfter(images=16, name="aaa")], "zzz"),
    "a gradient of a finite loss": ([BreaksGradientAfter(images=16)], "discriminator_gradient_norm"),
    "the generator's gradient": ([BreaksGradientAfter(images=16, player="generator")], "generator_gradient_norm"),
}


@pytest.mark.parametrize(("terms", "first"), CASES.values(), ids=CASES.keys())
def test_the_first_bad_quantity_is_named(terms, first):
    gan = tiny_gan(terms=terms)
    callback = StopOnNonFinite()
    with pytest.raises(NonFiniteError, match=f"'{first}' is not finite") as raised:
        gan.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[callback])
    assert (callback.bad[0], callback.images, callback.step) == (first, 24, 3)  # the third step of eight images
    assert "at 24 images, step 3 of its epoch, in " + first in str(raised.value)
    assert int(gan.images_seen.numpy()) == 24


@pytest.mark.parametrize("first", [True, False])
def test_the_last_good_checkpoint_is_kept_in_any_order_of_callbacks(tmp_path, first):
    others = [
        Checkpointing(tmp_path / "checkpoints", every_images=8),
        ImageGrid(tmp_path / "samples", every_images=8, count=2),
        MetricsLog(tmp_path / "metrics.jsonl", every_images=8),
    ]
    callbacks = [StopOnNonFinite(), *others] if first else [*others, StopOnNonFinite()]
    with pytest.raises(NonFiniteError):
        tiny_gan(terms=[BreaksAfter(images=16)]).fit(tiny_dataset(), verbose=0, callbacks=callbacks)
    assert latest(tmp_path / "checkpoints").name == "checkpoint-000000000016.keras"
    assert [row["breaks"] for row in read_rows(tmp_path / "metrics.jsonl")] == [0.0, 0.0, None]
    assert (tmp_path / "samples" / "film.gif").exists() is not first


def test_good_training_is_left_alone():
    gan = tiny_gan()
    gan.fit(tiny_dataset(), verbose=0, callbacks=[StopOnNonFinite()])
    assert int(gan.images_seen.numpy()) == 32


def test_everything_within_a_step_has_its_place():
    term = BreaksAfter(images=0, name="middle")
    gan = tiny_gan(terms=[term])
    expected = [
        *("real_logits", "fake_logits", "real_probability", "fake_probability", "discriminator_accuracy"),
        *("fooled_share", "discriminator_real_loss", "discriminator_fake_loss", "middle"),
        *("discriminator_loss", "discriminator_gradient_norm"),
        *("generator_fake_loss", "generator_loss", "generator_gradient_norm"),
    ]
    names = {metric.name for metric in gan.metrics}
    assert set(expected) == names
    assert non_finite(gan, dict.fromkeys(sorted(names), float("nan"))) == expected


def test_validation_and_finite_numbers_do_not_count():
    model = types.SimpleNamespace(metrics=[])
    assert non_finite(model, {"val_generator_loss": float("nan"), "other": 1.0}) == []
    assert non_finite(model, {"other": float("-inf")}) == ["other"]
