"""What happens to rows: stages, checkpoints, history, replay. Knows no Celery and no boto3."""
