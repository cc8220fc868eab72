"""The WSGI application that gunicorn serves."""

import os

from chassis.metrics.exposition import with_metrics
from chassis.wsgi import with_whole_bodies
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_metrics(with_whole_bodies(get_wsgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
