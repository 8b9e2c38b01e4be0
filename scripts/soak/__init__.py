"""Many runs of known output and artifacts, server and containers killed at random meanwhile; then everything is counted."""
