from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.bad_request_malformed_json_validation_error_code import (
    BadRequestMalformedJsonValidationErrorCode,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bad_request_malformed_json_validation_error_error_details_type_0 import (
        BadRequestMalformedJsonValidationErrorErrorDetailsType0,
    )
    from ..models.field_error import FieldError


T = TypeVar("T", bound="BadRequestMalformedJsonValidationErrorError")


@_attrs_define
class BadRequestMalformedJsonValidationErrorError:
    """
    Attributes:
        code (BadRequestMalformedJsonValidationErrorCode): A stable word for programs.
        details (BadRequestMalformedJsonValidationErrorErrorDetailsType0 | None): Messages by field; for a list of
            objects, by position and field.
        fields (list[FieldError] | Unset):
    """

    code: BadRequestMalformedJsonValidationErrorCode
    details: BadRequestMalformedJsonValidationErrorErrorDetailsType0 | None
    fields: list[FieldError] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.bad_request_malformed_json_validation_error_error_details_type_0 import (
            BadRequestMalformedJsonValidationErrorErrorDetailsType0,  # noqa: PLC0415
        )

        code = self.code.value

        details: dict[str, Any] | None
        if isinstance(self.details, BadRequestMalformedJsonValidationErrorErrorDetailsType0):
            details = self.details.to_dict()
        else:
            details = self.details

        fields: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = []
            for fields_item_data in self.fields:
                fields_item = fields_item_data.to_dict()
                fields.append(fields_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "details": details,
            }
        )
        if fields is not UNSET:
            field_dict["fields"] = fields

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.bad_request_malformed_json_validation_error_error_details_type_0 import (
            BadRequestMalformedJsonValidationErrorErrorDetailsType0,  # noqa: PLC0415
        )
        from ..models.field_error import FieldError  # noqa: PLC0415

        d = dict(src_dict)
        code = BadRequestMalformedJsonValidationErrorCode(d.pop("code"))

        def _parse_details(data: object) -> BadRequestMalformedJsonValidationErrorErrorDetailsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                details_type_0 = BadRequestMalformedJsonValidationErrorErrorDetailsType0.from_dict(data)

                return details_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BadRequestMalformedJsonValidationErrorErrorDetailsType0 | None, data)

        details = _parse_details(d.pop("details"))

        _fields = d.pop("fields", UNSET)
        fields: list[FieldError] | Unset = UNSET
        if _fields is not UNSET:
            fields = []
            for fields_item_data in _fields:
                fields_item = FieldError.from_dict(fields_item_data)

                fields.append(fields_item)

        bad_request_malformed_json_validation_error_error = cls(
            code=code,
            details=details,
            fields=fields,
        )

        bad_request_malformed_json_validation_error_error.additional_properties = d
        return bad_request_malformed_json_validation_error_error

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
