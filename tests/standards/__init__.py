"""docs/standards.md and the page of that name: one source, and what it may not say."""
