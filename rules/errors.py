"""The one way in which data can be wrong."""

from pathlib import Path


class DataError(ValueError):
    """A data file says something it may not say; the text names file, key and what to do."""

    def __init__(self, file: Path | str, key: str, problem: str) -> None:
        self.file = f"{file.parent.name}/{file.name}" if isinstance(file, Path) else file
        self.key = key
        self.problem = problem
        super().__init__(f"{self.file}: {key}: {problem}" if key else f"{self.file}: {problem}")
