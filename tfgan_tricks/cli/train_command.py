"""`tfgan-tricks train`."""

from absl import flags

from tfgan_tricks import experiment, run_results
from tfgan_tricks.cli.command import StoppedError, define_config, required
from tfgan_tricks.distribution.strategy import STRATEGIES
from tfgan_tricks.output import say_line


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    define_config(values, argv)
    flags.DEFINE_string("workdir", None, "Folder of the run; give the same one again to go on.", flag_values=values)
    help_text = "Go on although the config differs from the one the run was started with."
    how = "Where to train: auto, one_device, mirrored (all GPUs), multi_worker or tpu."
    flags.DEFINE_enum("strategy", "auto", STRATEGIES, how, flag_values=values)
    limit = "Minutes after which training stops, saved; the same command goes on. For queues with a time limit."
    flags.DEFINE_float("max_minutes", None, limit, lower_bound=0.0, flag_values=values)
    flags.DEFINE_bool("allow_config_change", False, help_text, flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Trains a GAN: --config FILE[:VARIANT] --workdir DIR [--strategy S] [--max_minutes M] [--config.field=value]."""
    config, workdir = required(values, "config"), required(values, "workdir")
    strategy, change = required(values, "strategy"), bool(values["allow_config_change"].value)
    limit = values["max_minutes"].value
    gan = experiment.train(config, workdir, change, tell=say_line, strategy=strategy, max_minutes=limit)
    if gan.interrupted:
        raise StoppedError(run_results.stopped(gan, workdir))
    if gan.is_chief:
        say_line("\n".join(run_results.summary(gan, config, workdir)))
