from enum import StrEnum


class GatewayTimeoutCode(StrEnum):
    GATEWAY_TIMEOUT = "gateway_timeout"

    def __str__(self) -> str:
        return str(self.value)
