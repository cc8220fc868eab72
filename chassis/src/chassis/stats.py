"""The traffic of the last quarter of an hour, for the front page."""

from __future__ import annotations

from time import time
from typing import Any

from django.conf import settings
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.metrics import minutes
from chassis.metrics.minutes import NOTHING, Traffic
from chassis.renderers import BareJSONRenderer
from chassis.timestamps import six_digits


class StatsView(APIView):
    """Say how many requests were answered, how many failed and how long they took; to staff, since it is business."""

    permission_classes = (IsAdminUser,)
    renderer_classes = (BareJSONRenderer,)
    schema = None

    def get(self, request: Request) -> Response:
        now, found = time(), minutes.read()
        rows = [
            {"start": six_digits(start), "seconds": min(60.0, now - start.timestamp()), **figures(traffic)}
            for start, traffic in found.items()
        ]
        whole = figures(sum(found.values(), NOTHING))
        return Response({"service": settings.SERVICE_NAME, **whole, "minutes": rows})


def figures(traffic: Traffic) -> dict[str, Any]:
    """Return the numbers and the quantiles, in seconds, of some traffic."""
    return {
        "requests": traffic.requests,
        "failures": traffic.failures,
        "p50": traffic.quantile(0.5),
        "p99": traffic.quantile(0.99),
    }
