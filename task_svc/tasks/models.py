"""Tasks, and the replies remembered for repeated requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chassis.tombstones import AbstractTombstone
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from uuid_utils.compat import uuid7

from tasks.lexemes import All, FilterOnly, Lexeme, Matches

# A task without a due date sorts as infinitely late.
NEVER = Func(template="'infinity'::timestamptz", output_field=models.DateTimeField())
DUE = Coalesce(F("due_at"), NEVER)

# The owner of a query across all owners: a condition that is true of every task. PostgreSQL uses the indexes that have
# it as their condition only for queries that have it too; it might read one account's list out of all owners'.
ALL_OWNERS = Func(F("version"), template="(%(expressions)s > 0)", output_field=models.BooleanField())

# Searched by search and label filters: the words of title and description, the labels, and the owner, so that a word
# that is common elsewhere costs nothing here. The function is made by the first migration. It is stored: the index has
# no positions, so every row that might hold a phrase is looked at, and to make its document anew takes milliseconds.
DOCUMENT = Func(
    F("user_id"),
    F("title"),
    F("description"),
    F("labels"),
    function="task_document",
    output_field=SearchVectorField(),
)


class TaskQuerySet(models.QuerySet["Task"]):
    """Queries over tasks."""

    def owned_by(self, owner: Any) -> TaskQuerySet:
        """Keep the tasks of an account, or of ALL_OWNERS."""
        return self.filter(ALL_OWNERS if owner is ALL_OWNERS else Q(user_id=owner))

    def across_owners(self) -> TaskQuerySet:
        """Let the indexes over all owners' tasks serve the query."""
        return self.owned_by(ALL_OWNERS)

    def matching(
        self,
        *,
        owner: Any,
        user_id: Any = None,
        status: Any = None,
        priority: Any = None,
        due_after: Any = None,
        due_before: Any = None,
        owner_lexeme: Any = None,
        label: Any = None,
        search: Any = None,
    ) -> TaskQuerySet:
        """Keep the tasks of an owner that every given filter accepts, values or expressions.

        The due range has its start and not its end. With a label, which is a lexeme too, or a search goes the owner's
        lexeme, so that the index never meets what is not theirs.
        """
        columns = {"user_id": user_id, "status": status, "priority": priority}
        columns |= {"due__gte": due_after, "due__lt": due_before}
        given = Q(**{name: value for name, value in columns.items() if value is not None})
        if due_after is not None and due_before is None:
            given &= Q(due__lt=NEVER)
        given &= Q(ALL_OWNERS) if owner is ALL_OWNERS else Q(user_id=owner)
        queries: list[Func] = [Lexeme(each) for each in (owner_lexeme, label) if each is not None]
        if search is not None:
            queries.append(SearchQuery(search, config="simple", search_type="websearch"))
        tasks = self.alias(due=DUE)
        if not queries:
            return tasks.filter(given)
        return tasks.filter(FilterOnly(given), Matches(F("document"), All(*queries)))


class TaskManager(models.Manager.from_queryset(TaskQuerySet)):  # type: ignore[misc]  # Made by Django at run time.
    """Tasks without their documents, which only PostgreSQL reads."""

    def get_queryset(self) -> TaskQuerySet:
        tasks: TaskQuerySet = super().get_queryset().defer("document")
        return tasks


