"""Settings of the person index; each is an assumption (假设) a county may change in county.yml. Nothing else."""

from __future__ import annotations

from pydantic import Field, model_validator

from sources.base.strict import Strict


class IdentitySettings(Strict):
    """Bands of the match probability, and bounds that keep the work linear.

    A pair at or above `automatic_probability` may be linked without asking; from `review_probability` on a person is
    asked; what is below stays apart. A record whose two best people are closer than `margin_bits` is asked about too.
    A block of more than `block_cap` records is split, or skipped and reported. A card carried by more than
    `card_names` different names is nobody's card. `memory_mib` is what the engine of the index may hold in memory; what is
    more is written to the home folder's spill, without clear values.
    """

    automatic_probability: float = Field(default=0.98, gt=0, lt=1)
    review_probability: float = Field(default=0.5, gt=0, lt=1)
    margin_bits: float = Field(default=3.0, ge=0)
    block_cap: int = Field(default=120, ge=2)
    card_names: int = Field(default=4, ge=1)
    memory_mib: int = Field(default=768, ge=256)

    @model_validator(mode="after")
    def _in_order(self) -> IdentitySettings:
        if self.review_probability > self.automatic_probability:
            raise ValueError("review_probability must not exceed automatic_probability")
        return self
