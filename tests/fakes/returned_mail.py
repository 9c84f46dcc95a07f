"""Messages as mail servers and mail programs really send them about a letter: bounces, delays, replies, machines."""

from collections.abc import Callable
from textwrap import dedent

from tests.fakes.imap_server import Fault
from tests.fakes.mail_server import Step

__all__ = ["Fault"]
Sample = Callable[[str, str], str]

OURS = "<kartoteka.0123456789abcdef0123456789abcdef@firma.example>"
TO = "anna@zuraw.pl"


def _mail(text: str, ours: str, to: str) -> str:
    return dedent(text).lstrip("\n").replace("OURS", ours).replace("TO@", to)


def postfix_bounce(ours: str = OURS, to: str = TO, status: str = "5.1.1", action: str = "failed") -> str:
    """Postfix, RFC 3464, with the returned headers."""
    code = "550" if status.startswith("5") else "450"
    text = """
        Return-Path: <>
        From: MAILER-DAEMON@mail.firma.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: biuro@firma.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B1"
        Message-Id: <20261122080001.5F3A@mail.firma.example>

        --B1
        Content-Description: Notification
        Content-Type: text/plain; charset=utf-8

        This is the mail system at host mail.firma.example.

        <TO@>: host mx.zuraw.pl[192.0.2.7] said: CODE STATUS <TO@>: Recipient address rejected (in reply to RCPT TO)

        --B1
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.firma.example
        X-Postfix-Queue-ID: 5F3A

        Final-Recipient: rfc822; TO@
        Original-Recipient: rfc822;TO@
        Action: ACTION
        Status: STATUS
        Remote-MTA: dns; mx.zuraw.pl
        Diagnostic-Code: smtp; CODE STATUS <TO@>: Recipient address rejected: User unknown

        --B1
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        From: Biuro <biuro@firma.example>
        To: TO@
        Subject: Przypomnienie
        Message-ID: OURS

        --B1--
        """
    return _mail(text, ours, to).replace("STATUS", status).replace("ACTION", action).replace("CODE", code)


def exchange_bounce(ours: str = OURS, to: str = TO) -> str:
    """Exchange Online: HTML only, the letter inside as a message, In-Reply-To."""
    text = """
        From: Microsoft Outlook <MicrosoftExchange329e71ec@firma.example>
        Return-Path: <>
        Message-ID: <a1b2c3@AM0PR01.eurprd01.prod.exchangelabs.com>
        In-Reply-To: OURS
        References: OURS
        Subject: =?utf-8?Q?Nie_mo=C5=BCna_dostarczy=C4=87=3A_Przypomnienie?=
        Content-Type: multipart/report; report-type=delivery-status; boundary="E1"

        --E1
        Content-Type: multipart/alternative; boundary="E2"

        --E2
        Content-Type: text/html; charset="utf-8"

        <html><body><p>Twoja wiadomość nie została dostarczona do adresata TO@.</p></body></html>

        --E2--

        --E1
        Content-Type: message/delivery-status

        Reporting-MTA: dns;AM0PR01.eurprd01.prod.outlook.com
        Received-From-MTA: dns;mail.firma.example

        Final-Recipient: rfc822;TO@
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient TO@ not found by SMTP address lookup

        --E1
        Content-Type: message/rfc822

        Message-ID: OURS
        Subject: Przypomnienie
        Content-Type: text/plain

        Prosimy o zapłatę.
        --E1--
        """
    return _mail(text, ours, to)


def gmail_bounce(ours: str = OURS, to: str = TO, *, delayed: bool = False) -> str:
    """Gmail: what it says when an address is not found, or when it goes on trying."""
    text = """
        Return-Path: <>
        Auto-Submitted: auto-replied
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: biuro@firma.example
        X-Failed-Recipients: TO@
        References: OURS
        In-Reply-To: OURS
        Message-ID: <69219f.050a0220.1@mx.google.com>
        Subject: Delivery Status Notification (KIND)
        Content-Type: multipart/report; boundary="00000000"; report-type=delivery-status

        --00000000
        Content-Type: text/plain; charset="UTF-8"

        ** Nie znaleziono adresu **

        Wiadomość nie dotarła do TO@, ponieważ nie można znaleźć adresu.

        --00000000
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        Arrival-Date: Sun, 22 Nov 2026 08:00:00 -0800 (PST)

        Final-Recipient: rfc822; TO@
        Action: ACTION
        Status: STATUS
        Diagnostic-Code: smtp; CODE-STATUS The email account that you tried to reach does not exist.
        Last-Attempt-Date: Sun, 22 Nov 2026 08:00:01 -0800 (PST)

        --00000000
        Content-Type: message/rfc822

        Message-ID: OURS

        --00000000--
        """
    told = {"KIND": "Delay", "ACTION": "delayed", "STATUS": "4.4.1", "CODE": "451"}
    told = told if delayed else {"KIND": "Failure", "ACTION": "failed", "STATUS": "5.1.1", "CODE": "550"}
    mail = _mail(text, ours, to)
    for name, value in told.items():
        mail = mail.replace(name, value)
    return mail


