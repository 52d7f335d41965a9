"""The door to whoever carries text messages. Owns the call; not who gets a text, nor what becomes of it."""

from typing import Protocol

import structlog

_log = structlog.get_logger(__name__)


class Gateway(Protocol):
    """One attempt to send one text."""

    def send(self, text_id: int, phone: str, body: str) -> str:
        """Send `body` to a phone in E.164; returns the gateway's own id for it.

        `text_id` is passed on as the caller's reference, so that the gateway's reports can be matched. Any exception
        means that the outcome is unclear; the caller does not try again.
        """


class LogGateway:
    """Sends nothing: writes a line with the text's id, for development and demonstrations."""

    def send(self, text_id: int, phone: str, body: str) -> str:
        """Log the text's id alone; the phone and the body stay out of the log."""
        _log.info("text_sent", text_id=text_id)
        return f"log-{text_id}"
