"""The judge and the plan of the chaos tests."""
