"""The URLs of user_svc, each under its public prefix, and what only other services may call."""

from chassis.health import HealthView, LiveView
from chassis.pages import DocsView, SchemaView
from chassis.stats import StatsView
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("users", include("profiles.urls")),
    path("users/schema", SchemaView.as_view(), name="schema"),
    path("users/docs", DocsView.as_view(), name="docs"),
    path("users/admin", RedirectView.as_view(pattern_name="admin:index")),
    path("users/admin/", admin.site.urls),
    path("users/health", HealthView.as_view()),
    path("users/health/live", LiveView.as_view()),
    path("users/stats", StatsView.as_view()),
    path("health", HealthView.as_view()),
    path("health/live", LiveView.as_view()),
    path("internal", include("profiles.internal_urls")),
]

handler400 = "chassis.failures.bad_request"
handler403 = "chassis.failures.permission_denied"
handler404 = "chassis.failures.page_not_found"
handler500 = "chassis.failures.server_error"
