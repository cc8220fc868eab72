from enum import StrEnum


class ProfileNotFoundCode(StrEnum):
    PROFILE_NOT_FOUND = "profile_not_found"

    def __str__(self) -> str:
        return str(self.value)
