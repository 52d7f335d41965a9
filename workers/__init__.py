"""Delivery: the Celery app, its tasks, intake of events, sweeps and the sending of texts. No SQL, no row logic."""
