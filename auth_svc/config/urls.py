"""The URLs of auth_svc, each under its public prefix, and what only other services may call."""

from accounts.views.admin import OwnPasswordView
from chassis.health import HealthView, LiveView
from chassis.pages import DocsView, SchemaView
from chassis.stats import StatsView
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("auth", include("accounts.urls")),
    path("auth/schema", SchemaView.as_view(), name="schema"),
    path("auth/docs", DocsView.as_view(), name="docs"),
    path("auth/admin", RedirectView.as_view(pattern_name="admin:index")),
    path("auth/admin/password_change/", admin.site.admin_view(OwnPasswordView.as_view())),
    path("auth/admin/", admin.site.urls),
    path("auth/health", HealthView.as_view()),
    path("auth/health/live", LiveView.as_view()),
    path("auth/stats", StatsView.as_view()),
    path("health", HealthView.as_view()),
    path("health/live", LiveView.as_view()),
    path("internal", include("accounts.internal_urls")),
]

handler400 = "chassis.failures.bad_request"
handler403 = "chassis.failures.permission_denied"
handler404 = "chassis.failures.page_not_found"
handler500 = "chassis.failures.server_error"
