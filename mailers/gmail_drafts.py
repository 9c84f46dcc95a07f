"""Drafts in Gmail: laid down, sent, asked for, deleted; and what a lost answer leaves open about each.

Documented (reference of users.drafts, guide "drafts"): a draft's id is lasting; sending consumes the draft and answers
with the message; each method used here takes the scope gmail.compose, `drafts.list` with a search too. Open: whether a
failed sending leaves the draft (assumed, and asked for each time); whether editing a draft by hand changes its id (some
say so); whether a draft bears our Message-ID and is found by it at once (only stray drafts hang on it); and whether the
letter bears it when it arrives: others saw Gmail put one of its own in the place.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from urllib.parse import quote

from mailers.gmail_connection import GmailConnection
from mailers.gmail_errors import Gone, InDoubt, Network, NotTaken, Unsure, Who, unreachable
from mailers.gmail_sign_in import GmailAccess
from validators.errors import OutOfReach, Trouble

TRIES = 3  # of sending or deleting a draft when answers get lost
_UNHEARD = "Gmail has sent it, but its answer got lost: the draft is gone"


class Drafts:
    """The drafts of one mailbox. It signs in at the first request; `timeouts`: to connect, and to hear anything."""

    def __init__(
        self,
        access: GmailAccess,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        *,
        chance: Random | None = None,
        timeouts: tuple[float, float] = (10, 120),
    ) -> None:
        """`clock` tells seconds that never go back."""
        self._sleep, self._chance = sleep, chance or SystemRandom()
        self._gmail = GmailConnection(access, sleep, clock, self._chance, timeouts)

    @property
    def who(self) -> Who:
        """For whom letters are written, and by which account.

        Raises:
            OutOfReach: the key file is missing, or no key.
        """
        return self._gmail.who

    def address(self) -> str:
        """The address of the mailbox (users.getProfile).

        Raises:
            OutOfReach: no sign-in, no such mailbox, or no answer.
        """
        return str(self._gmail.read("/profile", {}).get("emailAddress", ""))

    def create(self, content: bytes) -> str:
        """Lay down the message `content` as a draft; the draft's id (users.drafts.create).

        Raises:
            NotTaken: Gmail does not accept this message.
            Unsure: no answer came: a draft may lie there all the same.
            OutOfReach: Gmail does not serve us.
        """
        body = {"message": {"raw": urlsafe_b64encode(content).decode()}}
        return _id(self._gmail.write("POST", "/drafts", body))

    def send(self, draft: str) -> str:
        """Send a draft (users.drafts.send); what Gmail says of it.

        A draft can be sent once: where an answer got lost, one that is gone has left, and one that is still there is
        sent again, the same one, so that whatever becomes of the lost request, one letter leaves.

        Raises:
            NotTaken: it has not been sent, so far.
            InDoubt: nobody can tell, as long as Gmail cannot be asked.
            OutOfReach: Gmail does not serve us; it has surely not been sent.
        """
        why = ""
        for number in range(TRIES):
            try:
                return f"Gmail message {_id(self._gmail.write('POST', '/drafts/send', {'id': draft}))}"
            except Gone as error:
                if not why:
                    raise NotTaken("the draft is gone: somebody deleted or sent it") from error
                return _UNHEARD
            except (NotTaken, OutOfReach):
                if not why:
                    raise
                break  # that says nothing of the first try
            except Unsure as error:
                why = str(error)
            if not self._still_there(draft):
                return _UNHEARD
            self._sleep(self._chance.uniform(0, 2.0**number))
        if self._still_there(draft):
            raise NotTaken(why, late=True)
        return _UNHEARD

    def lies(self, draft: str) -> bool:
        """Whether the draft is there (users.drafts.get): one that was sent is not, nor is one that was deleted.

        Raises:
            OutOfReach: Gmail could not be asked.
        """
        try:
            found = self._gmail.read(f"/drafts/{quote(draft, safe='')}", {"format": "minimal"})
        except Gone:
            return False
        if not found.get("id"):
            raise unreachable(Network.UNREADABLE)
        return True

    def delete(self, draft: str) -> bool:
        """Delete a draft for good, so that it cannot be sent any more; False when there was none (users.drafts.delete).

        Raises:
            Unsure: an answer got lost, and now the draft is gone: deleted, or sent just before.
            OutOfReach: Gmail could not be asked, or does not delete it.
        """
        unsure: Unsure | None = None
        for number in range(TRIES):
            try:
                self._gmail.write("DELETE", f"/drafts/{quote(draft, safe='')}")
            except Gone:
                if unsure:
                    raise unsure from None
                return False
            except NotTaken as error:
                raise _kept(f"Gmail does not delete the draft {draft}: {error}.") from error
            except Unsure as error:
                unsure = error
                if not self.lies(draft):
                    raise
                self._sleep(self._chance.uniform(0, 2.0**number))
            else:
                return True
        raise _kept(f"Gmail does not delete the draft {draft}.")

    def find(self, message_id: str) -> list[str]:
        """The ids of drafts that bear the Message-ID, as far as Gmail's search knows (users.drafts.list).

        Raises:
            OutOfReach: Gmail could not be asked.
        """
        found = self._gmail.read("/drafts", {"q": f"rfc822msgid:{message_id.strip('<>')}"}).get("drafts")
        listed = found if isinstance(found, list) else []
        return [str(draft["id"]) for draft in listed if isinstance(draft, dict) and draft.get("id")]

    def close(self) -> None:
        """End the connection; the next request makes another."""
        self._gmail.close()

    def _still_there(self, draft: str) -> bool:
        try:
            return self.lies(draft)
        except OutOfReach as error:
            raise InDoubt(f"Gmail's answer got lost, and it cannot be asked: {error.what}") from error


def _id(answer: Mapping[str, object]) -> str:
    """The id of what was made."""
    if not answer.get("id"):
        raise Unsure(unreachable(Network.UNREADABLE).what.rstrip("."))
    return str(answer["id"])


def _kept(what: str) -> OutOfReach:
    return OutOfReach(what, "Delete it in Gmail.", trouble=Trouble.MAIL)
