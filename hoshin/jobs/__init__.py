"""The door of the job process: mail and long work that nobody waits for at a page."""
