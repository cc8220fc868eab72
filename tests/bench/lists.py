"""What lists cost where there are a million rows, against what they cost where there are a thousand."""

from local.config import Config


def measure(config: Config) -> None:
    raise NotImplementedError
