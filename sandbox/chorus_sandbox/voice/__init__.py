"""A text model behind the chat-completions API, deterministic."""
