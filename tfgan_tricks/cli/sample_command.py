"""`tfgan-tricks sample`."""

from absl import flags

from tfgan_tricks import run_results
from tfgan_tricks.cli.command import required


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    flags.DEFINE_string("workdir", None, "Folder of the run.", flag_values=values)
    flags.DEFINE_string("output", None, "Folder to write to; DIR/generated unless given.", flag_values=values)
    flags.DEFINE_integer("count", 64, "How many images.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Seed of the latents; the same seed gives the same images.", flag_values=values)
    flags.DEFINE_bool("grid", False, "Write one picture with all images.", flag_values=values)
    flags.DEFINE_bool("npz", False, "Write one .npz file with an array 'images', uint8.", flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Draws images: --workdir DIR --count N --seed S [--grid | --npz]; one PNG each unless told otherwise."""
    if values["grid"].value and values["npz"].value:
        raise flags.Error("--grid and --npz exclude each other: choose one form.")
    form = "grid" if values["grid"].value else "npz" if values["npz"].value else "files"
    workdir = required(values, "workdir")
    paths = run_results.sample(
        workdir, required(values, "count"), required(values, "seed"), form, values["output"].value
    )
    print(f"Wrote {paths[0]}" if len(paths) == 1 else f"Wrote {len(paths)} images to {paths[0].parent}")
