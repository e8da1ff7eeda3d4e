"""A mailbox as a channel: buyers' mail in over IMAP, our answers out over SMTP.

For Amazon's relay mail and for shops whose platform has no inbox of its own. Importing this is cheap; the mail
libraries are loaded when an account is opened. What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec, Rate

SPEC = ConnectorSpec(
    name="mail",
    title="E-mail (IMAP, SMTP)",
    capabilities=frozenset({Capability.READ_MESSAGES, Capability.WRITE_MESSAGE}),
    rates={"imapRead": Rate(5, 50), "smtpSend": Rate(0.5, 10)},
    build="platforms.mail.connector:Mail",
    settings="platforms.mail.settings:MailSettings",
    live_hosts=("*",),
)
