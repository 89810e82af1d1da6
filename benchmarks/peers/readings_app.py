"""What one would write first to take readings over HTTP: FastAPI with a pydantic model. It checks a batch and stores nothing."""

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel


class Reading(BaseModel):
    """One reading."""

    meter: str
    time: AwareDatetime
    value: float


class Batch(BaseModel):
    """A batch of readings."""

    batch: str
    readings: list[Reading]


app = FastAPI()


@app.post("/readings")
async def take(batch: Batch) -> dict[str, int]:
    """Answer how many readings a batch has."""
    return {"accepted": len(batch.readings)}
