"""The endpoints of profiles for other services."""

from django.urls import path

from profiles.views import internal

urlpatterns = [
    path("/accounts/<uuid:account_id>", internal.AccountView.as_view(), name="internal-account"),
]
