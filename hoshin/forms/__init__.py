"""Plain WTForms: they read text, check its shape and hand over one typed wish; they never query."""
