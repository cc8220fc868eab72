from enum import StrEnum


class ProfileExistsCode(StrEnum):
    PROFILE_EXISTS = "profile_exists"

    def __str__(self) -> str:
        return str(self.value)
