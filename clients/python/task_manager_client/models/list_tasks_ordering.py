from enum import StrEnum


class ListTasksOrdering(StrEnum):
    CREATED_AT = "created_at"
    DUE_AT = "due_at"
    PRIORITY = "priority"
    TITLE = "title"
    UPDATED_AT = "updated_at"
    VALUE_1 = "-created_at"
    VALUE_3 = "-updated_at"
    VALUE_5 = "-due_at"
    VALUE_7 = "-priority"
    VALUE_9 = "-title"

    def __str__(self) -> str:
        return str(self.value)
