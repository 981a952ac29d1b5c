"""What a read side is compared with: the log of a house, read by the house itself."""

from api.container import Container
from projections.verification import Log


def log_of(house: Container) -> Log:
    return Log(house.reads.facts_after, house.streams.opened, house.streams.carried)
