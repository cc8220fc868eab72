from enum import StrEnum


class BadRequestMalformedJsonValidationErrorCode(StrEnum):
    BAD_REQUEST = "bad_request"
    MALFORMED_JSON = "malformed_json"
    VALIDATION_ERROR = "validation_error"

    def __str__(self) -> str:
        return str(self.value)
