"""How far a letter came on its way out: the words that journal and witness share. Values only."""

from enum import StrEnum


class Progress(StrEnum):
    """How far a letter came. Before DOT it has surely not left; at DOT only the server knows."""

    CLAIMED = "claimed"
    SENDING = "sending"
    DOT = "dot"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
