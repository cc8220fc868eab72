from enum import StrEnum


class BadRequestValidationErrorCode(StrEnum):
    BAD_REQUEST = "bad_request"
    VALIDATION_ERROR = "validation_error"

    def __str__(self) -> str:
        return str(self.value)
