"""The one error of the engine package: a sentence, and what to do about it."""


class EngineError(Exception):
    """The Pulumi engine can't be found, fetched or built.

    `message` is one sentence: what failed and why. `advice` is one line on what to do.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message}\n{advice}")
        self.message = message
        self.advice = advice
