"""A blog: users write posts, other users comment on them, tags sort them."""
