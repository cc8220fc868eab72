from http import HTTPStatus
from typing import Any
from uuid import UUID

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
from ...models.not_found_failure import NotFoundFailure
from ...models.patched_named_task_request import PatchedNamedTaskRequest
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.precondition_failed_failure import PreconditionFailedFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.task_envelope import TaskEnvelope
from ...models.unsupported_media_type_failure import UnsupportedMediaTypeFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: PatchedNamedTaskRequest | Unset = UNSET,
    id: UUID | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    json_id: str | Unset = UNSET
    if not isinstance(id, Unset):
        json_id = str(id)
    params["id"] = json_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/tasks",
        "params": params,
    }

    if not isinstance(body, Unset):
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
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = TaskEnvelope.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequestMalformedJsonValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = AuthenticationFailedNotAuthenticatedTokenInvalidFailure.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = NotFoundFailure.from_dict(response.json())

        return response_404

    if response.status_code == 412:
        response_412 = PreconditionFailedFailure.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = PayloadTooLargeFailure.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = UriTooLongFailure.from_dict(response.json())

        return response_414

    if response.status_code == 415:
        response_415 = UnsupportedMediaTypeFailure.from_dict(response.json())

        return response_415

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
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
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
    body: PatchedNamedTaskRequest | Unset = UNSET,
    id: UUID | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Change a task named in the body or query

     Change the fields that the body gives. A field that is absent stays; null clears it. The task is
    named by `id` in the body or in the query.

    Args:
        id (UUID | Unset):
        if_match (str | Unset):
        body (PatchedNamedTaskRequest | Unset): The changes of a task, and its id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | PreconditionFailedFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
        id=id,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: PatchedNamedTaskRequest | Unset = UNSET,
    id: UUID | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Change a task named in the body or query

     Change the fields that the body gives. A field that is absent stays; null clears it. The task is
    named by `id` in the body or in the query.

    Args:
        id (UUID | Unset):
        if_match (str | Unset):
        body (PatchedNamedTaskRequest | Unset): The changes of a task, and its id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | PreconditionFailedFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        body=body,
        id=id,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PatchedNamedTaskRequest | Unset = UNSET,
    id: UUID | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Change a task named in the body or query

     Change the fields that the body gives. A field that is absent stays; null clears it. The task is
    named by `id` in the body or in the query.

    Args:
        id (UUID | Unset):
        if_match (str | Unset):
        body (PatchedNamedTaskRequest | Unset): The changes of a task, and its id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | PreconditionFailedFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
        id=id,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PatchedNamedTaskRequest | Unset = UNSET,
    id: UUID | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | PreconditionFailedFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskEnvelope
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Change a task named in the body or query

     Change the fields that the body gives. A field that is absent stays; null clears it. The task is
    named by `id` in the body or in the query.

    Args:
        id (UUID | Unset):
        if_match (str | Unset):
        body (PatchedNamedTaskRequest | Unset): The changes of a task, and its id.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | PreconditionFailedFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskEnvelope | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            id=id,
            if_match=if_match,
        )
    ).parsed
