"""Keys of issuers: reading, fetching, caching. Spec 5."""
