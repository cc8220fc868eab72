from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_malformed_json_validation_error_failure import (
    BadRequestMalformedJsonValidationErrorFailure,
)
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.idempotency_key_reused_failure import IdempotencyKeyReusedFailure
from ...models.limit_reached_request_in_flight_failure import (
    LimitReachedRequestInFlightFailure,
)
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.task_envelope import TaskEnvelope
from ...models.task_request import TaskRequest
from ...models.unsupported_media_type_failure import UnsupportedMediaTypeFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: TaskRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/tasks",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 201:
        response_201 = TaskEnvelope.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = BadRequestMalformedJsonValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = AuthenticationFailedNotAuthenticatedTokenInvalidFailure.from_dict(response.json())

        return response_401

    if response.status_code == 409:
        response_409 = LimitReachedRequestInFlightFailure.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = PayloadTooLargeFailure.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = UriTooLongFailure.from_dict(response.json())

        return response_414

    if response.status_code == 415:
        response_415 = UnsupportedMediaTypeFailure.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = IdempotencyKeyReusedFailure.from_dict(response.json())

        return response_422

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
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
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
    body: TaskRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Create a task

     The caller's tasks.

    Args:
        idempotency_key (str | Unset):
        body (TaskRequest): A task; what the server owns is read-only.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | IdempotencyKeyReusedFailure | LimitReachedRequestInFlightFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: TaskRequest,
    idempotency_key: str | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Create a task

     The caller's tasks.

    Args:
        idempotency_key (str | Unset):
        body (TaskRequest): A task; what the server owns is read-only.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | IdempotencyKeyReusedFailure | LimitReachedRequestInFlightFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: TaskRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Create a task

     The caller's tasks.

    Args:
        idempotency_key (str | Unset):
        body (TaskRequest): A task; what the server owns is read-only.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | IdempotencyKeyReusedFailure | LimitReachedRequestInFlightFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: TaskRequest,
    idempotency_key: str | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | IdempotencyKeyReusedFailure
    | LimitReachedRequestInFlightFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Create a task

     The caller's tasks.

    Args:
        idempotency_key (str | Unset):
        body (TaskRequest): A task; what the server owns is read-only.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | IdempotencyKeyReusedFailure | LimitReachedRequestInFlightFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
