"""The only policy of the product: who may do what to which thing."""
