"""The public endpoints of profiles."""

from django.urls import path

from profiles.views import account, resources

urlpatterns = [
    path("/me", account.MeView.as_view(), name="me"),
    path("/me/tasks", account.MyTasksView.as_view(), name="my-tasks"),
    path("/createprofile", account.CreateProfileView.as_view(), name="create-profile"),
    path("/deleteprofile", account.DeleteProfileView.as_view(), name="delete-profile"),
    path("/export", account.ProfileExportView.as_view(), name="profile-export"),
    path("/users", resources.UserListView.as_view(), name="user-list"),
    path("/users/<uuid:pk>", resources.UserView.as_view(), name="user"),
    path("/users/<uuid:pk>/tasks", resources.UserTasksView.as_view(), name="user-tasks"),
]
