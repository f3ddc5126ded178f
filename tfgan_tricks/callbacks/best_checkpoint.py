"""The checkpoint that a metric likes best, beside those that training goes on from."""

from typing import Any

import keras
from absl import logging

from tfgan_tricks.callbacks.checkpoints import DamagedCheckpointError, check, checkpoint_path, checkpoints, save
from tfgan_tricks.files import prepare_directory
from tfgan_tricks.run_folder import RunFolder


class BestCheckpoint:
    """Keeps the model with the best first result in the folder `best` of a run.

    The rows of the evaluations file say which these were ("best" is true), so a resumed run knows it. A model that was
    best before stays until the run can no longer go back to before it was beaten.

    Args:
        folder: of the run.
        higher_is_better: of the metric that decides.
    """

    def __init__(self, folder: RunFolder, higher_is_better: bool):
        self.folder = folder
        self.higher_is_better = higher_is_better

    def start(self, gan: keras.Model, rows: list[dict], images: int, measured_as: dict[str, Any]) -> None:
        """Finds the best so far; only what was measured by the same protocol can be compared.

        Args:
            gan: the model, at `images` images seen.
            rows: of the evaluations file up to there.
            images: images seen.
            measured_as: protocol of the metric that decides.
        """
        prepare_directory(self.folder.best)
        self.rows = [row for row in rows if row.get("best")]
        self.current = self.rows[-1] if self.rows else None
        if self.current is not None and self.current["results"][0]["protocol"] != measured_as:
            logging.info("The best checkpoint was chosen by another measurement; the next evaluation replaces it.")
            self.current = None
        if self.current is not None and not self._is_there(self.current["images_seen"]):
            if self.current["images_seen"] == images:
                save(gan, checkpoint_path(self.folder.best, images))
            else:
                logging.warning("The best checkpoint, at %d images, is gone.", self.current["images_seen"])
                self.current = None

    def improves(self, value: float) -> bool:
        """Returns whether a value is better than the best so far."""
        if self.current is None:
            return True
        best = self.current["results"][0]["value"]
        return value > best if self.higher_is_better else value < best

    def keep(self, gan: keras.Model, images: int) -> None:
        """Saves the model; `added` tells when its row is written."""
        save(gan, checkpoint_path(self.folder.best, images))

    def added(self, row: dict) -> None:
        """Takes note of a row, and removes the checkpoints that nothing needs any more."""
        if row["best"]:
            self.rows.append(row)
            self.current = row
        self.prune()

    def prune(self) -> None:
        """Removes all but the best, and the one that is best for a run that goes back to its last checkpoint."""
        back = max(checkpoints(self.folder.checkpoints), default=0)
        needed = {self.rows[-1]["images_seen"]} if self.rows else set()
        needed |= {row["images_seen"] for row in [row for row in self.rows if row["images_seen"] <= back][-1:]}
        for images, path in checkpoints(self.folder.best).items():
            if images not in needed:
                path.unlink(missing_ok=True)

    def _is_there(self, images: int) -> bool:
        try:
            check(checkpoint_path(self.folder.best, images))
        except DamagedCheckpointError as error:
            logging.warning("The best checkpoint cannot be used: %s", error)
            return False
        return True
