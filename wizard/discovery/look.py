"""What a source that uses the network is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.discovery.visits import Visits

if TYPE_CHECKING:
    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress
    from wizard.net.connect import Network


@dataclass(frozen=True, slots=True)
class Look:
    """One look-up: whose servers are wanted, what is permitted, and the way into the network.

    The resolver of ``network`` answers the same question from memory, and ``visits`` goes to the same server once, so
    sources may ask for what others asked.
    """

    address: EmailAddress
    options: LookUpOptions
    network: Network
    visits: Visits = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "visits", Visits(self.network))
