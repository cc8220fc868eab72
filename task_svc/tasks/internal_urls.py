"""The endpoints of tasks for other services."""

from django.urls import path

from tasks.views import internal

urlpatterns = [
    path("/accounts/<uuid:account_id>", internal.AccountView.as_view(), name="internal-account"),
    path("/clean-up", internal.CleanUpView.as_view(), name="internal-clean-up"),
]
