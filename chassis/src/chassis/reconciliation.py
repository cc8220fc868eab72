"""The endpoints by which auth_svc and a service agree on the accounts: whose rows it has, and who was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.generics import InternalAPIView
from chassis.parameters import QuerySerializer
from chassis.tombstones import TombstoneQuerySet

# Accounts in one answer, a fraction of a second's work.
PAGE = 500


class AfterQuery(QuerySerializer):
    """Where a page begins."""

    after = serializers.UUIDField(default=UUID(int=0))


class ErasureQuery(QuerySerializer):
    """Whether the account was deleted, so that a tombstone is kept, or is unknown and may come back with a backup."""

    deleted = serializers.BooleanField(default=True)


class AccountIdsSerializer(serializers.Serializer[Any]):
    """Some accounts."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=PAGE)


class AccountIdsView(InternalAPIView[Any]):
    """List the accounts that own rows here, ordered by id, PAGE at a time; a shorter page is the last one."""

    # Each with the indexed column of the owner's id.
    owned: tuple[tuple[QuerySet[Any, Any], str], ...]

    def get(self, request: Request) -> Response:
        after = AfterQuery.read(request.query_params)["after"]
        ids = {each for each in _mirrored() if each > after}
        for rows, column in self.owned:
            ids.update(islice(_values_after(rows, column, after), PAGE))
        return Response({"ids": sorted(ids)[:PAGE]})


class TombstonesView(InternalAPIView[Any]):
    """Return those of some accounts that were deleted, as far as this service knows."""

    serializer_class = AccountIdsSerializer
    tombstones: TombstoneQuerySet

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"ids": sorted(self.tombstones.buried(serializer.validated_data["ids"]))})


def _values_after(rows: QuerySet[Any, Any], column: str, after: UUID) -> Iterator[UUID]:
    """Yield the different values of a column in their order, each by one look into its index.

    DISTINCT would read all rows of each account.
    """
    value: UUID | None = after
    while value := rows.filter(**{f"{column}__gt": value}).order_by(column).values_list(column, flat=True).first():
        yield value


def _mirrored() -> Iterator[UUID]:
    """Yield the accounts of the staff who have signed in to the admin; the names of other local users are no ids."""
    for name in User.objects.values_list("username", flat=True):
        with suppress(ValueError):
            yield UUID(name)
