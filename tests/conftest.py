"""What all tests can ask for; each group of fixtures is a module in `fixtures`."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.databases",
    "tests.fixtures.topics",
    "tests.fixtures.sharing",
]
