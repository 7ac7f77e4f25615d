"""The contract of a visit, written as pydantic models."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, NonNegativeInt

COUNTER_ID = "^[a-z0-9][a-z0-9-]*$"
CounterId = Annotated[str, Field(pattern=COUNTER_ID, min_length=1, max_length=64)]


class Totals(BaseModel):
    date: date
    visits: NonNegativeInt
    visitors: NonNegativeInt


class VisitReceipt(BaseModel):
    counterId: CounterId  # noqa: N815
    visits: NonNegativeInt
    visitors: NonNegativeInt
    today: Totals
    counted: bool
