"""Images: where they come from (registry, ecr, signature) and how they get onto this host's engine (store)."""
