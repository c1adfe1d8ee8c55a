"""The README names every problem that the API answers with."""

from pathlib import Path

from chorus_gateway.api.problem_table import PROBLEMS

README = Path(__file__).parents[3] / "README.md"


def test_the_readme_names_every_code() -> None:
    """E6: who integrates need not read the code."""
    text = README.read_text()
    assert [code for code in PROBLEMS if f"`{code}`" not in text] == []
