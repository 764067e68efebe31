"""An empty page of Flask behind the planner's own server settings: `python -m tests.bench.bare PORT WORKERS`."""

from __future__ import annotations

import sys

from flask import Flask

from hoshin.cli.serve import Server, settings_of


def main() -> None:
    """Serve until killed."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "")
    place = f"127.0.0.1:{int(sys.argv[1])}"
    Server(app, settings_of(place=place, workers=int(sys.argv[2]))).run()


if __name__ == "__main__":
    main()
