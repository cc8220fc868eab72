from enum import StrEnum


class ListTaskResourcesOrdering(StrEnum):
    CREATEDAT = "createdAt"
    DUEAT = "dueAt"
    PRIORITY = "priority"
    TITLE = "title"
    UPDATEDAT = "updatedAt"
    VALUE_1 = "-createdAt"
    VALUE_3 = "-updatedAt"
    VALUE_5 = "-dueAt"
    VALUE_7 = "-priority"
    VALUE_9 = "-title"

    def __str__(self) -> str:
        return str(self.value)
