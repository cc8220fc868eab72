"""auth_svc as a replica whose clock is ahead of the others by SKEW seconds, for gunicorn."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from importlib import import_module

from django.utils import timezone

SKEW = timedelta(seconds=float(os.environ["SKEW"]))
right_now = timezone.now


def skewed_now() -> datetime:
    return right_now() + SKEW


# Before the models take it for a default.
timezone.now = skewed_now
application = import_module("config.wsgi").application
