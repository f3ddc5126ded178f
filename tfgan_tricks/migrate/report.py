"""What a migration did."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class MigrationReport:
    """What went where when weights were migrated, and what did not; print it to read it.

    Attributes:
        path: the file that was read.
        assigned: path of each weight of the model, and the weight of the file that it got.
        skipped: what the file also holds, and why it was not read.
        spectral_norms: name of each spectral-normalised layer of the model, and σ of the kernel it got. At inference
            tensorflow-addons uses the kernel as it lies in the file, and this package divides it by σ.
        notes: settings that differ or that the file does not tell, in words.
    """

    path: str
    assigned: dict[str, str]
    skipped: dict[str, str]
    spectral_norms: dict[str, float]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.path}: {len(self.assigned)} weights"]
        lines += [f"  {ours} <- {theirs}" for ours, theirs in self.assigned.items()]
        lines += [f"  not read: {name}: {reason}" for name, reason in self.skipped.items()]
        lines += [f"  sigma of {name}: {sigma:.6g}" for name, sigma in self.spectral_norms.items()]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])
