from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.linked_task_resource import LinkedTaskResource
    from ..models.user import User


T = TypeVar("T", bound="UserTasks")


@_attrs_define
class UserTasks:
    """A user and their newest tasks.

    Attributes:
        user (User): A user of the resource API: a profile by its account's id.
        tasks (list[LinkedTaskResource] | None): The newest 100; null while task_svc is unavailable.
        degraded (bool): Whether task_svc is unavailable.
    """

    user: User
    tasks: list[LinkedTaskResource] | None
    degraded: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user = self.user.to_dict()

        tasks: list[dict[str, Any]] | None
        if isinstance(self.tasks, list):
            tasks = []
            for tasks_type_0_item_data in self.tasks:
                tasks_type_0_item = tasks_type_0_item_data.to_dict()
                tasks.append(tasks_type_0_item)

        else:
            tasks = self.tasks

        degraded = self.degraded

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user": user,
                "tasks": tasks,
                "degraded": degraded,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.linked_task_resource import LinkedTaskResource  # noqa: PLC0415
        from ..models.user import User  # noqa: PLC0415

        d = dict(src_dict)
        user = User.from_dict(d.pop("user"))

        def _parse_tasks(data: object) -> list[LinkedTaskResource] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tasks_type_0 = []
                _tasks_type_0 = data
                for tasks_type_0_item_data in _tasks_type_0:
                    tasks_type_0_item = LinkedTaskResource.from_dict(tasks_type_0_item_data)

                    tasks_type_0.append(tasks_type_0_item)

                return tasks_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[LinkedTaskResource] | None, data)

        tasks = _parse_tasks(d.pop("tasks"))

        degraded = d.pop("degraded")

        user_tasks = cls(
            user=user,
            tasks=tasks,
            degraded=degraded,
        )

        user_tasks.additional_properties = d
        return user_tasks

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
