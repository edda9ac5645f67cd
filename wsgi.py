"""The application as servers load it: settings from the environment, the index, the worker."""

from config import Settings
from marketplace import create_app
from marketplace.matchmaking.indexing import current_library
from marketplace.worker import Worker

settings = Settings.from_environ()
app = create_app(settings)
with app.app_context():
    current_library().open_snapshots()
    current_library().reconcile()
if settings.embedded:
    worker = Worker(app)
    worker.start()
