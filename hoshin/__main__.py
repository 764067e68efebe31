"""`python -m hoshin` is the `hoshin` command."""

from hoshin.cli import main

if __name__ == "__main__":
    main()
