from enum import StrEnum


class BadGatewayCode(StrEnum):
    BAD_GATEWAY = "bad_gateway"

    def __str__(self) -> str:
        return str(self.value)
