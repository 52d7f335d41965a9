"""Double opt-in texts: when one may go, who gets one, and the states of each. Knows no gateway."""
