"""OpenAPI that tells the truth: the envelope, every error, and the Bearer scheme, derived from the views."""

from __future__ import annotations

import copy
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions

from chassis import envelopes
from chassis.exceptions import (
    MalformedJSON,
    MalformedRequest,
    PayloadTooLarge,
    ServerError,
    ServiceUnavailable,
    TokenInvalid,
    code_of,
)
from chassis.negotiation import parsers_for
from chassis.operations import Operation, operation_of
from chassis.renderers import EnvelopeJSONRenderer

# Also where a view has no use for a body: its size is checked before anything looks at the method.
EVERY_VIEW = (MalformedRequest, PayloadTooLarge, ServerError, ServiceUnavailable)
WITH_TOKEN = (exceptions.NotAuthenticated, exceptions.AuthenticationFailed, TokenInvalid)
WITH_BODY = (MalformedJSON, exceptions.ValidationError, exceptions.UnsupportedMediaType)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular registers untyped.
    """The Bearer token of RFC 6750."""

    target_class = "rest_framework.authentication.TokenAuthentication"
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        description = (
            "Paste the `access_token` that `POST /auth/login` answers with, without quotes and without the word Bearer."
        )
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description}


class AutoSchema(SpectacularAutoSchema):
    """Describe a view from its `operations`, its serializers, and what every view has in common."""

    @property
    def operation(self) -> Operation:
        return operation_of(self.view, self.method)

    @property
    def takes_body(self) -> bool:
        """Return whether the operation reads a body; DELETE does where a serializer says so."""
        if self.method == "DELETE":
            return self.operation.request is not None
        return self.method in ("POST", "PUT", "PATCH") and self.operation.takes_body

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and hasattr(self.view, "query_serializer_class")

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        """Say that an operation needs no token by an empty list: generators take any entry for one that is needed."""
        operation = super().get_operation(*args)
        if operation and operation.get("security") == [{}]:
            operation["security"] = []
        return operation

    def get_operation_id(self) -> str:
        """Return the operation's own verb, such as `listNotes`, or one made of the method and the view's name."""
        return self.operation.id or self.method.lower() + type(self.view).__name__.removesuffix("View")

    def get_tags(self) -> list[str]:
        """Return the view's tag, or the name of the module that it is in, such as `sessions`."""
        return [getattr(self.view, "tag", type(self.view).__module__.rpartition(".")[2])]

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]  # As spectacular, unlike DRF, declares it.
        return self.operation.description or super().get_description()

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "query_serializer_class", None)
        return [*([query] if self.is_list else []), *self.operation.parameters]

    def get_filter_backends(self) -> list[Any]:
        return []

    def _get_paginator(self) -> None:
        """Return no paginator: a page is an array, and where the next one is stands beside it."""

    def get_request_serializer(self) -> Any:
        return (self.operation.request or super().get_request_serializer()) if self.takes_body else None

    def get_response_serializers(self) -> Any:
        response = None
        if self.operation.gives_data and self.method != "DELETE":
            response = self.operation.response or super().get_response_serializers()
        status = str(self.operation.status)
        return {(status, self.operation.media_type) if self.operation.media_type else status: response}

    def get_examples(self) -> list[Any]:
        return list(self.operation.examples)

    def map_parsers(self) -> list[Any]:
        return [parser.media_type for parser in parsers_for(self.method, self.view.get_parsers())]

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        body: dict[str, Any] | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # It is.
        if self.method == "DELETE" and self.takes_body:
            # Spectacular gives no DELETE a body.
            schema, required = self._get_request_for_media_type(self.get_request_serializer(), direction)
            body = {"content": {"application/json": {"schema": schema}}, "required": required}
        return body and {"description": "Fields that the schema does not name are ignored.", **body}

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """Require nothing of a PUT either: here it changes the fields that it gives, like PATCH."""
        if self.method == "PUT":
            serializer = copy.copy(serializer() if isinstance(serializer, type) else serializer)
            serializer.partial = True
        return super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]  # It is.

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """Require in an answer all that it has, since it is always sent, and allow null where a column does."""
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]  # It is untyped.
            serializer, direction
        )
        if direction == "response":
            schema["required"] = sorted(schema["properties"])
            for name in _cleared_by_null(serializer):
                schema["properties"][name]["type"] = schema["properties"][name]["type"][0]
        return schema

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: Any = "response"
    ) -> dict[str, Any]:
        response: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]  # It is untyped.
            serializer, status_code, media_types, direction
        )
        response["description"] = HTTPStatus(int(status_code)).phrase
        if EnvelopeJSONRenderer in self.view.renderer_classes:
            content = response.setdefault("content", {"application/json": {}})
            for media in content.values():
                name, schema = envelopes.success(media.get("schema"), is_page=self.is_list)
                examples = media.get("examples", {}) if media else {"Done": {"value": None}}
                media["schema"] = self._component(name, schema)
                media["examples"] = {title: self._enveloped(example) for title, example in examples.items()}
        if self.is_list:
            self._component("Meta", envelopes.META)
        return response

    def _enveloped(self, example: dict[str, Any]) -> dict[str, Any]:
        value = {"success": True, "message": self.operation.message, "data": example["value"], "error": None}
        return {**example, "value": {**value, "meta": envelopes.META_EXAMPLE} if self.is_list else value}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, note in self.operation.bodyless_statuses.items():
            bodies[str(status)] = {"description": note}
        by_status: dict[int, list[type[exceptions.APIException]]] = {}
        for error in dict.fromkeys(self._errors()):
            by_status.setdefault(error.status_code, []).append(error)
        for status, errors in by_status.items():
            bodies[str(status)] = self._failure(status, errors)
        for code, body in bodies.items():
            names = self._headers(int(code), by_status.get(int(code), []))
            body["headers"] = {name: envelopes.HEADERS[name] for name in names}
        return bodies

    def _failure(self, status: int, errors: list[type[exceptions.APIException]]) -> dict[str, Any]:
        """Return an answer whose `error.code` is one of the errors'; what answers alike shares a component."""
        codes = sorted({code_of(error) for error in errors})
        for name, schema in envelopes.failure(codes, has_fields=envelopes.have_fields(errors)).items():
            reference = self._component(name, schema)
        examples = {code_of(error): {"value": envelopes.failure_example(error)} for error in errors}
        content = {"application/json": {"schema": reference, "examples": examples}}
        return {"description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}", "content": content}

    def _headers(self, status: int, errors: list[type[exceptions.APIException]]) -> list[str]:
        headers = ["X-Request-ID"]
        if status < 400:
            headers += self.operation.headers
            headers += ["Location"] if status == 201 else []
            headers += ["Link"] if self.is_list else []
        if status == 401:
            headers.append("WWW-Authenticate")
        if status == 412:
            headers.append("ETag")
        if status == 429 or any(hasattr(error, "wait") for error in errors):
            headers.append("Retry-After")
        return headers

    def _errors(self) -> list[type[exceptions.APIException]]:
        errors: list[type[exceptions.APIException]] = [*EVERY_VIEW, *self.operation.errors]
        if self.view.get_authenticators():
            errors += WITH_TOKEN
        if self.takes_body:
            errors += WITH_BODY
        if self.is_list:
            errors.append(exceptions.ValidationError)
        if "{" in self.path:
            errors.append(exceptions.NotFound)
        return errors

    def _component(self, name: str, schema: dict[str, Any]) -> dict[str, str]:
        """Return the reference to a named schema of the document."""
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # It is untyped.
            name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
        )
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference


def _cleared_by_null(serializer: Any) -> list[str]:
    """Return the fields that a request may set to null and an answer never does: null clears them."""
    fields = serializer.fields.values() if hasattr(serializer, "Meta") else ()
    return [
        field.field_name
        for field in fields
        if field.allow_null and not field.read_only and not serializer.Meta.model._meta.get_field(field.source).null
    ]


def header(name: str, description: str, **kwargs: Any) -> OpenApiParameter:
    """Describe a request header."""
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, **kwargs)
