"""What is said where the operator cannot read as a workload."""


class UnreachableError(Exception):
    """The operator cannot read a secret as the workload: what is missing, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy
