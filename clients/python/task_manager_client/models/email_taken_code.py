from enum import StrEnum


class EmailTakenCode(StrEnum):
    EMAIL_TAKEN = "email_taken"

    def __str__(self) -> str:
        return str(self.value)
