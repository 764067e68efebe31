"""Foreign formats: bytes in, wishes and rows out, and the other way round."""
