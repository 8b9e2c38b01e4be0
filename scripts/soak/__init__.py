"""Many runs of known output and artifacts, server and containers killed at random; then everything is counted."""
