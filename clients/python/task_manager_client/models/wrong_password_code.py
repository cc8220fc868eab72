from enum import StrEnum


class WrongPasswordCode(StrEnum):
    WRONG_PASSWORD = "wrong_password"

    def __str__(self) -> str:
        return str(self.value)
