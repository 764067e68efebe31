"""The browser's door: one module per noun, each with a blueprint called `bp`."""
