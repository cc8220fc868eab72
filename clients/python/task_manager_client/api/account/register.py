from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.account_envelope import AccountEnvelope
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_malformed_json_validation_error_failure import (
    BadRequestMalformedJsonValidationErrorFailure,
)
from ...models.email_taken_failure import EmailTakenFailure
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.register_request import RegisterRequest
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.throttled_failure import ThrottledFailure
from ...models.unsupported_media_type_failure import UnsupportedMediaTypeFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import Response


def _get_kwargs(
    *,
    body: RegisterRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/auth/register",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 201:
        response_201 = AccountEnvelope.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = BadRequestMalformedJsonValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 409:
        response_409 = EmailTakenFailure.from_dict(response.json())

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
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
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
    client: AuthenticatedClient | Client,
    body: RegisterRequest,
) -> Response[
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Register

     Make an account.

    Args:
        body (RegisterRequest): A new account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AccountEnvelope | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmailTakenFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest,
) -> (
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Register

     Make an account.

    Args:
        body (RegisterRequest): A new account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AccountEnvelope | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmailTakenFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest,
) -> Response[
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Register

     Make an account.

    Args:
        body (RegisterRequest): A new account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AccountEnvelope | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmailTakenFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest,
) -> (
    AccountEnvelope
    | BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmailTakenFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Register

     Make an account.

    Args:
        body (RegisterRequest): A new account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AccountEnvelope | BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmailTakenFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
