"""The base of what is sent in."""

from pydantic import BaseModel, ConfigDict


class ClosedModel(BaseModel):
    """No unknown fields, no coercion, immutable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
