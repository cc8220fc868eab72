"""The public endpoints of accounts."""

from django.urls import path

from accounts.views import account, exports, passwords, sessions, tokens

urlpatterns = [
    path("/register", account.RegisterView.as_view(), name="register"),
    path("/login", tokens.LoginView.as_view(), name="login"),
    path("/refresh", tokens.RefreshView.as_view(), name="refresh"),
    path("/logout", tokens.LogoutView.as_view(), name="logout"),
    path("/validate-token", tokens.ValidateTokenView.as_view(), name="validate-token"),
    path("/me", account.MeView.as_view(), name="me"),
    path("/export", exports.AccountExportView.as_view(), name="account-export"),
    path("/sessions", sessions.SessionListView.as_view(), name="session-list"),
    path("/sessions/<uuid:pk>", sessions.SessionView.as_view(), name="session"),
    path("/password/change", passwords.PasswordChangeView.as_view(), name="password-change"),
    path("/password/reset", passwords.PasswordResetView.as_view(), name="password-reset"),
    path("/password/reset/confirm", passwords.PasswordResetConfirmView.as_view(), name="password-reset-confirm"),
]
