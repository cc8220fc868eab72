from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.token_invalid_code import TokenInvalidCode

if TYPE_CHECKING:
    from ..models.token_invalid_error_details_type_0 import TokenInvalidErrorDetailsType0


T = TypeVar("T", bound="TokenInvalidError")


@_attrs_define
class TokenInvalidError:
    """
    Attributes:
        code (TokenInvalidCode): A stable word for programs.
        details (None | TokenInvalidErrorDetailsType0): Messages by field; for a list of objects, by position and field.
    """

    code: TokenInvalidCode
    details: None | TokenInvalidErrorDetailsType0
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.token_invalid_error_details_type_0 import (
            TokenInvalidErrorDetailsType0,  # noqa: PLC0415
        )

        code = self.code.value

        details: dict[str, Any] | None
        if isinstance(self.details, TokenInvalidErrorDetailsType0):
            details = self.details.to_dict()
        else:
            details = self.details

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "details": details,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.token_invalid_error_details_type_0 import (
            TokenInvalidErrorDetailsType0,  # noqa: PLC0415
        )

        d = dict(src_dict)
        code = TokenInvalidCode(d.pop("code"))

        def _parse_details(data: object) -> None | TokenInvalidErrorDetailsType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                details_type_0 = TokenInvalidErrorDetailsType0.from_dict(data)

                return details_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TokenInvalidErrorDetailsType0, data)

        details = _parse_details(d.pop("details"))

        token_invalid_error = cls(
            code=code,
            details=details,
        )

        token_invalid_error.additional_properties = d
        return token_invalid_error

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
