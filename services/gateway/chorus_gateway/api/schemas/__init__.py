"""The JSON documents of the API, by resource."""
