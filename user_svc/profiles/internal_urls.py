"""The endpoints of profiles for other services."""

from django.urls import path

from profiles.views import internal

urlpatterns = [
    path("/accounts", internal.AccountsView.as_view(), name="internal-accounts"),
    path("/accounts/deleted", internal.DeletedAccountsView.as_view(), name="internal-deleted-accounts"),
    path("/accounts/<uuid:account_id>", internal.AccountView.as_view(), name="internal-account"),
]
