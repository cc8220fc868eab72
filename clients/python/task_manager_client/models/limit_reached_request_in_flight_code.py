from enum import StrEnum


class LimitReachedRequestInFlightCode(StrEnum):
    LIMIT_REACHED = "limit_reached"
    REQUEST_IN_FLIGHT = "request_in_flight"

    def __str__(self) -> str:
        return str(self.value)
