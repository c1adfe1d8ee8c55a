"""The provider's hosted page, where people connect their accounts: port, HTTP, fake."""
