"""The scripts here run in environments of their own; pytest must not import them in search of doctests."""

collect_ignore_glob = ["make_*.py"]
