"""How the fake refuses: Google's status, HTTP code and words. Nothing else."""


class ApiError(Exception):
    """An answer other than 200: `code` as in HTTP, `status` and `message` as in Google's error body."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(code, status, message)
        self.code = code
        self.status = status
        self.message = message


def invalid(message: str) -> ApiError:
    """400: the request makes no sense here."""
    return ApiError(400, "INVALID_ARGUMENT", message)


def unbuilt(what: str) -> ApiError:
    """501: Google would do it, this fake does not; never to be mistaken for a success or for Google's refusal."""
    return ApiError(501, "UNIMPLEMENTED", f"the fake does not do {what}")
