"""Each update rule from a config's text: trained, interrupted, gone on with, sampled."""

import json

import pytest

from tests.cli.test_commands import TINY, mistake, state
from tfgan_tricks import training
from tfgan_tricks.cli.main import main
from tfgan_tricks.run_results import load_run

RULES = {
    "OneStageGAN": "OneStageGAN()",
    "UnrolledGAN": "UnrolledGAN(unroll=1, virtual_optimizer=VirtualAdam(beta_1=0.5))",
    "SingleLossGAN": "SingleLossGAN()",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_run_trains_goes_on_exactly_and_is_sampled(rule, tmp_path):
    whole, halved = tmp_path / "whole", tmp_path / "halved"
    arguments = [*TINY, f"--config.update_rule={RULES[rule]}", "--config.class_summary=0"]
    assert main(["train", *arguments, "--workdir", str(whole)]) == 0
    assert main(["train", *arguments, "--workdir", str(halved), "--config.images=32"]) == 0
    assert main(["train", *arguments, "--workdir", str(halved), "--allow_config_change"]) == 0
    assert all((one == other).all() for one, other in zip(state(whole), state(halved), strict=True))
    gan, _ = load_run(whole)
    assert type(gan) is getattr(training, rule)
    assert main(["sample", "--workdir", str(whole), "--count", "2", "--output", str(tmp_path / "drawn")]) == 0
    lines = [json.loads(line) for line in (whole / "metrics.jsonl").read_text().splitlines()]
    assert [line["images_seen"] for line in lines] == [32, 64]
    assert ("generator_gradient_norm" in lines[0]) == gan.logs_gradients


def test_what_is_no_update_rule_is_refused(capsys, tmp_path):
    message = mistake(capsys, "train", *TINY, "--config.update_rule=VirtualSGD()", "--workdir", str(tmp_path))
    assert "update_rule" in message


def test_a_single_loss_has_no_critic_steps(capsys, tmp_path):
    arguments = [*TINY, "--config.update_rule=SingleLossGAN()", "--config.critic_steps=2"]
    message = mistake(capsys, "train", *arguments, "--workdir", str(tmp_path))
    assert "critic_steps" in message
    assert "use GAN" in message
