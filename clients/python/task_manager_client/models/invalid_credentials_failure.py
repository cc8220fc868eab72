from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.invalid_credentials_error import InvalidCredentialsError


T = TypeVar("T", bound="InvalidCredentialsFailure")


@_attrs_define
class InvalidCredentialsFailure:
    """
    Attributes:
        success (bool):
        message (str): For people.
        data (None):
        error (InvalidCredentialsError):
        request_id (None | str): Also in X-Request-ID and in every line of the logs.
    """

    success: bool
    message: str
    data: None
    error: InvalidCredentialsError
    request_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        success = self.success

        message = self.message

        data = self.data

        error = self.error.to_dict()

        request_id: None | str
        request_id = self.request_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "success": success,
                "message": message,
                "data": data,
                "error": error,
                "request_id": request_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.invalid_credentials_error import InvalidCredentialsError  # noqa: PLC0415

        d = dict(src_dict)
        success = d.pop("success")

        message = d.pop("message")

        data = d.pop("data")

        error = InvalidCredentialsError.from_dict(d.pop("error"))

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        invalid_credentials_failure = cls(
            success=success,
            message=message,
            data=data,
            error=error,
            request_id=request_id,
        )

        invalid_credentials_failure.additional_properties = d
        return invalid_credentials_failure

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
