"""Tests that speak to a message broker run where ``TEST_BROKER_URLS`` names one or several."""

import os

collect_ignore = [] if os.environ.get("TEST_BROKER_URLS") else ["test_workers.py"]
