"""OpenAPI that tells the truth: the envelope, every refusal, and the Bearer scheme, derived from the views."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions

from chassis.exceptions import PayloadTooLarge, ServiceUnavailable, TokenInvalid
from chassis.operations import Operation, operation_of
from chassis.renderers import EnvelopeJSONRenderer
from chassis.serializers import FailureSerializer

EVERY_VIEW = (ServiceUnavailable,)
WITH_TOKEN = (exceptions.NotAuthenticated, TokenInvalid)
WITH_BODY = (
    exceptions.ParseError,
    exceptions.ValidationError,
    exceptions.UnsupportedMediaType,
    PayloadTooLarge,
)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular registers untyped.
    """The Bearer token of RFC 6750."""

    target_class = "rest_framework.authentication.TokenAuthentication"
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class AutoSchema(SpectacularAutoSchema):
    """Describe a view from its `operations`, its serializers, and what every view has in common."""

    @property
    def operation(self) -> Operation:
        return operation_of(self.view, self.method)

    def get_operation_id(self) -> str:
        """Return the view's name and the method, such as `note_list_get`."""
        name = type(self.view).__name__.removesuffix("View")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", f"{name}_{self.method.lower()}").lower()

    def get_tags(self) -> list[str]:
        """Return the name of the module that the view is in, such as `sessions`."""
        return [type(self.view).__module__.rpartition(".")[2]]

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]  # As spectacular, unlike DRF, declares it.
        return self.operation.description or super().get_description()

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "query_serializer_class", None)
        return [*([query] if query and self.method == "GET" else []), *self.operation.parameters]

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_request_serializer(self) -> Any:
        return (self.operation.request or super().get_request_serializer()) if self.operation.takes_body else None

    def get_response_serializers(self) -> Any:
        response = None
        if self.operation.gives_data and self.method != "DELETE":
            response = self.operation.response or super().get_response_serializers()
        return {str(self.operation.status): response}

    def get_examples(self) -> list[Any]:
        return list(self.operation.examples)

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: Any = "response"
    ) -> dict[str, Any]:
        response: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]  # It is untyped.
            serializer, status_code, media_types, direction
        )
        response["description"] = HTTPStatus(int(status_code)).phrase
        if EnvelopeJSONRenderer in self.view.renderer_classes and status_code.startswith("2"):
            content = response.setdefault("content", {"application/json": {"schema": {"nullable": True}}})
            for media in content.values():
                media["schema"] = self._enveloped(media["schema"])
                for example in media.get("examples", {}).values():
                    data = example["value"]
                    example["value"] = {
                        "success": True,
                        "message": self.operation.message,
                        "data": data,
                        "error": None,
                    }
        return response

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code, note in self.operation.extra.items():
            bodies[str(code)] = {"description": note}
        by_status: dict[int, list[type[exceptions.APIException]]] = {}
        for refusal in self._refusals():
            by_status.setdefault(refusal.status_code, []).append(refusal)
        component = self.resolve_serializer(FailureSerializer(), "response")
        for code, refusals in by_status.items():
            codes = ", ".join(dict.fromkeys(_code(refusal) for refusal in refusals))
            body = {"application/json": {"schema": component.ref}}
            bodies[str(code)] = {"description": f"{HTTPStatus(code).phrase}: {codes}", "content": body}
        return bodies

    def _refusals(self) -> list[type[exceptions.APIException]]:
        refusals: list[type[exceptions.APIException]] = [*EVERY_VIEW, *self.operation.refusals]
        if self.view.get_authenticators():
            refusals += WITH_TOKEN
        if self.method in ("POST", "PUT", "PATCH", "DELETE"):
            refusals += WITH_BODY
        if getattr(self.view, "query_serializer_class", None) and self.method == "GET":
            refusals.append(exceptions.ValidationError)
        if "{" in self.path:
            refusals.append(exceptions.NotFound)
        return refusals

    def _enveloped(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a success whose `data` this is."""
        properties: dict[str, Any] = {
            "success": {"type": "boolean", "enum": [True]},
            "message": {"type": "string"},
            "data": data,
            "error": {"nullable": True, "type": "object"},
        }
        required = ["success", "message", "data", "error"]
        if getattr(self.view, "query_serializer_class", None) and self.method == "GET":
            properties["meta"] = {
                "type": "object",
                "properties": {
                    "next": {"type": "string", "format": "uri", "nullable": True},
                    "page_size": {"type": "integer", "minimum": 1, "maximum": 100},
                },
                "required": ["next", "page_size"],
            }
            required.append("meta")
        return {"type": "object", "properties": properties, "required": required}


def header(name: str, description: str, **kwargs: Any) -> OpenApiParameter:
    """Describe a request header."""
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, **kwargs)


def _code(refusal: type[exceptions.APIException]) -> str:
    return "validation_error" if issubclass(refusal, exceptions.ValidationError) else refusal.default_code
