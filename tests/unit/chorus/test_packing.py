"""Which partition a key goes to."""

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from chorus.kafka.packing import partition_of


@given(st.binary(max_size=64), st.integers(1, 64))
def test_a_key_goes_where_every_other_client_puts_it(key: bytes, partitions: int) -> None:
    """INVARIANT (K1): a key that moved to another partition would lose its order."""
    everywhere = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, everywhere, everywhere)
