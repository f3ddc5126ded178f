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
    help_text = "Write a film in which images turn into others along great circles, in so many frames."
    flags.DEFINE_integer("interpolate", None, help_text, lower_bound=2, flag_values=values)
    flags.DEFINE_bool("npz", False, "Write one .npz file with an array 'images', uint8.", flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Draws images: --workdir DIR --count N --seed S [--grid | --npz | --interpolate FRAMES]; else one PNG each."""
    if sum(bool(values[form].value) for form in ("grid", "npz", "interpolate")) > 1:
        raise flags.Error("--grid, --npz and --interpolate exclude each other: choose one form.")
    form = "grid" if values["grid"].value else "npz" if values["npz"].value else "files"
    workdir = required(values, "workdir")
    how = {"count": required(values, "count"), "seed": required(values, "seed"), "output": values["output"].value}
    if values["interpolate"].value:
        print(f"Wrote {run_results.interpolate(workdir, steps=values['interpolate'].value, **how)}")
        return
    paths = run_results.sample(workdir, form=form, **how)
    print(f"Wrote {paths[0]}" if len(paths) == 1 else f"Wrote {len(paths)} images to {paths[0].parent}")
