"""What goes over the wire, by noun: ids are strings, instants ISO 8601 in UTC, no embeddings."""
