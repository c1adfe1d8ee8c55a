"""Everything that Chorus needs, on one machine: servers, services, clients, data to begin with."""
