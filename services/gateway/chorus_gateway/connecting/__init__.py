"""Pages for whoever connects an account: whose team it goes to, what came of it, the way back."""
