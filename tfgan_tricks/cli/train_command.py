"""`tfgan-tricks train`."""

from absl import flags

from tfgan_tricks import experiment, run_results
from tfgan_tricks.cli.command import define_config, required


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    define_config(values, argv)
    flags.DEFINE_string("workdir", None, "Folder of the run; give the same one again to go on.", flag_values=values)
    help_text = "Go on although the config differs from the one the run was started with."
    flags.DEFINE_bool("allow_config_change", False, help_text, flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Trains a GAN: --config FILE[:VARIANT] --workdir DIR [--config.field=value ...]."""
    config, workdir = required(values, "config"), required(values, "workdir")
    gan = experiment.train(config, workdir, bool(values["allow_config_change"].value), tell=print)
    print("\n".join(run_results.summary(gan, config, workdir)))
