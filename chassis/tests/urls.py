"""The URLs that the tests call."""

from chassis.health import HealthView, LiveView
from chassis.pages import DocsView, SchemaView
from chassis.stats import StatsView
from django.contrib import admin
from django.urls import path

from tests import failing, notes, views

urlpatterns = [
    path("me", views.MeView.as_view()),
    path("echo", views.EchoView.as_view()),
    path("bare-echo", views.BareEchoView.as_view()),
    path("status/<int:status>", views.StatusView.as_view()),
    path("key", views.KeyView.as_view()),
    path("host", views.HostView.as_view()),
    path("notes", notes.NoteListView.as_view()),
    path("bare-notes", notes.BareNoteListView.as_view()),
    path("notes/export", notes.NoteExportView.as_view()),
    path("undecided-notes", notes.UndecidedNoteListView.as_view()),
    path("notes/<uuid:id>", notes.NoteView.as_view()),
    path("bare-notes/<uuid:id>", notes.BareNoteView.as_view()),
    path("written-notes/<uuid:pk>", notes.WrittenNoteView.as_view()),
    path("fails/<name>", failing.FailingView.as_view()),
    path("plain/<name>", failing.fail),
    path("form", views.form),
    path("stream", views.stream),
    path("sized", views.sized),
    path("page", views.page),
    path("folder/", views.page),
    path("internal/accounts", views.AccountsView.as_view()),
    path("internal/accounts/deleted", views.DeletedAccountsView.as_view()),
    path("internal/thing", views.ServiceView.as_view()),
    path("admin/fails/<name>", failing.fail),
    path("admin/form", views.form),
    path("admin/", admin.site.urls),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(), name="docs"),
    path("health", HealthView.as_view()),
    path("health/live", LiveView.as_view()),
    path("stats", StatsView.as_view()),
]

handler400 = "chassis.failures.bad_request"
handler403 = "chassis.failures.permission_denied"
handler404 = "chassis.failures.page_not_found"
handler500 = "chassis.failures.server_error"
