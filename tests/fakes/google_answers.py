"""Answers in the words and shapes of Google's servers: JSON errors, pages of the front end. No transport here."""

import json
from dataclasses import dataclass, field
from typing import Any

PROJECT = "123456789012"
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_FRONT_END = {
    404: ("Error 404 (Not Found)!!1", "The requested URL was not found on this server."),
    429: ("Error 429 (Too Many Requests)!!1", "We're sorry, but you have sent too many requests to us recently."),
    500: ("Error 500 (Server Error)!!1", "There was an error. Please try again later."),
    503: ("Error 503 (Service Unavailable)!!1", "The server is temporarily unable to service your request."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what goes with it: JSON content, or the text of a page."""

    status: int
    content: Any = None
    page: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """As the header says it."""
        return "text/html; charset=UTF-8" if self.page else "application/json; charset=UTF-8"

    def body(self, *, pretty: bool = True) -> bytes:
        """The bytes; pretty ones are indented by two, as Google does when it is not told otherwise."""
        if self.page:
            return self.page.encode()
        if self.content is None:
            return b""
        if pretty:
            return (json.dumps(self.content, ensure_ascii=False, indent=2) + "\n").encode()
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()


def error(code: int, message: str, *, status: str = "", details: list[dict[str, Any]] | None = None) -> Answer:
    """An error of the API: https://cloud.google.com/apis/design/errors"""
    content: dict[str, Any] = {"code": code, "message": message, "status": status or STATUSES[code]}
    if details:
        content["details"] = details
    return Answer(code, {"error": content})


def front_end(code: int) -> Answer:
    """An error of what stands in front of the API: a page, no JSON."""
    title, sentence = _FRONT_END[code]
    return Answer(
        code,
        page=f"<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>{title}</title>\n"
        f"  <p><b>{code}.</b> <ins>That’s an error.</ins>\n  <p>{sentence}  <ins>That’s all we know.</ins>\n",
    )


def bad_request(message: str, field_name: str, description: str) -> Answer:
    """A 400 that names the field at fault."""
    violation = {"field": field_name, "description": description}
    return error(400, message, details=[_typed("BadRequest", fieldViolations=[violation])])


def unknown_parameter(name: str) -> Answer:
    """A query parameter that the method does not have."""
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    violation = {"description": message}
    return error(400, message, details=[_typed("BadRequest", fieldViolations=[violation])])


def bad_mask(path: str) -> Answer:
    """A `fields` mask that names what is not there."""
    return bad_request(
        "Request contains an invalid argument.",
        path,
        f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'.",
    )


def unregistered() -> Answer:
    """A request without any sign-in."""
    return error(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def unauthenticated() -> Answer:
    """A token that is damaged, or whose time is over."""
    return error(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def insufficient_scope(service: str) -> Answer:
    """A token that was given for something else."""
    detail = _typed(
        "ErrorInfo",
        reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        domain="googleapis.com",
        metadata={"service": f"{service}.googleapis.com"},
    )
    return error(403, "Request had insufficient authentication scopes.", details=[detail])


def disabled(service: str, name: str) -> Answer:
    """The API is switched off in the project of the account."""
    address = f"https://console.developers.google.com/apis/api/{service}.googleapis.com/overview?project={PROJECT}"
    message = (
        f"{name} API has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {address} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    metadata = {"consumer": f"projects/{PROJECT}", "service": f"{service}.googleapis.com", "activationUrl": address}
    return error(
        403,
        message,
        details=[_typed("ErrorInfo", reason="SERVICE_DISABLED", domain="googleapis.com", metadata=metadata)],
    )


def over_quota(kind: str, limit: int) -> Answer:
    """More requests a minute than allowed; `kind` is "Read" or "Write"."""
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' of service "
        f"'sheets.googleapis.com' for consumer 'project_number:{PROJECT}'."
    )
    metadata = {
        "consumer": f"projects/{PROJECT}",
        "quota_limit": f"{kind}RequestsPerMinutePerUser",
        "quota_limit_value": str(limit),
        "quota_location": "global",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "service": "sheets.googleapis.com",
    }
    return error(
        429,
        message,
        details=[_typed("ErrorInfo", reason="RATE_LIMIT_EXCEEDED", domain="googleapis.com", metadata=metadata)],
    )


def failure(code: int) -> Answer:
    """A failure of Google's own: 429 of the whole project, 500, 503."""
    if code == 429:
        return over_quota("Write", 60)
    words = {500: "Internal error encountered.", 503: "The service is currently unavailable."}
    return error(code, words[code])


def drive_error(code: int, message: str, reason: str) -> Answer:
    """An error as the Drive API words it."""
    inner = {"message": message, "domain": "global", "reason": reason}
    return Answer(code, {"error": {"code": code, "message": message, "errors": [inner]}})


def _typed(name: str, **content: Any) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{name}", **content}
