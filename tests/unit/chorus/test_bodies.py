"""Looking through a body costs in proportion to its size, whatever it holds."""

import pytest

from chorus.bodies import BodyBounds, BodyRefused, BodyTooComplex, examine

BOUNDS = BodyBounds()


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"0," * 10_001 + b"0]",
        b"[" + b'"",' * 10_001 + b'""]',
        b"[" + b"[]," * 10_001 + b"0]",
        b'["' + rb"\"" * 10 + b'"' + b",0" * 10_001 + b"]",
    ],
)
def test_more_values_than_are_taken_are_refused_unparsed(body: bytes) -> None:
    """E6: and signs within a string count for nothing."""
    with pytest.raises(BodyTooComplex):
        examine(body, BOUNDS)


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "' + b",[{" * 20_000 + b'"}',
        b'{"text": "' + rb"\"," * 20_000 + b'"}',
        b'{"text": "' + rb"\\\"," * 20_000 + rb'\\"}',
    ],
)
def test_what_stands_in_a_text_is_no_value(body: bytes) -> None:
    """E6: whatever somebody writes is one text."""
    examine(body, BOUNDS)


@pytest.mark.timeout(120)
def test_a_body_that_is_made_to_be_slow_is_not() -> None:
    """E6, D4: no body holds the loop: what looked at each byte many times took hours for this."""
    hostile = b"[" + b"," * 10_001 + b'"' + rb"\"" * 500_000
    with pytest.raises(BodyRefused):
        examine(hostile, BOUNDS)