class Task(models.Model):
    """One thing to do, of one account; `version` counts its changes."""

    class Status(models.TextChoices):
        PENDING = "pending"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"

    class Priority(models.IntegerChoices):
        LOW = 1, "low"
        NORMAL = 2, "normal"
        HIGH = 3, "high"
        URGENT = 4, "urgent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    title = models.CharField(max_length=200, db_collation="C")
    description = models.TextField(blank=True, default="", validators=[MaxLengthValidator(10_000)])
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(null=True, blank=True)
    labels = ArrayField(models.CharField(max_length=50), size=20, default=list, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    document = models.GeneratedField(expression=DOCUMENT, output_field=SearchVectorField(), db_persist=True)

    objects: ClassVar[Any] = TaskManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="task_title_not_empty"),
            models.CheckConstraint(condition=Q(status__in=["pending", "in_progress", "completed"]), name="task_status"),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="task_priority"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("description"), 10_000), name="task_description_length"
            ),
            models.CheckConstraint(condition=Q(labels__len__lte=20), name="task_labels_count"),
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | (~Q(status="completed") & Q(completed_at__isnull=True)),
                name="task_completed_at_follows_status",
            ),
        ]
        # One index an order, alone and with status or priority; each is read in both directions.
        indexes = [
            models.Index("user_id", "created_at", "id", name="task_created"),
            models.Index("user_id", "updated_at", "id", name="task_updated"),
            models.Index("user_id", DUE, "id", name="task_due"),
            models.Index("user_id", "priority", "id", name="task_priority_order"),
            models.Index("user_id", "title", "id", name="task_title"),
            models.Index("user_id", "status", "created_at", "id", name="task_status_created"),
            models.Index("user_id", "status", "updated_at", "id", name="task_status_updated"),
            models.Index("user_id", "status", DUE, "id", name="task_status_due"),
            models.Index("user_id", "status", "priority", "id", name="task_status_priority"),
            models.Index("user_id", "status", "title", "id", name="task_status_title"),
            models.Index("user_id", "priority", "created_at", "id", name="task_priority_created"),
            models.Index("user_id", "priority", "updated_at", "id", name="task_priority_updated"),
            models.Index("user_id", "priority", DUE, "id", name="task_priority_due"),
            models.Index("user_id", "priority", "title", "id", name="task_priority_title"),
            # All owners' tasks, for staff and the admin.
            models.Index("created_at", "id", name="task_all_created", condition=Q(ALL_OWNERS)),
            models.Index("status", "created_at", "id", name="task_all_status_created", condition=Q(ALL_OWNERS)),
            models.Index(
                "due_at",
                "id",
                name="task_all_due",
                condition=~Q(status="completed") & Q(due_at__isnull=False),
            ),
            GinIndex(F("document"), name="task_document"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def etag(self) -> str:
        """The strong entity tag of this version (RFC 9110, section 8.8.3)."""
        return f'"{self.version}"'

    @classmethod
    def new(cls, **fields: Any) -> Task:
        """Return an unsaved task, created and updated at one time; completed_at follows status."""
        now = timezone.now()
        task = cls(created_at=now, updated_at=now, **fields)
        task.follow_status()
        return task

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over changed values; version, updated_at and completed_at follow. No change leaves all as it is."""
        changed = {name: value for name, value in changes.items() if getattr(self, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.follow_status()
        self.version += 1
        self.updated_at = timezone.now()
        written = {*changed, "completed_at", "version", "updated_at"}
        # With its owner, by whom the table may be sharded; `save` would name its id alone.
        Task.objects.owned_by(self.user_id).filter(pk=self.pk).update(**{name: getattr(self, name) for name in written})

    def follow_status(self) -> None:
        """Keep completed_at true to status."""
        if self.status != self.Status.COMPLETED:
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = timezone.now()


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Queries over remembered replies."""

    def delete_some_expired(self) -> None:
        """Delete a few expired replies, in a transaction; skip those that another transaction is deleting."""
        expired = self.filter(expires_at__lte=timezone.now()).select_for_update(skip_locked=True)
        self.filter(pk__in=expired.values("pk")[: IdempotencyKey.EXPIRED_AT_ONCE]).delete()


class IdempotencyKey(models.Model):
    """The reply to a request that carried an Idempotency-Key, kept for when the request is repeated."""

    EXPIRED_AT_ONCE = 10

    user_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    headers = models.JSONField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("user_id", "key", name="idempotency_key_unique")]

    def __str__(self) -> str:
        return self.key


class Tombstone(AbstractTombstone):
    """An account that was deleted, as a keyed hash of its id."""
