"""The endpoints of accounts for other services."""

from django.urls import path

from accounts.views import internal

urlpatterns = [
    path("/accounts", internal.ProvisionView.as_view(), name="internal-accounts"),
    path("/staff", internal.StaffSignInView.as_view(), name="internal-staff-sign-in"),
    path("/staff/<uuid:account_id>", internal.StaffView.as_view(), name="internal-staff"),
]
