from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Session")


@_attrs_define
class Session:
    """One sign-in on one device.

    Attributes:
        id (UUID):
        user_agent (str): Of the login or the last refresh.
        created_at (datetime.datetime):
        rotated_at (datetime.datetime): The last refresh, to the hour; one of the last day is shown as a day ago.
        expires_at (datetime.datetime): At the earliest, to the hour.
        repeated (bool): A refresh token was repeated, and its answer given again.
        is_current (bool): Whether this request belongs to it.
    """

    id: UUID
    user_agent: str
    created_at: datetime.datetime
    rotated_at: datetime.datetime
    expires_at: datetime.datetime
    repeated: bool
    is_current: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        user_agent = self.user_agent

        created_at = self.created_at.isoformat()

        rotated_at = self.rotated_at.isoformat()

        expires_at = self.expires_at.isoformat()

        repeated = self.repeated

        is_current = self.is_current

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_agent": user_agent,
                "created_at": created_at,
                "rotated_at": rotated_at,
                "expires_at": expires_at,
                "repeated": repeated,
                "is_current": is_current,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_agent = d.pop("user_agent")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        rotated_at = datetime.datetime.fromisoformat(d.pop("rotated_at"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        repeated = d.pop("repeated")

        is_current = d.pop("is_current")

        session = cls(
            id=id,
            user_agent=user_agent,
            created_at=created_at,
            rotated_at=rotated_at,
            expires_at=expires_at,
            repeated=repeated,
            is_current=is_current,
        )

        session.additional_properties = d
        return session

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
