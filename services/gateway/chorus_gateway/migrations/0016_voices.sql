-- Texts reach executors in their voice: they read no voice.
revoke select (cartridge_id, client_id, version, definition) on gateway.api_cartridges from chorus_executor;
