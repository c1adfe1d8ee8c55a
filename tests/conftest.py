"""What all tests can ask for; each group of fixtures is a module in `fixtures`."""

import hypothesis

# An example that takes long on a busy machine is no fault.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.databases",
    "tests.fixtures.topics",
    "tests.fixtures.sharing",
]
