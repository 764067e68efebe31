"""Changes that have been made at the request of a browser, known by the number that the proxy gave the request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import Base

LONGEST_ID = 64


class Deed(Base):
    """That what this request of this sign-in asked for is done; written in the transaction of the deed itself.

    `place` is the address that the answer led to, where that was known by then. A sign-in is no foreign key: nobody
    who signs out waits for a row of a day ago.
    """

    __tablename__ = "deeds"

    sign_in_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_id: Mapped[str] = mapped_column(String(LONGEST_ID), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UTCInstant)
    place: Mapped[str] = mapped_column(Text, default="")
