"""Jobs in auth_svc's own database, which the worker runs later, and repeats until they are done."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from uuid import UUID

from chassis.db.rows import delete_some
from chassis.tracing import trace_arguments
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from accounts.clients import erase_account_data, services_with_account_data
from accounts.models import KnownClient, RateCounter, Session, User
from accounts.reconciliation import FIRST, find_revived, find_strays, under_erasure

logger = logging.getLogger(__name__)

# The worker does one job after the other; mails wait for whatever must not wait for a slow mail server.
AHEAD_OF_MAILS = 1
BEHIND_MAILS = -1
RESET_MAIL = """Somebody, hopefully you, asked to reset the password of your account.

Token: {token}

Send it with the new password to POST /auth/password/reset/confirm within one hour.
If it was not you, ignore this message; nothing has changed.
"""
UNPROVED = """
The account was made on {made:%Y-%m-%d at %H:%M} UTC, and nobody has shown yet that its maker owns this address. If
somebody else made it, send "start_afresh": true as well: that account is set aside, and you get a new, empty one.
"""


class UntilDone(BaseRetryStrategy):
    """Repeat forever, after 1, 2, 4, 8 and then every 10 seconds: an outage ends some time, and so must the job."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 4), 10)})


def erase_everywhere(account_id: UUID) -> None:
    """Tell every service, in the transaction that deletes the account, to erase what belonged to it.

    Told twice: at once, and when no service can remember a token of the account any longer, so that a write let in
    by a remembered token does not survive.
    """
    forgotten = settings.TOKEN_CACHE_SECONDS + settings.AUTH_STALE_SECONDS + 10
    for service in services_with_account_data():
        for delay in (0, forgotten):
            job = erase_account.configure(schedule_in={"seconds": delay})
            job.defer(service=service, account_id=str(account_id), **trace_arguments())


@app.task(retry=UntilDone(), priority=AHEAD_OF_MAILS)
def erase_account(service: str, account_id: str) -> None:
    """Make one service erase an account's rows; erasing what is gone already is no error."""
    erase_account_data(service, account_id)


class MailRefused(Exception):
    """The mail server refused a mail; its own words may quote the address, and this goes to the log."""


HALF_AN_HOUR = RetryStrategy(max_attempts=10, exponential_wait=2)


# A mail server that goes on refusing for half an hour means it; the owner can ask again.
@app.task(retry=HALF_AN_HOUR)
def send_reset_token(account_id: str | None) -> None:
    """Send a reset token to an account, if it is active; the addresses without an account have a job with None."""
    user = User.objects.filter(pk=account_id, is_active=True).first() if account_id else None
    if user is None:
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = f"{uid}.{default_token_generator.make_token(user)}"
    text = RESET_MAIL if user.owns_email else RESET_MAIL + UNPROVED
    try:
        send_mail("Reset your password", text.format(token=token, made=user.created_at), None, [user.email])
    except SMTPException as error:
        raise MailRefused(type(error).__name__) from None


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="clean_up", pass_context=False)
def clean_up(timestamp: int) -> None:
    """Delete what has expired: sessions, counters, known clients."""
    now = timezone.now()
    for rows in (
        Session.objects.filter(expires_at__lt=now),
        RateCounter.objects.filter(expires_at__lt=now),
        KnownClient.objects.filter(last_used_at__lt=now - KnownClient.KNOWN_FOR),
    ):
        while not delete_some(rows):
            pass


@app.periodic(cron="* * * * *")
@app.task(
    queueing_lock="retry_stalled_jobs",
    pass_context=False,
    priority=AHEAD_OF_MAILS,
    # As the release before this one defers it.
    aliases=["accounts.jobs.tend_jobs"],
)
async def retry_stalled_jobs(timestamp: int) -> None:
    """Run again what a worker was doing when it died, and forget what ended a day ago."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
    await app.job_manager.delete_old_jobs(nb_hours=24, include_failed=True)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="check_accounts", pass_context=False, priority=BEHIND_MAILS)
def check_accounts(timestamp: int) -> None:
    """Begin to look for what `reconcile` would erase, once a day."""
    for service in (None, *services_with_account_data()):
        check_page.defer(service=service, after=str(FIRST), **trace_arguments())


@app.task(retry=HALF_AN_HOUR, priority=BEHIND_MAILS)
def check_page(service: str | None, after: str) -> None:
    """Report what of a service, or of this one, `reconcile` would erase; go on with the next page in a job of its own.

    So other jobs need not wait until all accounts have been looked at.
    """
    found, following = find_strays(service, UUID(after)) if service else find_revived(UUID(after))
    found -= under_erasure(found)
    if found:
        what = f"unknown accounts with rows in {service}" if service else "deleted accounts that are back"
        logger.error("%s: %d; `reconcile` erases them", what, len(found))
    if following:
        check_page.defer(service=service, after=str(following), **trace_arguments())
