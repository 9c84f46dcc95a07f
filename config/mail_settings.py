"""The sections of the settings about letters and notices: how they leave, and where their answers arrive."""

from typing import Literal

from pydantic import SecretStr, ValidationInfo, field_validator

from config.sections import Section, need, setting, whole
from config.setting_kinds import Address, Ping, Sender, Urls, split_notice, split_sender
from validators.text import fold

EACH = "{workbook}"  # in an address: the name of each workbook


class Mail(Section):
    """How letters leave."""

    transport: Literal["folder", "smtp", "gmail"] = setting(
        "folder", "How letters leave: as files, by a mail server, by Gmail.", '"folder", "smtp" or "gmail"'
    )
    folder: str = setting("outbox", "Where letters are written as files.", "the path of a folder", min_length=1)
    sender: Sender = setting(
        "Biuro <biuro@example.pl>", "Who writes.", 'an e-mail address such as "Biuro <biuro@firma.pl>"'
    )
    reply_to: Address = setting("", "Where answers go, if not to the sender.", "one e-mail address, or nothing")
    host: str = setting("", "The mail server.", "the name of a mail server", validate_default=True)
    port: int = whole(587, "The mail server's port.", 1, 65535)
    security: Literal["starttls", "tls", "none"] = setting(
        "starttls", "How the way to the mail server is secured.", '"starttls", "tls" or "none"'
    )
    username: str = setting("", "The mail server's user; blank for none.", "a user name, or nothing")
    password: SecretStr = setting(
        SecretStr(""),
        "The mail server's password; never in the file.",
        "a password",
        variable="KARTOTEKA_SMTP_PASSWORD",
    )

    credentials: str = setting(
        "",
        "The Google key file for Gmail; blank for application default credentials.",
        "the path of a JSON key file, or nothing",
    )
    max_per_minute: int = whole(0, "How many letters the mail server takes in a minute; 0 for no limit.", 0, 100000)
    attachments: str = setting(
        "",
        "The folder of invoices to attach, each named NUMBER.pdf; blank attaches none.",
        'the path of a folder such as "invoices", or nothing',
    )
    imap_host: str = setting(
        "",
        "The server of the mailbox in which bounces and answers arrive; blank: it is not read.",
        "the name of a mail server, or nothing",
    )
    imap_port: int = whole(993, "That server's port.", 1, 65535)
    imap_security: Literal["starttls", "tls", "none"] = setting(
        "tls", "How the way to that server is secured.", '"starttls", "tls" or "none"'
    )
    imap_username: str = setting("", "That server's user; blank for the mail server's.", "a user name, or nothing")
    imap_password: SecretStr = setting(
        SecretStr(""),
        "That server's password, if not the mail server's; never in the file.",
        "a password",
        variable="KARTOTEKA_IMAP_PASSWORD",
    )
    inbox: str = setting("INBOX", "The folder in which bounces and answers arrive.", "a mailbox folder", min_length=1)
    sent_mailbox: str = setting(
        "",
        "The folder in which sent letters lie, to look up those in doubt; blank: they are not looked up.",
        'a mailbox folder such as "Sent", or nothing',
    )

    @field_validator("host")
    @classmethod
    def _host_for_smtp(cls, value: str, info: ValidationInfo) -> str:
        return need(value, info, "transport", "smtp")

    @property
    def sender_name(self) -> str:
        """The sender's name, "" when there is only an address."""
        return split_sender(self.sender)[0]

    @property
    def sender_address(self) -> str:
        """The sender's bare address."""
        return split_sender(self.sender)[1]


class Notify(Section):
    """Who in the team is told."""

    urls: Urls = setting(
        (),
        "Where notices for the team go (Apprise); after a name and =, those about that owner's clients only.",
        'Apprise addresses such as "slack://…" or "Anna=mailto://…"',
    )
    ping: Ping = setting(
        SecretStr(""),
        "The address of a watchdog that is called after each sync; with /start before it, with /fail if it failed.",
        f'a web address such as "https://hc-ping.com/…", in which {EACH} means the workbook\'s name, or nothing',
    )

    @property
    def addresses(self) -> tuple[tuple[frozenset[str], str], ...]:
        """Each address with the owners whose clients it is told of, folded; none for everybody's. Secret."""
        split = (split_notice(url.get_secret_value()) for url in self.urls)
        return tuple((frozenset(map(fold, names)), url) for names, url in split)

    def hears_of(self, owner: str) -> bool:
        """Whether anybody is told of the clients of `owner`."""
        return any(not owners or fold(owner) in owners for owners, _ in self.addresses)
