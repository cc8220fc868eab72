from enum import StrEnum


class AuthenticationFailedNotAuthenticatedTokenInvalidCode(StrEnum):
    AUTHENTICATION_FAILED = "authentication_failed"
    NOT_AUTHENTICATED = "not_authenticated"
    TOKEN_INVALID = "token_invalid"

    def __str__(self) -> str:
        return str(self.value)
