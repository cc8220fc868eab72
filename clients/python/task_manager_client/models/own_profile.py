from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OwnProfile")


@_attrs_define
class OwnProfile:
    """The caller's profile, or their identity with empty fields while there is none.

    Attributes:
        user_id (UUID):
        full_name (str):
        email (str): Contact data; null is the account's address.
        bio (str):
        timezone (str): A name of the IANA time zone database.
        created_at (datetime.datetime | None):
        updated_at (datetime.datetime | None):
        profile_created (bool):
    """

    user_id: UUID
    full_name: str
    email: str
    bio: str
    timezone: str
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    profile_created: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = str(self.user_id)

        full_name = self.full_name

        email = self.email

        bio = self.bio

        timezone = self.timezone

        created_at: None | str
        if isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        profile_created = self.profile_created

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "full_name": full_name,
                "email": email,
                "bio": bio,
                "timezone": timezone,
                "created_at": created_at,
                "updated_at": updated_at,
                "profile_created": profile_created,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = UUID(d.pop("user_id"))

        full_name = d.pop("full_name")

        email = d.pop("email")

        bio = d.pop("bio")

        timezone = d.pop("timezone")

        def _parse_created_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_at_type_0 = datetime.datetime.fromisoformat(data)

                return created_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        created_at = _parse_created_at(d.pop("created_at"))

        def _parse_updated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        updated_at = _parse_updated_at(d.pop("updated_at"))

        profile_created = d.pop("profile_created")

        own_profile = cls(
            user_id=user_id,
            full_name=full_name,
            email=email,
            bio=bio,
            timezone=timezone,
            created_at=created_at,
            updated_at=updated_at,
            profile_created=profile_created,
        )

        own_profile.additional_properties = d
        return own_profile

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
