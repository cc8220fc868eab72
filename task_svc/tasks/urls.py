"""The public endpoints of tasks."""

from django.urls import path

from tasks.views import account, resources

urlpatterns = [
    path("", account.TaskListView.as_view(), name="task-list"),
    path("/bulk", account.TaskBulkView.as_view(), name="task-bulk"),
    path("/export", account.TaskExportView.as_view(), name="task-export"),
    path("/<uuid:pk>", account.TaskView.as_view(), name="task"),
    path("/tasks", resources.TaskResourceListView.as_view(), name="task-resource-list"),
    path("/tasks/<uuid:pk>", resources.TaskResourceView.as_view(), name="task-resource"),
]
