from enum import StrEnum


class BadRequestSearchTooSlowValidationErrorCode(StrEnum):
    BAD_REQUEST = "bad_request"
    SEARCH_TOO_SLOW = "search_too_slow"
    VALIDATION_ERROR = "validation_error"

    def __str__(self) -> str:
        return str(self.value)
