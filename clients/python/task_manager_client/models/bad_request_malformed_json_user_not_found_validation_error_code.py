from enum import StrEnum


class BadRequestMalformedJsonUserNotFoundValidationErrorCode(StrEnum):
    BAD_REQUEST = "bad_request"
    MALFORMED_JSON = "malformed_json"
    USER_NOT_FOUND = "user_not_found"
    VALIDATION_ERROR = "validation_error"

    def __str__(self) -> str:
        return str(self.value)
