"""Real servers out of Python wheels, for every service that no setting points elsewhere."""