def o2_bounce(ours: str = OURS, to: str = TO) -> str:
    """Polish free mail in its own words: no report, the letter quoted below."""
    text = """
        Return-Path: <>
        From: MAILER-DAEMON@tlen.pl
        To: biuro@firma.example
        Subject: =?UTF-8?Q?Wiadomo=C5=9B=C4=87_nie_zosta=C5=82a_dostarczona?=
        Message-ID: <20261122.1@go2.pl>
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        Witaj,
        Twoja wiadomość nie została dostarczona do odbiorcy:

        <TO@>:
        Serwer odbiorcy odpowiedział: 550 5.1.1 Konto nie istnieje / mailbox unavailable

        --- Poniżej kopia nagłówków wiadomości ---

        Return-Path: <biuro@firma.example>
        Received: from mail.firma.example (192.0.2.1) by tlen.pl
        Message-ID: OURS
        Subject: Przypomnienie
        """
    return _mail(text, ours, to)


def wp_bounce(ours: str = OURS, to: str = TO) -> str:
    """qmail's words, as many a Polish host still sends them."""
    text = """
        Return-Path: <>
        From: MAILER-DAEMON@wp.pl
        To: biuro@firma.example
        Subject: failure notice

        Hi. This is the qmail-send program at wp.pl.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <TO@>:
        Sorry, no mailbox here by that name. (#5.1.1)

        --- Below this line is a copy of the message.

        Return-Path: <biuro@firma.example>
        Received: (wp-smtpd smtp.wp.pl 4711 invoked from network); 22 Nov 2026 08:00:00 +0100
        Message-ID: OURS
        Subject: Przypomnienie

        Prosimy o zapłatę.
        """
    return _mail(text, ours, to)


def exim_delay(ours: str = OURS, to: str = TO) -> str:
    """Exim, as in cPanel's hosts: a warning, not the end."""
    text = """
        Return-path: <>
        From: Mail Delivery System <Mailer-Daemon@s12.hosting.example>
        To: biuro@firma.example
        Auto-Submitted: auto-replied
        References: OURS
        Message-Id: <E1k@s12.hosting.example>
        Subject: Warning: message 1k-0001-Ab delayed 24 hours

        This message was created automatically by mail delivery software.
        A message that you sent has not yet been delivered to one or more of its
        recipients after more than 24 hours on the queue on s12.hosting.example.

        The address to which the message has not yet been delivered is:

          TO@
            host mx.zuraw.pl [192.0.2.7]
            Delay reason: SMTP error from remote mail server after RCPT TO:<TO@>:
            450 4.7.1 Greylisted, try again later

        No action is required on your part.
        """
    return _mail(text, ours, to)


def delivered(ours: str = OURS, to: str = TO) -> str:
    """A report that all went well: no answer at all."""
    return postfix_bounce(ours, to, "2.0.0", "relayed").replace("Undelivered Mail Returned to Sender", "Delivered")


def read_receipt(ours: str = OURS, to: str = TO) -> str:
    """A receipt that the letter was opened (RFC 8098)."""
    text = """
        From: Anna <TO@>
        To: biuro@firma.example
        Subject: Przeczytano: Przypomnienie
        In-Reply-To: OURS
        Message-ID: <mdn1@zuraw.pl>
        Content-Type: multipart/report; report-type=disposition-notification; boundary="R"

        --R
        Content-Type: text/plain; charset=utf-8

        Twoja wiadomość została przeczytana.

        --R
        Content-Type: message/disposition-notification

        Original-Message-ID: OURS
        Disposition: manual-action/MDN-sent-manually; displayed

        --R--
        """
    return _mail(text, ours, to)


def reply(text: str, ours: str = OURS, to: str = TO, *, own: str = "<reply1@zuraw.pl>", headers: str = "") -> str:
    """A reply of a mail program, its text as given."""
    head = f"From: Anna Żuraw <{to}>\nTo: biuro@firma.example\nSubject: Re: Przypomnienie\nMessage-ID: {own}\n"
    head += f"In-Reply-To: {ours}\nReferences: {ours}\n{headers}MIME-Version: 1.0\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}"


def away(ours: str = OURS, to: str = TO) -> str:
    """Exchange's out-of-office, in Polish."""
    text = "Jestem na urlopie do 30 listopada. W pilnych sprawach: recepcja@zuraw.pl"
    headers = "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
    told = reply(text, ours, to, own="<ooo1@zuraw.pl>", headers=headers)
    return told.replace(
        "Subject: Re: Przypomnienie", "Subject: =?utf-8?q?Odpowied=C5=BA_automatyczna=3A_Przypomnienie?="
    )


def refusing(step: str, words: bytes) -> Callable[[Step], bytes | None]:
    """The fate of a mail server that answers so at `step`."""
    return lambda now: words if now.name == step else None
