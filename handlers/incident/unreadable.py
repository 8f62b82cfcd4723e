"""What is raised where an answer cannot be read."""


class Unreadable(ValueError):
    """An answer that cannot be read; `problem` is the message that says how to write it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)
