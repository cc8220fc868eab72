"""DRF's generic views, for lists that are read as rows, and for rows that are written under their lock."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from rest_framework import generics, mixins
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.authentication import IsService
from chassis.operations import operation_of
from chassis.pagination import KeysetPagination
from chassis.parameters import PageQuery
from chassis.preconditions import check_if_match, is_not_modified
from chassis.renderers import BareJSONRenderer

ModelT = TypeVar("ModelT", bound=Model)


class ListAPIView(generics.GenericAPIView[ModelT]):
    """A list, in pages; `get_rows` returns the query of what the caller may see."""

    pagination_class: Any = KeysetPagination
    query_serializer_class: type[PageQuery] = PageQuery

    @cached_property
    def query(self) -> dict[str, Any]:
        """The parameters of the query string."""
        return self.query_serializer_class.read(self.request.query_params)

    def get_filters(self) -> dict[str, Any]:
        """Return the parameters that are not about pages."""
        return {name: value for name, value in self.query.items() if name not in ("page_size", "cursor", "ordering")}

    def get_rows(self) -> Any:
        """Return the BoundQuery of what the caller may see."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer: Any = self.get_serializer_class()
        return self.get_paginated_response(serializer.of_rows(self.paginate_queryset(self.get_rows())))


class DetailAPIView(mixins.DestroyModelMixin, generics.GenericAPIView[ModelT]):
    """One row, whose `etag` names its version, with conditional requests; before the DRF view of its methods.

    PUT and PATCH alike change the fields that the body gives; a write locks the row.
    """

    def filter_queryset(self, queryset: Any) -> Any:
        return queryset if self.request.method in SAFE_METHODS else queryset.select_for_update()

    def get_object(self) -> Any:
        row: Any = super().get_object()
        if self.request.method not in SAFE_METHODS:
            check_if_match(self.request, row.etag)
        return row

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        headers = {"ETag": row.etag}
        if is_not_modified(request, row.etag):
            return Response(status=304, headers=headers)
        return Response(self.get_serializer(row).data, headers=headers)

    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        row: Any = serializer.save()
        return Response(serializer.data, headers={"ETag": row.etag})

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.perform_destroy(self.get_object())
        return Response(None, operation_of(self, "DELETE").status)


class InternalAPIView(generics.GenericAPIView[ModelT]):
    """A view for the other services alone: it is in no schema, and the gateway does not route it."""

    authentication_classes = ()
    permission_classes = (IsService,)
    renderer_classes = (BareJSONRenderer,)
    schema = None
