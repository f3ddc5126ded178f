"""`tfgan-tricks evaluate`."""

from absl import flags

from tfgan_tricks import evaluation, evaluation_folders
from tfgan_tricks.callbacks.generated_samples import WEIGHTS
from tfgan_tricks.cli.command import required
from tfgan_tricks.evaluation_choices import METRICS, split_list


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    flags.DEFINE_string("workdir", None, "Folder of the run.", flag_values=values)
    flags.DEFINE_string("real", None, "Folder of real images, in place of a run.", flag_values=values)
    flags.DEFINE_string("fake", None, "Folder of generated images, in place of a run.", flag_values=values)
    text = f"What to measure: {', '.join(METRICS)}, or calls such as KID(subset_size=50)."
    flags.DEFINE_string("metrics", "fid,pr", text, flag_values=values)
    text = "What to compare: classifier (trained on the labelled data), identity (the pixels), or inception[:FILE]."
    flags.DEFINE_string("features", "", text, flag_values=values)
    text = "Images of each side; of a run half of the data, at most 10,000, and of folders all unless given."
    flags.DEFINE_integer("count", None, text, lower_bound=1, flag_values=values)
    flags.DEFINE_bool("json", False, "Print one line of JSON.", flag_values=values)
    flags.DEFINE_enum("split", "train", ["train", "test"], "Part of a run's data.", flag_values=values)
    flags.DEFINE_enum("weights", "averaged", WEIGHTS, "Of a run's generator.", flag_values=values)
    text = "Of a run; both unless given, if there is a best one."
    flags.DEFINE_enum("checkpoint", None, evaluation.CHECKPOINTS, text, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Seed of a run's latents.", lower_bound=0, flag_values=values)
    text = "Side that all images of two folders are resized to."
    flags.DEFINE_integer("resolution", None, text, lower_bound=1, flag_values=values)
    text = "What to do with an image of two folders that cannot be used."
    flags.DEFINE_enum("on_error", "raise", ["raise", "skip"], text, flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Measures a run: --workdir DIR [--metrics fid,pr ...], or two folders of images: --real DIR --fake DIR."""
    how: dict = {"metrics": split_list(required(values, "metrics")), "features": values["features"].value or ""}
    how["count"] = values["count"].value
    folders = any(values[side].present for side in ("real", "fake"))
    of_runs, of_folders = ("workdir", "split", "weights", "checkpoint", "seed"), ("resolution", "on_error")
    for flag in of_runs if folders else of_folders:
        if values[flag].present:
            raise flags.Error(f"--{flag} is for {'a run' if folders else 'two folders'}: leave it out.")
    if folders:
        chosen: dict = {name: values[name].value for name in of_folders}
        sides = {side: required(values, side) for side in ("real", "fake")}
        found = [evaluation_folders.evaluate_folders(**sides, **how, **chosen)]
    else:
        chosen = {name: values[name].value for name in ("split", "weights", "seed")}
        chosen["checkpoint"] = values["checkpoint"].value or ""
        found = evaluation.evaluate_run(required(values, "workdir"), **how, **chosen)
    print(evaluation.as_json(found) if values["json"].value else "\n".join(x for e in found for x in e.lines()))
