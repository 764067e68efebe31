"""Every SELECT of the product: find_x may be None, get_x raises Missing, list_x is ordered."""
