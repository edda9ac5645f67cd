"""The application as servers and workers load it: settings from the environment, the index.

Embedded, one process does everything. In production the processes that answer people follow the
index which the indexing worker writes; ``celery -A wsgi:celery`` finds the tasks here.
"""

from config import Settings
from marketplace import create_app
from marketplace.matchmaking.indexing import current_library, follow_index
from marketplace.tasks import make_celery
from marketplace.worker import Keeper, Worker

settings = Settings.from_environ()
app = create_app(settings)
celery = make_celery(app, settings.broker_url)
with app.app_context():
    current_library().open_snapshots()
    if settings.embedded:
        current_library().reconcile()
if settings.embedded:
    worker = Worker(app)
    worker.start()
else:
    app.before_request(follow_index)
    Keeper(app).start()
