"""The document is tried where PostgreSQL and a broker are named."""

import os

_SERVICES = ("TEST_DATABASE_URL", "TEST_BROKER_URLS")
collect_ignore = [] if all(map(os.environ.get, _SERVICES)) else ["test_document.py"]
