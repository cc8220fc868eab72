import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_search_too_slow_validation_error_failure import (
    BadRequestSearchTooSlowValidationErrorFailure,
)
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.list_tasks_ordering import ListTasksOrdering
from ...models.list_tasks_priority import ListTasksPriority
from ...models.list_tasks_status import ListTasksStatus
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.task_page import TaskPage
from ...models.throttled_failure import ThrottledFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    due_after: datetime.datetime | Unset = UNSET,
    due_before: datetime.datetime | Unset = UNSET,
    label: str | Unset = UNSET,
    ordering: ListTasksOrdering | Unset = ListTasksOrdering.VALUE_1,
    page_size: int | Unset = 50,
    priority: ListTasksPriority | Unset = UNSET,
    search: str | Unset = UNSET,
    status: ListTasksStatus | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    json_due_after: str | Unset = UNSET
    if not isinstance(due_after, Unset):
        json_due_after = due_after.isoformat()
    params["due_after"] = json_due_after

    json_due_before: str | Unset = UNSET
    if not isinstance(due_before, Unset):
        json_due_before = due_before.isoformat()
    params["due_before"] = json_due_before

    params["label"] = label

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering.value

    params["ordering"] = json_ordering

    params["page_size"] = page_size

    json_priority: str | Unset = UNSET
    if not isinstance(priority, Unset):
        json_priority = priority.value

    params["priority"] = json_priority

    params["search"] = search

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/tasks",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = TaskPage.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequestSearchTooSlowValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = AuthenticationFailedNotAuthenticatedTokenInvalidFailure.from_dict(response.json())

        return response_401

    if response.status_code == 413:
        response_413 = PayloadTooLargeFailure.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = UriTooLongFailure.from_dict(response.json())

        return response_414

    if response.status_code == 429:
        response_429 = ThrottledFailure.from_dict(response.json())

        return response_429

    if response.status_code == 431:
        response_431 = HeadersTooLargeFailure.from_dict(response.json())

        return response_431

    if response.status_code == 500:
        response_500 = ServerErrorFailure.from_dict(response.json())

        return response_500

    if response.status_code == 502:
        response_502 = BadGatewayFailure.from_dict(response.json())

        return response_502

    if response.status_code == 503:
        response_503 = ServiceUnavailableFailure.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = GatewayTimeoutFailure.from_dict(response.json())

        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    due_after: datetime.datetime | Unset = UNSET,
    due_before: datetime.datetime | Unset = UNSET,
    label: str | Unset = UNSET,
    ordering: ListTasksOrdering | Unset = ListTasksOrdering.VALUE_1,
    page_size: int | Unset = 50,
    priority: ListTasksPriority | Unset = UNSET,
    search: str | Unset = UNSET,
    status: ListTasksStatus | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
]:
    """List my tasks

     Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A page of
    large tasks ends early. A search that takes more than a second is refused, and a third at once.

    Args:
        cursor (str | Unset):
        due_after (datetime.datetime | Unset):
        due_before (datetime.datetime | Unset):
        label (str | Unset):
        ordering (ListTasksOrdering | Unset):  Default: ListTasksOrdering.VALUE_1.
        page_size (int | Unset):  Default: 50.
        priority (ListTasksPriority | Unset):
        search (str | Unset):
        status (ListTasksStatus | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestSearchTooSlowValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskPage | ThrottledFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        due_after=due_after,
        due_before=due_before,
        label=label,
        ordering=ordering,
        page_size=page_size,
        priority=priority,
        search=search,
        status=status,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    due_after: datetime.datetime | Unset = UNSET,
    due_before: datetime.datetime | Unset = UNSET,
    label: str | Unset = UNSET,
    ordering: ListTasksOrdering | Unset = ListTasksOrdering.VALUE_1,
    page_size: int | Unset = 50,
    priority: ListTasksPriority | Unset = UNSET,
    search: str | Unset = UNSET,
    status: ListTasksStatus | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
    | None
):
    """List my tasks

     Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A page of
    large tasks ends early. A search that takes more than a second is refused, and a third at once.

    Args:
        cursor (str | Unset):
        due_after (datetime.datetime | Unset):
        due_before (datetime.datetime | Unset):
        label (str | Unset):
        ordering (ListTasksOrdering | Unset):  Default: ListTasksOrdering.VALUE_1.
        page_size (int | Unset):  Default: 50.
        priority (ListTasksPriority | Unset):
        search (str | Unset):
        status (ListTasksStatus | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestSearchTooSlowValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskPage | ThrottledFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        cursor=cursor,
        due_after=due_after,
        due_before=due_before,
        label=label,
        ordering=ordering,
        page_size=page_size,
        priority=priority,
        search=search,
        status=status,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    due_after: datetime.datetime | Unset = UNSET,
    due_before: datetime.datetime | Unset = UNSET,
    label: str | Unset = UNSET,
    ordering: ListTasksOrdering | Unset = ListTasksOrdering.VALUE_1,
    page_size: int | Unset = 50,
    priority: ListTasksPriority | Unset = UNSET,
    search: str | Unset = UNSET,
    status: ListTasksStatus | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
]:
    """List my tasks

     Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A page of
    large tasks ends early. A search that takes more than a second is refused, and a third at once.

    Args:
        cursor (str | Unset):
        due_after (datetime.datetime | Unset):
        due_before (datetime.datetime | Unset):
        label (str | Unset):
        ordering (ListTasksOrdering | Unset):  Default: ListTasksOrdering.VALUE_1.
        page_size (int | Unset):  Default: 50.
        priority (ListTasksPriority | Unset):
        search (str | Unset):
        status (ListTasksStatus | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestSearchTooSlowValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskPage | ThrottledFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        due_after=due_after,
        due_before=due_before,
        label=label,
        ordering=ordering,
        page_size=page_size,
        priority=priority,
        search=search,
        status=status,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    due_after: datetime.datetime | Unset = UNSET,
    due_before: datetime.datetime | Unset = UNSET,
    label: str | Unset = UNSET,
    ordering: ListTasksOrdering | Unset = ListTasksOrdering.VALUE_1,
    page_size: int | Unset = 50,
    priority: ListTasksPriority | Unset = UNSET,
    search: str | Unset = UNSET,
    status: ListTasksStatus | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestSearchTooSlowValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskPage
    | ThrottledFailure
    | UriTooLongFailure
    | None
):
    """List my tasks

     Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A page of
    large tasks ends early. A search that takes more than a second is refused, and a third at once.

    Args:
        cursor (str | Unset):
        due_after (datetime.datetime | Unset):
        due_before (datetime.datetime | Unset):
        label (str | Unset):
        ordering (ListTasksOrdering | Unset):  Default: ListTasksOrdering.VALUE_1.
        page_size (int | Unset):  Default: 50.
        priority (ListTasksPriority | Unset):
        search (str | Unset):
        status (ListTasksStatus | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestSearchTooSlowValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskPage | ThrottledFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            cursor=cursor,
            due_after=due_after,
            due_before=due_before,
            label=label,
            ordering=ordering,
            page_size=page_size,
            priority=priority,
            search=search,
            status=status,
        )
    ).parsed
