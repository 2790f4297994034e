"""What a source that uses the network is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress
    from wizard.net.network import Network


@dataclass(frozen=True, slots=True)
class Look:
    """One look-up: whose servers are wanted, what is permitted, and the way into the network.

    The resolver of ``network`` answers the same question from memory, so sources may ask for what others asked.
    """

    address: EmailAddress
    options: LookUpOptions
    network: Network
