from enum import StrEnum


class ThrottledCode(StrEnum):
    THROTTLED = "throttled"

    def __str__(self) -> str:
        return str(self.value)
