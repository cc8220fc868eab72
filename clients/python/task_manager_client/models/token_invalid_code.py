from enum import StrEnum


class TokenInvalidCode(StrEnum):
    TOKEN_INVALID = "token_invalid"

    def __str__(self) -> str:
        return str(self.value)
